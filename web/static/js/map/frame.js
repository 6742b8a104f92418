/**
 * Geometry in one fixed pixel frame: projected once at a reference zoom, drawn at any zoom through the
 * canvas transform. Nothing is projected again while panning or zooming; only another CRS needs a new frame.
 */

const REFERENCE_ZOOM = 14;

export class Frame {
  /**
   * @param {L.Map} map its CRS of this moment is used
   * @param {[number, number]} anchor lon, lat near the data, so that coordinates stay small and exact
   */
  constructor(map, anchor) {
    this.map = map;
    this.anchor = L.latLng(anchor[1], anchor[0]);
    this.origin = map.project(this.anchor, REFERENCE_ZOOM);
  }

  /** Frame coordinates of a lon, lat. */
  point([lon, lat]) {
    const p = this.map.project(L.latLng(lat, lon), REFERENCE_ZOOM);
    return { x: p.x - this.origin.x, y: p.y - this.origin.y };
  }

  /** `{k, x, y}`: a layer point is frame point · k + (x, y) at the map's zoom. */
  now() {
    const zoom = this.map.getZoom();
    const at = this.map.project(this.anchor, zoom).subtract(this.map.getPixelOrigin());
    return { k: this.map.getZoomScale(zoom, REFERENCE_ZOOM), x: at.x, y: at.y };
  }
}

/** Every ring or line of nested GeoJSON coordinates, whatever the depth. */
export function ringsOf(coordinates) {
  if (!coordinates || !coordinates.length) return [];
  if (typeof coordinates[0][0] === 'number') return [coordinates];
  return coordinates.flatMap(ringsOf);
}

/**
 * A drawable feature: `path`, its `lines` as flat [x, y, x, y…] arrays and its `box` [west, north, east, south].
 * All in frame coordinates.
 */
export function feature(frame, lines, closed) {
  const path = new Path2D();
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const flats = lines.map((line) => {
    const flat = new Float64Array(line.length * 2);
    line.forEach((lonLat, i) => {
      const { x, y } = frame.point(lonLat);
      flat[2 * i] = x;
      flat[2 * i + 1] = y;
      if (i) path.lineTo(x, y); else path.moveTo(x, y);
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    });
    if (closed) path.closePath();
    return flat;
  });
  return { path, lines: flats, box };
}

/** Whether two [west, north, east, south] boxes meet. */
export const meets = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

/** Features that are drawn together in one stroke or fill. */
export class Group {
  constructor(features = []) {
    this.features = features;
    this.whole = new Path2D();
    for (const { path } of features) this.whole.addPath(path);
    this.seen = { key: null, path: this.whole };
  }

  get empty() {
    return this.features.length === 0;
  }

  /** One path of what meets the box; far outside features would cost dashes and joins that nobody sees. */
  pathIn(box) {
    const visible = this.features.filter((item) => meets(item.box, box));
    if (visible.length === this.features.length) return this.whole;
    const key = box.join();
    if (this.seen.key !== key) {
      const path = new Path2D();
      for (const item of visible) path.addPath(item.path);
      this.seen = { key, path };
    }
    return this.seen.path;
  }
}
