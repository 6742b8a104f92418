/** What the page asks the server for, and in how many ways that can end. Nothing is called saved that is not. */
import { csrfToken } from '../sending.js';

const TIMEOUT_MS = 60_000;

/** The server's own words for why it does not do this. */
export class Refused extends Error {
  constructor(status, body) {
    super(body.detail || body.title || String(status));
    Object.assign(this, { status, body, errors: body.errors || (body.field ? [{ field: body.field, detail: body.detail }] : []) });
  }
}

/** Somebody saved, or the map in force moved on, since this page read it. */
export class Conflict extends Refused {}

/** Nobody is signed in any more. */
export class SignedOut extends Refused {}

/** No usable answer: nobody knows whether it arrived. */
export class Unreachable extends Error {}

const signal = () => (AbortSignal.timeout ? AbortSignal.timeout(TIMEOUT_MS) : undefined);

async function read(response) {
  const body = await response.json().catch(() => null);
  if (response.ok && body) return body;
  if (response.ok || response.status >= 500 || response.status === 429 || response.status === 408) throw new Unreachable(String(response.status));
  const kind = { 401: SignedOut, 409: Conflict }[response.status] || Refused;
  throw new kind(response.status, body || {});
}

async function ask(method, address, body, more = {}) {
  const headers = { Accept: 'application/json' };
  if (body !== undefined) Object.assign(headers, { 'Content-Type': 'application/json', 'X-CSRFToken': csrfToken() });
  let response;
  try {
    response = await fetch(address, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: signal(), ...more });
  } catch (error) {
    throw new Unreachable(error.message);
  }
  return read(response);
}

/** The endpoints of one draft. Every answer is JSON; what goes wrong is one of the errors above. */
export class DraftServer {
  constructor(id) {
    this.base = `/areas/drafts/${id}`;
  }

  data() {
    return ask('GET', `${this.base}/data`);
  }

  save(revision, changes) {
    return ask('PUT', `${this.base}/shapes`, { revision, changes });
  }

  /** For a page that is going away: small bodies are sent all the same. */
  saveLast(revision, changes) {
    return ask('PUT', `${this.base}/shapes`, { revision, changes }, { keepalive: true, signal: undefined });
  }

  check(changes) {
    return ask('POST', `${this.base}/check`, { changes });
  }

  fix(revision, wanted) {
    return ask('POST', `${this.base}/fixes`, { revision, ...wanted });
  }

  /** @param {'split'|'merge'|'trace'|'cut'} name */
  tool(name, body) {
    return ask('POST', `${this.base}/tools/${name}`, body);
  }

  preview(revision) {
    return ask('POST', `${this.base}/preview`, { revision });
  }

  publish(revision, note) {
    return ask('POST', `${this.base}/publish`, { revision, note });
  }

  /** @param {{mine?: string[], theirs?: string[]}} choice what to do with the areas that both changed */
  rebase(revision, choice = {}) {
    return ask('POST', `${this.base}/rebase`, { revision, ...choice });
  }

  rename(revision, title, note) {
    return ask('PUT', this.base, { revision, title, note });
  }

  share(on) {
    return ask('POST', `${this.base}/share`, { on });
  }

  discard(revision) {
    return ask('POST', `${this.base}/discard`, { revision });
  }

  comments() {
    return ask('GET', `${this.base}/comments`);
  }

  comment(body) {
    return ask('POST', `${this.base}/comments`, body);
  }

  resolve(id) {
    return ask('POST', `${this.base}/comments/${id}/resolve`, {});
  }
}

/** A new draft on some levels: its id. */
export async function newDraft(levels, title) {
  const form = new FormData();
  for (const level of levels) form.append('levels', level);
  form.append('title', title);
  form.append('csrf_token', csrfToken());
  let response;
  try {
    response = await fetch('/areas/drafts', { method: 'POST', body: form, headers: { 'X-CSRFToken': csrfToken() } });
  } catch (error) {
    throw new Unreachable(error.message);
  }
  const found = /\/areas\/drafts\/(\d+)/.exec(response.url);
  if (!response.ok || !found) throw new Unreachable(String(response.status));
  return Number(found[1]);
}
