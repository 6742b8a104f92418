/** What a round has not sent yet, kept in this browser: acts in their order, and recorded positions. */
import { askKept, openKept } from '../kept.js';

const NAME = 'baopian-rounds';
const MOST_POINTS = 2000;

const opened = () => openKept(NAME, (database) => {
  database.createObjectStore('acts', { keyPath: 'n', autoIncrement: true });
  database.createObjectStore('points', { keyPath: 'n', autoIncrement: true });
});

/** The store of one user; where the browser keeps nothing it lasts as long as the page, and `kept` is false. */
export class Store {
  /** @param {string} user */
  constructor(user) {
    Object.assign(this, { user, kept: true, memory: { acts: [], points: [] }, n: 0 });
    this.database = opened().catch(() => {
      this.kept = false;
      return null;
    });
  }

  async ask(store, mode, request, otherwise) {
    const database = await this.database;
    if (database) {
      try {
        return await askKept(database, store, mode, request);
      } catch {
        this.kept = false;
      }
    }
    return otherwise();
  }

  async all(store) {
    const found = (await this.ask(store, 'readonly', (it) => it.getAll(), () => null)) || [];
    return [...found.filter(({ user }) => user === this.user), ...this.memory[store]].sort((a, b) => a.n - b.n);
  }

  async add(store, entry) {
    const own = { ...entry, user: this.user };
    return this.ask(store, 'readwrite', (it) => it.add(own), () => {
      this.n += 1;
      this.memory[store].push({ ...own, n: 1e9 + this.n });
    });
  }

  async remove(store, entries) {
    const gone = new Set(entries.map(({ n }) => n));
    this.memory[store] = this.memory[store].filter(({ n }) => !gone.has(n));
    await this.ask(store, 'readwrite', (it) => {
      for (const n of gone) it.delete(n);
      return null;
    }, () => null);
  }

  /** Acts that wait, oldest first. */
  acts() {
    return this.all('acts');
  }

  points() {
    return this.all('points');
  }

  /** Keeps a position; of too many the oldest go. */
  async addPoint(point) {
    await this.add('points', point);
    const all = await this.points();
    if (all.length > MOST_POINTS) await this.remove('points', all.slice(0, all.length - MOST_POINTS));
  }
}
