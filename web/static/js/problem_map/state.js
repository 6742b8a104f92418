/**
 * What the page shows: filters, view, open case, shade. One store; the address is its saved form.
 * Filter and case changes are steps that Back undoes; moving the map is not.
 */
import { ORDER } from '../symbols.js';

/** Filters by their names in the address, in `/map/view` and in the API. All are strings; '' is not set. */
export const FILTERS = ['status', 'category', 'bureau', 'area', 'from', 'to', 'overdue', 'q'];

/** The statuses on the map when nobody has chosen: everything that is still open. */
export const OPEN = ORDER.filter((key) => key !== 'done');

/** The values of a list filter: `a,b` -> ['a', 'b']. */
export const values = (text) => (text ? text.split(',').filter(Boolean) : []);

/** The statuses that the filters let through, in the fixed order. */
export const statusesOf = (filters) => (filters.status ? ORDER.filter((key) => values(filters.status).includes(key)) : OPEN);

/** The `status` filter for a set of statuses: '' for the usual ones, and for none at all. */
export function statusFilter(keys) {
  const chosen = ORDER.filter((key) => keys.includes(key));
  const usual = chosen.length === OPEN.length && OPEN.every((key) => chosen.includes(key));
  return usual || !chosen.length ? '' : chosen.join(',');
}

/** Filters that are set, as a query. */
export function filterQuery(filters) {
  return new URLSearchParams(FILTERS.filter((name) => filters[name]).map((name) => [name, filters[name]]));
}

function readView(text) {
  const [lat, lon, zoom] = (text || '').split(',').map(Number);
  return [lat, lon, zoom].every(Number.isFinite) && text ? { lat, lon, zoom } : null;
}

const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

/** A filter's value as it can be used; what nobody could have meant is not set. */
function usable(name, text) {
  if (name === 'from' || name === 'to') return isDay(text) ? text : '';
  if (name === 'overdue') return text === '1' ? '1' : '';
  if (name === 'status') return statusFilter(values(text));
  return text;
}

/** The state that an address describes. */
export function fromAddress(search) {
  const query = new URLSearchParams(search);
  const finding = Number(query.get('finding'));
  return {
    filters: Object.fromEntries(FILTERS.map((name) => [name, usable(name, query.get(name) || '')])),
    view: readView(query.get('at')),
    finding: Number.isInteger(finding) && finding > 0 ? finding : null,
    shade: query.get('shade') === 'over' ? 'over' : 'open',
  };
}

/** The address of a state; parameters that are not ours (`theme`) stay. */
export function toAddress(state, location = window.location) {
  const query = filterQuery(state.filters);
  const { view } = state;
  if (view) query.set('at', `${view.lat.toFixed(5)},${view.lon.toFixed(5)},${Number(view.zoom.toFixed(2))}`);
  if (state.shade === 'over') query.set('shade', 'over');
  if (state.finding) query.set('finding', state.finding);
  const theme = new URLSearchParams(location.search).get('theme');
  if (theme) query.set('theme', theme);
  const text = query.toString().replaceAll('%2C', ',');
  return location.pathname + (text ? `?${text}` : '');
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

export class Store {
  constructor(search) {
    this.state = fromAddress(search);
    this.listeners = [];
    addEventListener('popstate', () => this.apply(fromAddress(location.search), 'back'));
  }

  /** @param {(state: object, changed: Set<string>, how: string) => void} listener */
  subscribe(listener) {
    this.listeners.push(listener);
  }

  /**
   * @param {object} patch any of filters, view, finding, shade
   * @param {'push'|'replace'} how whether Back returns to what was before
   */
  set(patch, how = 'push') {
    this.apply({ ...this.state, ...patch }, how);
  }

  /** Sets some filters and leaves the others. */
  filter(patch, how = 'push') {
    this.set({ filters: { ...this.state.filters, ...patch } }, how);
  }

  /** Takes all filters away. */
  clear() {
    this.set({ filters: Object.fromEntries(FILTERS.map((name) => [name, ''])) });
  }

  apply(next, how) {
    const changed = new Set(Object.keys(next).filter((key) => !same(next[key], this.state[key])));
    if (!changed.size) return;
    this.state = next;
    const address = toAddress(next);
    if (how === 'push') history.pushState(null, '', address);
    if (how === 'replace') history.replaceState(history.state, '', address);
    for (const listener of this.listeners) listener(next, changed, how);
  }
}
