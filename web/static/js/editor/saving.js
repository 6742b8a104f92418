/**
 * Saving by itself, a moment after each step. What is not saved yet is kept in this browser as well, so neither a dead
 * server nor a closed page loses an edit; when somebody else saved in between, nothing of theirs is overwritten.
 */
import { memory } from '../dom.js';
import { geometryOf } from './geometry.js';
import { Conflict, Refused, SignedOut, Unreachable } from './server.js';

const SETTLE_MS = 700;
const RETRY_S = [3, 6, 12, 30, 60];
/** What a browser sends for a page that is going away. */
const LAST_BYTES = 60_000;
const FACTS = ['code', 'name_zh', 'name_en', 'parent'];

/** An area as the server takes it. */
export function changeOf(area) {
  const change = { key: area.key, geometry: area.removed ? null : geometryOf(area.parts), removed: area.removed };
  if (!area.was) change.level = area.level;
  for (const name of FACTS) if (area[name] !== undefined && (!area.was || area.renamed)) change[name] = area[name];
  return change;
}

export class Saver {
  /**
   * @param {number} id the draft
   * @param {object} parts
   * @param {import('./server.js').DraftServer} parts.server
   * @param {(key: string) => object} parts.area an area as it is now
   * @param {(state: {kind: string}) => void} parts.onState kinds: saved, pending, saving, kept, refused, conflict, signed-out
   * @param {(answer: object) => void} parts.onSaved
   * @param {(conflict: object) => void} parts.onConflict
   */
  constructor(id, parts) {
    Object.assign(this, { id, ...parts, revision: 0, dirty: new Set(), sending: new Set(), stopped: false, tries: 0 });
    addEventListener('pagehide', () => this.last());
    addEventListener('online', () => this.dirty.size && this.flush());
    addEventListener('beforeunload', (event) => {
      if (this.isPending && !this.isKept) event.preventDefault();
    });
  }

  get storeKey() {
    return `bp-draft-${this.id}`;
  }

  get isPending() {
    return this.dirty.size + this.sending.size > 0;
  }

  /** What an earlier visit could not send: `{revision, at, changes}`, or null. */
  left() {
    return memory.get(this.storeKey, null);
  }

  /** Something else than a shape was saved: the draft has another revision now. */
  follow({ revision, saved_at: at }) {
    if (revision) this.revision = revision;
    if (!this.isPending) this.onState({ kind: 'saved', at });
  }

  start(revision, savedAt) {
    this.revision = revision;
    this.onState({ kind: 'saved', at: savedAt });
  }

  /** Areas were changed just now. */
  touch(keys) {
    for (const key of keys) this.dirty.add(key);
    this.keep();
    if (this.stopped) return;
    this.onState({ kind: 'pending' });
    this.schedule(SETTLE_MS);
  }

  /** Puts what is not saved into this browser's own store. */
  keep() {
    const changes = this.changes();
    const text = JSON.stringify(changes);
    try {
      localStorage.setItem(this.storeKey, JSON.stringify({ revision: this.revision, at: new Date().toISOString(), changes }));
      this.isKept = true;
    } catch {
      this.isKept = false;
    }
    this.bytes = text.length;
  }

  forget() {
    localStorage.removeItem(this.storeKey);
    this.isKept = false;
  }

  changes() {
    return [...new Set([...this.sending, ...this.dirty])].map((key) => this.area(key)).filter(Boolean).map(changeOf);
  }

  schedule(after_ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), after_ms);
  }

  /** Saves what is not saved; resolves when all of it is, or when it cannot be. */
  async flush() {
    clearTimeout(this.timer);
    if (this.running) {
      await this.running;
      return this.dirty.size && !this.stopped && !this.failed ? this.flush() : undefined;
    }
    if (!this.dirty.size || this.stopped) return undefined;
    this.running = this.send().finally(() => { this.running = null; });
    await this.running;
    return this.dirty.size && !this.failed && !this.stopped ? this.flush() : undefined;
  }

  async send() {
    this.sending = this.dirty;
    this.dirty = new Set();
    this.failed = false;
    this.onState({ kind: 'saving' });
    try {
      const areas = [...this.sending].map((key) => this.area(key)).filter(Boolean);
      this.saved(await this.server.save(this.revision, areas.map(changeOf)), areas);
    } catch (error) {
      this.fail(error);
    }
  }

  saved(answer, areas) {
    this.sending = new Set();
    this.revision = answer.revision;
    this.tries = 0;
    if (this.dirty.size) this.keep();
    else this.forget();
    this.onState({ kind: this.dirty.size ? 'pending' : 'saved', at: answer.saved_at });
    this.onSaved(answer, areas);
  }

  fail(error) {
    this.failed = true;
    this.dirty = new Set([...this.sending, ...this.dirty]);
    this.sending = new Set();
    this.keep();
    if (error instanceof Conflict) this.conflict(error.body);
    else if (error instanceof SignedOut) this.onState({ kind: 'signed-out' });
    else if (error instanceof Refused) this.onState({ kind: 'refused', words: error.message, errors: error.errors, body: error.body });
    else if (error instanceof Unreachable) this.retry();
    else throw error;
  }

  retry() {
    const wait_s = RETRY_S[Math.min(this.tries, RETRY_S.length - 1)];
    this.tries += 1;
    this.onState({ kind: 'kept', wait_s, stored: this.isKept });
    this.schedule(wait_s * 1000);
  }

  conflict(body) {
    this.stopped = true;
    this.onState({ kind: 'conflict' });
    this.onConflict({ ...body, changes: this.changes() });
  }

  /** Goes on from another revision, with these areas still to be saved. */
  resume(revision, keys, savedAt) {
    Object.assign(this, { revision, stopped: false, failed: false, tries: 0, dirty: new Set(keys), sending: new Set() });
    if (keys.length) {
      this.keep();
      this.schedule(0);
    } else {
      this.forget();
      this.onState({ kind: 'saved', at: savedAt });
    }
  }

  /** The page goes away: what is small enough is sent, all of it is kept. */
  last() {
    if (!this.dirty.size || this.stopped) return;
    this.keep();
    if (this.bytes < LAST_BYTES) this.server.saveLast(this.revision, this.changes()).catch(() => {});
  }
}
