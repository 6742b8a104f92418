/** What a draft changes, as lines: the old border where it went, the new one where it came. */
import { feature } from '../map/frame.js';
import { edgeKey, ringsOf } from './geometry.js';

function edgesOf(parts) {
  const keys = new Set();
  for (const ring of ringsOf(parts)) ring.forEach((point, i) => keys.add(edgeKey(point, ring[(i + 1) % ring.length])));
  return keys;
}

/** Runs of a ring's edges that pass `wanted`, as open lines. */
function runs(ring, wanted) {
  const flags = ring.map((point, i) => wanted(edgeKey(point, ring[(i + 1) % ring.length])));
  if (!flags.includes(true)) return [];
  if (!flags.includes(false)) return [[...ring, ring[0]]];
  const start = flags.findIndex((flag, i) => flag && !flags[(i + flags.length - 1) % flags.length]);
  const found = [];
  for (let step = 0; step < ring.length; step += 1) {
    const i = (start + step) % ring.length;
    if (!flags[i]) continue;
    if (!flags[(i + ring.length - 1) % ring.length] || !found.length) found.push([ring[i]]);
    found.at(-1).push(ring[(i + 1) % ring.length]);
  }
  return found;
}

/** The lines of `parts` whose edges are not among those of `other`. */
export function linesBeyond(parts, other) {
  const known = edgesOf(other);
  return ringsOf(parts).flatMap((ring) => runs(ring, (key) => !known.has(key)));
}

/** The lines of an area that fulfil a test on their edge keys: a shared border. */
export const linesWhere = (parts, wanted) => ringsOf(parts).flatMap((ring) => runs(ring, wanted));

/** Old and new lines of areas, remembered as long as neither shape changes. */
export class ChangedLines {
  constructor() {
    this.kept = new Map();
  }

  /** `{old, now}`: drawable features, or null where there are none. */
  of(frame, area) {
    const parts = area.removed ? [] : area.parts;
    const kept = this.kept.get(area.key);
    if (kept?.frame === frame && kept.parts === parts && kept.was === area.was) return kept.lines;
    const draw = (lines) => (lines.length ? feature(frame, lines, false) : null);
    const lines = { old: draw(linesBeyond(area.was || [], parts)), now: draw(linesBeyond(parts, area.was || [])) };
    this.kept.set(area.key, { frame, parts, was: area.was, lines });
    return lines;
  }
}
