/** What a vertex snaps to: the borders near it, as one invisible line that Geoman looks at. Never all of the city's. */
import { boxesMeet, distanceToEdge_m, edgeKey, placeKey, ringsOf } from './geometry.js';

/** More edges than this make every move of the pointer slow; the nearest ones count. */
const MOST_EDGES = 300;
const AGAIN_PX = 90;
/** A dropped vertex this near to a line belongs on it. */
const ON_LINE_PX = 1;

export class SnapGuide {
  /** @param {L.Map} map @param {() => object} coverage */
  constructor(map, coverage) {
    Object.assign(this, { map, coverage, edges: [], around: null, without: null });
    this.line = L.polyline([], { stroke: false, interactive: false, snapIgnore: false, pmIgnore: false });
  }

  /** Borders around a place can be snapped to; those that end at `without` move themselves and cannot. */
  show(place, without = null) {
    this.without = without && placeKey(without);
    this.gather(place);
    if (!this.map.hasLayer(this.line)) this.line.addTo(this.map);
  }

  /** The pointer went on: other borders are near now. */
  follow(place) {
    const far = this.around && this.pixels(place).distanceTo(this.pixels(this.around)) > AGAIN_PX;
    if (far) this.gather(place);
  }

  hide() {
    this.line.remove();
    this.edges = [];
    this.around = null;
  }

  pixels([lon, lat]) {
    return this.map.latLngToContainerPoint([lat, lon]);
  }

  gather(place) {
    this.around = place;
    const bounds = this.map.getBounds();
    const view = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    const found = new Map();
    for (const area of this.coverage().list()) {
      if (!area.box || !boxesMeet(area.box, view)) continue;
      for (const ring of ringsOf(area.parts)) this.collect(ring, view, found);
    }
    const near = ([a, b]) => Math.min(span(a, place), span(b, place), span([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], place));
    const edges = [...found.values()];
    this.edges = edges.length > MOST_EDGES ? edges.map((edge) => [near(edge), edge]).sort((a, b) => a[0] - b[0]).slice(0, MOST_EDGES).map(([, edge]) => edge) : edges;
    this.line.setLatLngs(this.edges.map((edge) => edge.map(([lon, lat]) => L.latLng(lat, lon))));
  }

  collect(ring, [west, south, east, north], found) {
    for (let i = 0; i < ring.length; i += 1) {
      const a = ring[i];
      const b = ring[(i + 1) % ring.length];
      if (Math.max(a[0], b[0]) < west || Math.min(a[0], b[0]) > east || Math.max(a[1], b[1]) < south || Math.min(a[1], b[1]) > north) continue;
      if (this.without && (placeKey(a) === this.without || placeKey(b) === this.without)) continue;
      found.set(edgeKey(a, b), [a, b]);
    }
  }

  /** The edge that a dropped vertex lies on, neither of its ends; or null. */
  edgeUnder(place) {
    const key = placeKey(place);
    const reach_m = ON_LINE_PX * this.metresPerPixel(place);
    const [best] = this.edges.filter(([a, b]) => placeKey(a) !== key && placeKey(b) !== key)
      .map((edge) => [distanceToEdge_m(...edge, place), edge]).sort((a, b) => a[0] - b[0]);
    return best && best[0] < reach_m ? best[1] : null;
  }

  metresPerPixel([, lat]) {
    return (40_075_016.686 * Math.cos((lat * Math.PI) / 180)) / 2 ** (this.map.getZoom() + 8);
  }
}

const span = (a, b) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2;
