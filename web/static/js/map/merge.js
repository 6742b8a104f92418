/** Donuts that lie on each other are one donut: its ring and number stay readable at any density. */
import { donutRadius } from '../symbols.js';

/** Centres nearer than this share of both radii lie on each other. */
const TOO_NEAR = 0.85;

function joined(a, b) {
  const n = a.n + b.n;
  const mix = { ...a.mix };
  for (const [key, count] of Object.entries(b.mix)) mix[key] = (mix[key] || 0) + count;
  return {
    n,
    mix,
    radius: donutRadius(n),
    at: a.at.multiplyBy(a.n).add(b.at.multiplyBy(b.n)).divideBy(n),
    bounds: L.latLngBounds(a.bounds.getSouthWest(), a.bounds.getNorthEast()).extend(b.bounds),
  };
}

/**
 * @param {Array<{n: number, mix: object, radius: number, bounds: L.LatLngBounds, at: L.Point}>} donuts at one zoom
 * @returns the same shape, fewer where they were crowded, the large ones first
 */
export function mergeDonuts(donuts) {
  const queue = [...donuts].sort((a, b) => b.n - a.n);
  const kept = [];
  while (queue.length) {
    const next = queue.shift();
    const near = kept.findIndex((other) => other.at.distanceTo(next.at) < (other.radius + next.radius) * TOO_NEAR);
    if (near < 0) kept.push(next);
    // The joined one is larger and may now touch others: it is looked at again.
    else queue.unshift(joined(kept.splice(near, 1)[0], next));
  }
  return kept.sort((a, b) => b.n - a.n);
}
