/** What a click on the map means, and the lines that are edited: one area's outline, or what two areas share. */
import { coarsePointer } from '../map/theme.js';
import { linesWhere } from './changes.js';
import { boxesMeet, contains, distanceToEdge_m, edgeKey, ringsOf } from './geometry.js';

const REACH_PX = 9;
const FINGER_PX = 18;

const edgesOf = (area) => {
  const keys = new Set();
  for (const ring of ringsOf(area.parts)) ring.forEach((point, i) => keys.add(edgeKey(point, ring[(i + 1) % ring.length])));
  return keys;
};

/** The areas of a level whose outline passes near a place, by the nearest edge; or null. */
export function borderAt(coverage, level, point, metresPerPixel) {
  const reach_m = (coarsePointer() ? FINGER_PX : REACH_PX) * metresPerPixel;
  const margin = reach_m / 80_000;
  const around = [point[0] - margin, point[1] - margin, point[0] + margin, point[1] + margin];
  let best = null;
  let least = reach_m;
  for (const area of coverage.list(level)) {
    if (!boxesMeet(area.box, around)) continue;
    for (const ring of ringsOf(area.parts)) {
      ring.forEach((a, i) => {
        const b = ring[(i + 1) % ring.length];
        if (Math.max(a[0], b[0]) < around[0] || Math.min(a[0], b[0]) > around[2] || Math.max(a[1], b[1]) < around[1] || Math.min(a[1], b[1]) > around[3]) return;
        const distance = distanceToEdge_m(a, b, point);
        if (distance < least) {
          least = distance;
          best = [a, b];
        }
      });
    }
  }
  if (!best) return null;
  return coverage.edgeOwners(...best).filter((key) => coverage.get(key).level === level);
}

/** The area of a level around a place, or null. */
export const areaAt = (coverage, level, point) => coverage.at(level, point, contains);

/** The closed lines of an area. */
export const outlineOf = (area) => ringsOf(area.parts).map((ring) => [...ring, ring[0]]);

/** What two areas share, or what an area shares with none of its level. */
export function borderOf(coverage, [key, other]) {
  const area = coverage.get(key);
  if (!area) return [];
  if (other) {
    const shared = edgesOf(coverage.get(other));
    return linesWhere(area.parts, (edge) => shared.has(edge));
  }
  const around = coverage.list(area.level).filter((one) => one.key !== key && boxesMeet(one.box, area.box));
  const taken = new Set(around.flatMap((one) => [...edgesOf(one)]));
  return linesWhere(area.parts, (edge) => !taken.has(edge));
}

/** Areas of the same level that share a border with this one. */
export function neighboursOf(coverage, key) {
  const area = coverage.get(key);
  const own = edgesOf(area);
  return coverage.list(area.level).filter((one) => one.key !== key && boxesMeet(one.box, area.box) && [...edgesOf(one)].some((edge) => own.has(edge)));
}
