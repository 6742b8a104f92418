/** What a plan's page asks of the server and sends to it. */
import { Refused, Unreachable } from '../problem_map/data.js';
import { csrfToken } from '../sending.js';

const TIMEOUT_MS = 90_000;

/** Somebody else changed the plan, or it is being worked out: what was wanted can be done on top. */
export class Overtaken extends Error {}

async function answered(response) {
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  if (response.ok || response.status >= 500 || response.status === 429) throw new Unreachable(String(response.status));
  if (response.status === 409) throw new Overtaken(body?.detail || '');
  throw new Refused(response.status, body || {});
}

async function sent(address, options) {
  const signal = AbortSignal.timeout ? AbortSignal.timeout(TIMEOUT_MS) : undefined;
  try {
    return await answered(await fetch(address, { signal, ...options, headers: { Accept: 'application/json', ...options.headers } }));
  } catch (error) {
    if (error instanceof Refused || error instanceof Unreachable || error instanceof Overtaken || error.name === 'AbortError') throw error;
    throw new Unreachable(error.message);
  }
}

/** The plan with this number, as JSON goes to and fro. Each rejects with `Refused`, `Unreachable` or `Overtaken`. */
export class PlanServer {
  constructor(id) {
    this.root = `/routes/${id}`;
  }

  get(path) {
    return sent(`${this.root}/${path}`, {});
  }

  post(path, body = {}, signal = undefined) {
    return sent(`${this.root}/${path}`, {
      method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', 'X-CSRFToken': csrfToken() }, ...(signal ? { signal } : {}),
    });
  }

  data() {
    return this.get('data');
  }

  progress() {
    return this.get('progress');
  }

  /** Tries (`dry_run`) or makes changes. */
  changes(revision, changes, dryRun, signal) {
    return this.post('changes', { revision, dry_run: dryRun, changes }, signal);
  }
}
