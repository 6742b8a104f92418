/** What the form of a new plan asks the server for. */
import { csrfToken } from '../../sending.js';
import { Refused, Unreachable, ask } from '../../problem_map/data.js';

const TIMEOUT_MS = 60_000;
const signal = () => (AbortSignal.timeout ? AbortSignal.timeout(TIMEOUT_MS) : undefined);

/** What these filters would give: counts, points, patches that nobody saw for so long. */
export function candidates(filters, unseenDays, day) {
  const query = new URLSearchParams({ ...filters, unseen_days: String(unseenDays), day });
  return ask('candidates', `/routes/candidates?${query.toString().replaceAll('%2C', ',')}`);
}

async function post(address, body, json) {
  const headers = { Accept: 'application/json', 'X-CSRFToken': csrfToken() };
  if (json) headers['Content-Type'] = 'application/json';
  let response;
  try {
    response = await fetch(address, { method: 'POST', headers, body: json ? JSON.stringify(body) : body, signal: signal() });
  } catch (error) {
    throw new Unreachable(error.message);
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  if (response.ok && response.status === 202) return {};
  if (response.ok || response.status >= 500 || response.status === 408 || response.status === 429) throw new Unreachable(String(response.status));
  throw new Refused(response.status, answer || {});
}

/** Puts a plan on record. */
export const create = (asked) => post('/routes', asked, true);

/** Begins to work a plan out. */
export const solve = (id, revision) => post(`/routes/${id}/solve`, { revision }, true);

/** Reads places from a file. */
export function placesOf(file, datum) {
  const form = new FormData();
  form.append('file', file);
  form.append('datum', datum);
  return post('/routes/places', form, false);
}

export { Unreachable };
