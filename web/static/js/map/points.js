/** Findings and donuts: where they lie, how they are drawn, what lies under the pointer. */
import { mergeDonuts } from './merge.js';
import { coarsePointer, theme } from './theme.js';
import { countLabel, donut, donutRadius, shape } from '../symbols.js';

const SELECTED_SCALE = 1.4;
const TOUCH_REACH = 22;

/** Radius of a symbol: larger under a finger. */
const symbolRadius = () => (coarsePointer() ? 8 : 7);

export class Points {
  constructor() {
    this.singles = [];
    this.clusters = [];
    this.selected = null;
  }

  /** @param {{points: Array, clusters: Array}} view as /map/view, answered for the map's zoom */
  read({ points = [], clusters = [] }, map) {
    this.singles = points.map(([id, lon, lat, status, zh, en]) => ({ id, latlng: L.latLng(lat, lon), status, zh, en }));
    // Closed ones lie lowest, overdue ones on top.
    const rank = { done: 0, susp: 1, over: 3 };
    this.singles.sort((a, b) => (rank[a.status] ?? 2) - (rank[b.status] ?? 2));
    const donuts = clusters.map(([lon, lat, n, mix, west, south, east, north]) => ({
      n, mix, radius: donutRadius(n), bounds: L.latLngBounds([south, west], [north, east]), at: map.project(L.latLng(lat, lon)),
    }));
    this.clusters = mergeDonuts(donuts).map(({ at, ...donut }) => ({ ...donut, latlng: map.unproject(at) }));
  }

  /** The selected finding as drawn: the status comes from the points unless the selection brings its own. */
  get current() {
    const { selected } = this;
    if (!selected) return null;
    const known = this.singles.find((item) => item.id === selected.id);
    const status = selected.s || (known && known.status) || 'prog';
    return { ...known, id: selected.id, latlng: L.latLng(selected.lat, selected.lon), status };
  }

  paint(ctx, { map, bounds }, lang) {
    const tokens = theme();
    const radius = symbolRadius();
    const reach = 40;
    const place = (item) => {
      item.at = map.project(item.latlng).subtract(map.getPixelOrigin());
      return item.at.x > bounds.min.x - reach && item.at.x < bounds.max.x + reach
        && item.at.y > bounds.min.y - reach && item.at.y < bounds.max.y + reach;
    };
    for (const item of this.clusters) {
      if (place(item)) donut(ctx, item.at, item.mix, item.n, item.radius, countLabel(item.n, lang), tokens);
    }
    const { selected, current } = this;
    for (const item of this.singles) {
      if (place(item) && !(selected && item.id === selected.id)) shape(ctx, item.at, item.status, radius, false, tokens);
    }
    if (current && place(current)) shape(ctx, current.at, current.status, Math.round(7 * SELECTED_SCALE), true, tokens);
  }

  /** Radius of an item on the map in px. */
  radiusOf(item) {
    return item.radius ? item.radius + 3 : symbolRadius();
  }

  /** The item nearest to a layer point within its reach, or null. */
  hit(point) {
    const coarse = coarsePointer();
    let best = null;
    let least = Infinity;
    for (const item of [...this.clusters, ...this.singles]) {
      if (!item.at) continue;
      const radius = this.radiusOf(item);
      const reach = coarse ? Math.max(TOUCH_REACH, radius) : radius + 4;
      const distance = item.at.distanceTo(point);
      // Measured from the edge: a finding beside a large donut stays reachable.
      if (distance <= reach && distance - radius < least) {
        best = item;
        least = distance - radius;
      }
    }
    return best;
  }

  /** Boxes of all symbols in layer points, which no label may cover. */
  boxes(map) {
    const origin = map.getPixelOrigin();
    const around = (latlng, half) => {
      const { x, y } = map.project(latlng).subtract(origin);
      return [x - half, y - half, x + half, y + half];
    };
    const boxes = this.clusters.map((item) => around(item.latlng, item.radius + 2));
    const half = symbolRadius() + 2;
    boxes.push(...this.singles.map((item) => around(item.latlng, half)));
    if (this.selected) boxes.push(around(L.latLng(this.selected.lat, this.selected.lon), 22));
    return boxes;
  }
}
