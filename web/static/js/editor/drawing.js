/** Drawing something new with Geoman: an area, a hole, a line to split along. By pointer, finger or keys. */
import { h } from '../dom.js';
import { colours } from './colours.js';
import { onGrid } from './geometry.js';

const SNAP_PX = 14;
const SHAPES = { area: 'Polygon', hole: 'Polygon', line: 'Line' };

export class Drawing {
  /**
   * @param {L.Map} map
   * @param {{guide, onDone: (kind: string, geometry: object) => void, onCross: () => void}} parts
   */
  constructor(map, parts) {
    Object.assign(this, { map, ...parts, kind: null, snapping: true });
    this.cross = h('div', { class: 'crosshair', 'aria-hidden': 'true', hidden: true });
    map.getContainer().append(this.cross);
    map.on('pm:create', ({ layer }) => this.created(layer));
    map.on('pm:intersect', () => this.kind && this.onCross());
    map.on('moveend', () => this.kind && this.guide.show(this.middle()));
    map.on('mousemove', ({ latlng }) => {
      if (!this.kind) return;
      this.cross.hidden = true;
      this.guide.follow([latlng.lng, latlng.lat]);
    });
  }

  middle() {
    const { lat, lng } = this.map.getCenter();
    return [lng, lat];
  }

  /** @param {'area'|'hole'|'line'} kind */
  start(kind) {
    this.stop();
    this.kind = kind;
    this.guide.show(this.middle());
    const { accent } = colours();
    const line = { color: accent, weight: 3, renderer: this.renderer() };
    this.map.pm.enableDraw(SHAPES[kind], {
      snappable: this.snapping, snapDistance: SNAP_PX, snapMiddle: false, allowSelfIntersection: false, tooltips: false, finishOn: 'dblclick',
      templineStyle: line, hintlineStyle: { ...line, dashArray: '6 5' }, pathOptions: { ...line, fillOpacity: 0.15 }, cursorMarker: true,
    });
  }

  /** Lines of what is being drawn are their own small picture, not a canvas over the whole map. */
  renderer() {
    this.svg ??= L.svg();
    return this.svg;
  }

  stop() {
    if (!this.kind) return;
    this.kind = null;
    this.cross.hidden = true;
    this.map.pm.disableDraw();
    this.guide.hide();
  }

  setSnapping(on) {
    this.snapping = on;
    if (this.kind) this.start(this.kind);
  }

  get shape() {
    return this.map.pm.Draw[SHAPES[this.kind]];
  }

  /** Keys while drawing: Space sets a corner in the middle of the map, Enter ends, Backspace takes the last corner back. */
  pressed(key) {
    if (!this.kind) return false;
    const { shape } = this;
    if (key === ' ') {
      this.cross.hidden = false;
      shape._hintMarker.setLatLng(this.map.getCenter());
      shape._hintMarker._snapped = false;
      shape._createVertex({ latlng: this.map.getCenter() });
    } else if (key === 'Enter') {
      shape._finishShape();
    } else if (key === 'Backspace') {
      if (shape._markers.length) shape._removeLastVertex();
      if (!shape._enabled) this.start(this.kind);
    } else {
      return false;
    }
    return true;
  }

  created(layer) {
    const { kind } = this;
    layer.remove();
    if (!kind) return;
    const rings = layer.getLatLngs();
    const line = (Array.isArray(rings[0]) ? rings[0] : rings).map(({ lat, lng }) => onGrid([lng, lat]));
    this.kind = null;
    this.cross.hidden = true;
    this.guide.hide();
    this.onDone(kind, kind === 'line' ? { type: 'LineString', coordinates: line } : { type: 'Polygon', coordinates: [[...line, line[0]]] });
  }
}
