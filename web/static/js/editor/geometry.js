/**
 * Plane geometry of borders on the 1e-7 degree grid. A point is [lon, lat]; a ring is an open list of points (the first
 * is not repeated); `parts` are polygons of rings, the outer one first. Nothing here is changed in place.
 */

const GRID = 1e7;
const EARTH_M = 6_371_008.8;

/** The nearest number of the grid: vertices that several areas share are equal numbers, not near ones. */
export const snapped = (value) => Math.round(value * GRID) / GRID;

/** A point on the grid. */
export const onGrid = ([lon, lat]) => [snapped(lon), snapped(lat)];

/** The name of a place: two vertices are the same when these are. */
export const placeKey = ([lon, lat]) => `${Math.round(lon * GRID)},${Math.round(lat * GRID)}`;

/** The name of an edge, whichever way it is walked. */
export function edgeKey(a, b) {
  const [from, to] = [placeKey(a), placeKey(b)];
  return from < to ? `${from};${to}` : `${to};${from}`;
}

function ringOf(coordinates) {
  const points = coordinates.map(([lon, lat]) => onGrid([lon, lat]));
  return points.filter((point, i) => i === 0 || placeKey(point) !== placeKey(points[i - 1]))
    .filter((point, i, all) => i === 0 || i < all.length - 1 || placeKey(point) !== placeKey(all[0]));
}

/** Parts of a GeoJSON Polygon or MultiPolygon; none for null. */
export function partsOf(geometry) {
  if (!geometry) return [];
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates;
  return polygons.map((rings) => rings.map(ringOf).filter((ring) => ring.length > 2)).filter((rings) => rings.length);
}

/** GeoJSON with every decimal: Leaflet's own would round to six and pull shared vertices apart. */
export function geometryOf(parts) {
  if (!parts.length) return null;
  const polygons = parts.map((rings) => rings.map((ring) => [...ring, ring[0]]));
  return polygons.length === 1 ? { type: 'Polygon', coordinates: polygons[0] } : { type: 'MultiPolygon', coordinates: polygons };
}

/** All rings of parts. */
export const ringsOf = (parts) => parts.flat();

/** West, south, east, north; null without a point. */
export function boxOf(points) {
  if (!points.length) return null;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of points) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

/** Whether two boxes meet or touch. */
export const boxesMeet = (a, b) => a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];

function ringArea_m2(ring) {
  const radians = Math.PI / 180;
  let sum = 0;
  for (let i = 0; i < ring.length; i += 1) {
    const [lonA, latA] = ring[i];
    const [lonB, latB] = ring[(i + 1) % ring.length];
    sum += (lonB - lonA) * radians * (2 + Math.sin(latA * radians) + Math.sin(latB * radians));
  }
  return Math.abs((sum * EARTH_M ** 2) / 2);
}

/** Ground in m² on a sphere: for what is said while drawing; the server measures for good. */
export function area_m2(parts) {
  return parts.reduce((sum, [outer, ...holes]) => sum + ringArea_m2(outer) - holes.reduce((less, hole) => less + ringArea_m2(hole), 0), 0);
}

function ringContains(ring, [x, y]) {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [xi, yi] = ring[i];
    const [xj, yj] = ring[j];
    if ((yi > y) !== (yj > y) && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/** Whether a place lies in an area. */
export const contains = (parts, point) => parts.some(([outer, ...holes]) => ringContains(outer, point) && !holes.some((hole) => ringContains(hole, point)));

// Whole grid steps: the cross product of two edges of a city is exact in a double.
const grid = ([lon, lat]) => [Math.round(lon * GRID), Math.round(lat * GRID)];

function turn([ax, ay], [bx, by], [cx, cy]) {
  return Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));
}

function within([ax, ay], [bx, by], [px, py]) {
  return Math.min(ax, bx) <= px && px <= Math.max(ax, bx) && Math.min(ay, by) <= py && py <= Math.max(ay, by);
}

/** Whether the edges a–b and c–d have any point in common (exact on the grid). */
export function edgesMeet(a, b, c, d) {
  const [p, q, r, s] = [a, b, c, d].map(grid);
  const [t1, t2, t3, t4] = [turn(p, q, r), turn(p, q, s), turn(r, s, p), turn(r, s, q)];
  if (t1 !== t2 && t3 !== t4) return true;
  return (t1 === 0 && within(p, q, r)) || (t2 === 0 && within(p, q, s)) || (t3 === 0 && within(r, s, p)) || (t4 === 0 && within(r, s, q));
}

const same = (a, b) => placeKey(a) === placeKey(b);

/** Whether two edges that share the end `at` lie on each other beyond it. */
function foldsBack(at, a, b) {
  const [o, p, q] = [at, a, b].map(grid);
  return turn(o, p, q) === 0 && (p[0] - o[0]) * (q[0] - o[0]) + (p[1] - o[1]) * (q[1] - o[1]) > 0;
}

/** Whether two edges of one area may not both be there. */
function clash(a, b, c, d) {
  if (same(a, c)) return same(b, d) || foldsBack(a, b, d);
  if (same(a, d)) return same(b, c) || foldsBack(a, b, c);
  if (same(b, c)) return foldsBack(b, a, d);
  if (same(b, d)) return foldsBack(b, a, c);
  return edgesMeet(a, b, c, d);
}

function* edges(parts) {
  for (const ring of ringsOf(parts)) {
    for (let i = 0; i < ring.length; i += 1) yield [ring[i], ring[(i + 1) % ring.length]];
  }
}

/**
 * Where an area's outline runs over itself: the first such place among the edges that have one of `at`, or null.
 * Only what was touched is looked at, so that it is quick enough for every step of a drag.
 * @param {Array} parts
 * @param {Array<[number, number]>} at the vertices that moved or appeared
 */
export function crossing(parts, at) {
  const moved = new Set(at.map(placeKey));
  const all = [...edges(parts)];
  const touched = all.filter(([a, b]) => moved.has(placeKey(a)) || moved.has(placeKey(b)));
  for (const one of touched) {
    const box = boxOf(one);
    for (const other of all) {
      if (other !== one && boxesMeet(box, boxOf(other)) && clash(...one, ...other)) return one[0];
    }
  }
  return twice(parts, moved);
}

/** A moved vertex that an area now has at two places. */
function twice(parts, moved) {
  const seen = new Set();
  for (const point of ringsOf(parts).flat()) {
    const key = placeKey(point);
    if (moved.has(key) && seen.has(key)) return point;
    seen.add(key);
  }
  return null;
}

/** Where on the edge a–b a place comes nearest, as a share of the edge, in a plane scaled to the latitude. */
export function shareAlong(a, b, [lon, lat]) {
  const scale = Math.cos((lat * Math.PI) / 180);
  const [dx, dy] = [(b[0] - a[0]) * scale, b[1] - a[1]];
  const length = dx * dx + dy * dy;
  return length ? Math.max(0, Math.min(1, ((lon - a[0]) * scale * dx + (lat - a[1]) * dy) / length)) : 0;
}

/** Metres between two places, for short ways. */
export function distance_m([lonA, latA], [lonB, latB]) {
  const radians = Math.PI / 180;
  const x = (lonB - lonA) * radians * Math.cos(((latA + latB) / 2) * radians);
  return Math.hypot(x, (latB - latA) * radians) * EARTH_M;
}

/** Metres from a place to the edge a–b. */
export function distanceToEdge_m(a, b, point) {
  const share = shareAlong(a, b, point);
  return distance_m([a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share], point);
}
