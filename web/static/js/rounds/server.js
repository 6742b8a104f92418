/** Talking to the server as JSON; the answers are the four kinds of `sending.js`. */
import { csrfToken } from '../sending.js';

const TIMEOUT_MS = 30_000;

const signal = () => (AbortSignal.timeout ? AbortSignal.timeout(TIMEOUT_MS) : undefined);

async function answered(request) {
  try {
    const response = await request;
    const body = await response.json().catch(() => null);
    if (response.ok && body) return { kind: 'done', body, status: response.status };
    if (response.status === 401) return { kind: 'sign-in', body: body || {}, status: 401 };
    if (response.ok || !body || response.status >= 500 || [408, 429].includes(response.status)) return { kind: 'unreachable', body: {}, status: response.status };
    return { kind: 'refused', body, status: response.status };
  } catch {
    return { kind: 'unreachable', body: {}, status: 0 };
  }
}

/** Sends an object; resolves to `{kind, body, status}`. */
export function post(address, object) {
  return answered(fetch(address, {
    method: 'POST', body: JSON.stringify(object), signal: signal(),
    headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRFToken': csrfToken() },
  }));
}

/** Asks for the round; `query` holds plan, next, lon, lat. Sent as a body: addresses stand in logs, positions must not. */
export const askRound = (query) => post('/round/data', query);
