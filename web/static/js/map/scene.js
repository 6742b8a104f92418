/** What there is to draw: the areas and the schematic backdrop, as features in one frame. */
import { Frame, Group, feature, meets, ringsOf } from './frame.js';
import { mesh } from './mesh.js';

const probe = document.createElement('canvas').getContext('2d');

/** A name in the page's language, or in the other where there is none. */
export function localName(item, lang) {
  const [first, second] = lang === 'zh' ? [item.zh, item.en] : [item.en, item.zh];
  return first || second || '';
}

const closed = (frame, geometry) => feature(frame, ringsOf(geometry), true);
const line = (frame, item) => ({ ...feature(frame, ringsOf(item.line), false), item });

/** Centre of an area's label: the server's point, or the middle of its box. */
function labelPoint(frame, area, shape) {
  if (area.at) return frame.point(area.at);
  const [west, north, east, south] = shape.box;
  return { x: (west + east) / 2, y: (north + south) / 2 };
}

export class Scene {
  /**
   * @param {L.Map} map
   * @param {object|null} areas as /map/areas.json
   * @param {object|null} backdrop as /map/backdrop.json
   * @param {[number, number]} anchor lon, lat in the middle of the city
   */
  constructor(map, areas, backdrop, anchor) {
    this.frame = new Frame(map, anchor);
    this.readAreas(areas || { levels: [], areas: [] });
    this.readBackdrop(backdrop || {});
  }

  readAreas({ levels, areas, patch_level: patchLevel }) {
    const positions = [...levels].sort((a, b) => a.position - b.position);
    this.patchLevel = patchLevel || (positions.length ? positions[positions.length - 1].code : null);
    const all = areas.map((area) => {
      const shape = closed(this.frame, area.g);
      return { ...shape, area, code: area.code, level: area.level, at: labelPoint(this.frame, area, shape) };
    });
    this.byCode = new Map(all.map((item) => [item.code, item]));
    const ofLevel = (code) => all.filter((item) => item.level === code);
    const coarsest = positions.find((level) => ofLevel(level.code).length);
    this.patches = ofLevel(this.patchLevel);
    this.coarsest = coarsest ? ofLevel(coarsest.code) : [];
    this.patchBorders = this.borders(this.patches);
    // Levels between the whole city and the patches; a level of one area is the city itself.
    this.between = positions
      .filter((level) => level.code !== this.patchLevel)
      .map((level) => ofLevel(level.code))
      .filter((items) => items.length > 1);
    this.betweenBorders = this.between.map((items) => this.borders(items));
  }

  borders(items) {
    const rings = items.flatMap((item) => ringsOf(item.area.g));
    return new Group(mesh(rings).map((points) => feature(this.frame, [points], false)));
  }

  readBackdrop({ outline, streets = [], rivers = [], rails = [], greens = [], hills = [], places = [], neighbours = [] }) {
    const { frame } = this;
    const rings = ringsOf(outline);
    this.outline = rings.length ? new Group([feature(frame, rings, true)]) : null;
    this.streets = streets.map((item) => line(frame, item));
    this.streetGroups = Object.fromEntries(['a', 'b', 'c'].map((cls) => [
      cls, new Group(this.streets.filter(({ item }) => item.cls === cls)),
    ]));
    this.rivers = new Group(rivers.map((item) => line(frame, item)));
    this.rails = new Group(rails.map((item) => line(frame, item)));
    this.greens = new Group(greens.map((item) => closed(frame, item.g || item)));
    this.hills = new Group(hills.map((item) => closed(frame, item.g || item)));
    this.places = places.map((item) => ({ item, at: frame.point(item.at) }));
    this.neighbours = neighbours.filter((item) => item.at).map((item) => ({ item, at: frame.point(item.at) }));
    this.neighbourShapes = new Group(neighbours.filter((item) => item.g).map((item) => closed(frame, item.g)));
  }

  /** The ground of the city: its outline, or the areas of the coarsest level where there is none. */
  get ground() {
    return this.outline ? this.outline.features : this.coarsest;
  }

  /** The patch at a lon, lat, or null. */
  patchAt(lon, lat) {
    const { x, y } = this.frame.point([lon, lat]);
    return this.patches.find((item) => Scene.contains(item, x, y)) || null;
  }

  /** Whether a place in frame coordinates lies in a feature. */
  static contains({ box, path }, x, y) {
    const [west, north, east, south] = box;
    return x >= west && x <= east && y >= north && y <= south && probe.isPointInPath(path, x, y, 'evenodd');
  }

  /** Bounds of an area as Leaflet bounds, or null. */
  boundsOf(code) {
    const item = this.byCode.get(code);
    if (!item) return null;
    const lonLats = ringsOf(item.area.g).flat();
    return L.latLngBounds(lonLats.map(([lon, lat]) => [lat, lon]));
  }

  /** Features of a list that meet a box in frame coordinates. */
  static visible(items, box) {
    return items.filter((item) => meets(item.box, box));
  }
}
