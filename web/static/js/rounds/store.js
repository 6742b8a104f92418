/** What a round has not sent yet, kept in this browser: acts in their order, and recorded positions. */

const NAME = 'baopian-rounds';
const MOST_POINTS = 2000;

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('acts', { keyPath: 'n', autoIncrement: true });
      request.result.createObjectStore('points', { keyPath: 'n', autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error || new Error('blocked'));
  });
}

function run(database, store, mode, ask) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, mode === 'readwrite' ? { durability: 'strict' } : undefined);
    const request = ask(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

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
        return await run(database, store, mode, request);
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
