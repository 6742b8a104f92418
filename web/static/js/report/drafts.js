/** What is not sent yet, kept in this browser: the report being written, and those that wait for a connection. */
import { askKept, openKept } from '../kept.js';

const NAME = 'baopian';

const opened = () => openKept(NAME, (database) => {
  database.createObjectStore('drafts');
  database.createObjectStore('outbox', { keyPath: 'key' });
});

/** Drafts of one user in this browser; where the browser keeps nothing, `kept` stays false. */
export class Drafts {
  /** @param {string} user */
  constructor(user) {
    this.user = user;
    this.kept = true;
    this.database = opened().catch(() => {
      this.kept = false;
      return null;
    });
  }

  async ask(store, mode, request) {
    const database = await this.database;
    if (!database) return null;
    try {
      return await askKept(database, store, mode, request);
    } catch {
      this.kept = false;
      return null;
    }
  }

  /** The report being written: `{key, fields, photos}` or null. */
  load() {
    return this.ask('drafts', 'readonly', (store) => store.get(this.user));
  }

  save(draft) {
    return this.ask('drafts', 'readwrite', (store) => store.put(draft, this.user));
  }

  clear() {
    return this.ask('drafts', 'readwrite', (store) => store.delete(this.user));
  }

  /** Reports of this user that wait to be sent, oldest first. */
  async waiting() {
    const all = (await this.ask('outbox', 'readonly', (store) => store.getAll())) || [];
    return all.filter(({ user }) => user === this.user).sort((a, b) => a.since - b.since);
  }

  async enqueue(draft, since) {
    await this.ask('outbox', 'readwrite', (store) => store.put({ ...draft, user: this.user, since }));
    return this.kept;
  }

  dequeue(key) {
    return this.ask('outbox', 'readwrite', (store) => store.delete(key));
  }
}
