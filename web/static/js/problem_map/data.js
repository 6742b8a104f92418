/** Everything the page asks the server for. A newer question of the same kind ends the older one. */
import { filterQuery } from './state.js';

const TIMEOUT_MS = 20_000;

/** The server answered with a refusal: its words are for people. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || String(status));
    this.status = status;
    this.field = problem.field;
  }
}

/** No usable answer: network, time-out, or a fault of the server. */
export class Unreachable extends Error {}

async function read(response) {
  if (response.ok) return response.json();
  if (response.status >= 500 || response.status === 429) throw new Unreachable(String(response.status));
  throw new Refused(response.status, await response.json().catch(() => ({})));
}

const running = new Map();

/**
 * Asks for JSON. Rejects with `Refused`, `Unreachable`, or an `AbortError` when a newer question of this kind came.
 * @param {string} kind
 * @param {string} address
 */
export async function ask(kind, address) {
  running.get(kind)?.abort();
  const controller = new AbortController();
  running.set(kind, controller);
  const signal = AbortSignal.any ? AbortSignal.any([controller.signal, AbortSignal.timeout(TIMEOUT_MS)]) : controller.signal;
  try {
    return await read(await fetch(address, { signal, headers: { Accept: 'application/json' } }));
  } catch (error) {
    if (controller.signal.aborted) throw new DOMException('superseded', 'AbortError');
    if (error instanceof Refused || error instanceof Unreachable) throw error;
    throw new Unreachable(error.message);
  } finally {
    if (running.get(kind) === controller) running.delete(kind);
  }
}

/** Whether an error only says that a newer question was asked. */
export const superseded = (error) => error.name === 'AbortError';

function viewQuery(filters, frame, finding, more) {
  const query = filterQuery(filters);
  query.set('bbox', frame.bbox.map((value) => value.toFixed(5)).join(','));
  query.set('zoom', String(frame.zoom));
  if (finding) query.set('finding', finding);
  for (const [key, value] of Object.entries(more)) query.set(key, value);
  return query.toString().replaceAll('%2C', ',');
}

/**
 * What the map shows.
 * @param {object} filters
 * @param {{bbox: number[], zoom: number}} frame
 * @param {?number} finding the open one, never part of a cluster
 * @param {object} [more] rows, after
 * @param {string} [kind]
 */
export const askView = (filters, frame, finding, more = {}, kind = 'view') =>
  ask(kind, `/map/view?${viewQuery(filters, frame, finding, more)}`);

export const askCase = (id) => ask('case', `/map/case/${id}`);
export const askAreas = () => ask('areas', '/map/areas.json');
export const askBackdrop = () => ask('backdrop', '/map/backdrop.json');
/** The hot spots under the filters; status does not matter to them. */
export const askHotspots = (filters) => {
  const query = filterQuery({ ...filters, status: '', overdue: '' });
  return ask('hotspots', `/map/hotspots?${query.toString().replaceAll('%2C', ',')}`);
};

export const askOptions = () => ask('options', '/map/options.json');
