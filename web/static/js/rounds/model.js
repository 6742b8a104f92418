/** The round as it is shown: what the server said, with the acts that it has not heard of yet. */

const NEAR_M = 75;
const MOST_ROUGH_M = 100;

export const isOpen = ({ state }) => state === 'planned' || state === 'arrived';

/** Whether a distance is too far for the place; as `casework/round_stops.py` decides it. */
export const isFar = (m, accuracy) => m > NEAR_M + Math.min(accuracy || 0, MOST_ROUGH_M);

function changed(stop, { act, body, second, distance_m: metres }) {
  if (act === 'arrive' && isOpen(stop)) return { ...stop, state: 'arrived', arrived_s: second, arrived_m: metres ?? null, arrived_far: metres !== null && isFar(metres, body.accuracy_m) };
  if (act === 'done' && isOpen(stop)) return { ...stop, state: 'done', done_s: second, note: body.note || '', result: body.result || '' };
  if (act === 'skip' && isOpen(stop)) return { ...stop, state: 'skipped', note: body.note || '' };
  if (act === 'undo') return { ...stop, state: stop.state === 'done' && stop.arrived_s !== null ? 'arrived' : 'planned', done_s: null, note: '' };
  return stop;
}

/**
 * The stops with what waits to be sent already counted.
 * @param {object} round the server's
 * @param {object[]} pending acts of the outbox that name a stop
 */
export function applied(round, pending) {
  const stops = round.stops.map((stop) => pending
    .filter((entry) => entry.stop === stop.id && entry.act)
    .reduce(changed, { ...stop, waits: pending.some((entry) => entry.stop === stop.id) }));
  return { ...round, stops };
}

/** The stop that comes next: where one is, the one chosen, the first that is open. */
export function nextOf(stops, chosen) {
  const open = stops.filter(isOpen);
  return open.find(({ state }) => state === 'arrived') || open.find(({ id }) => id === chosen) || open[0] || null;
}
