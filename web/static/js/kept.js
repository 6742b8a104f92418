/** Requests to a database of this browser (IndexedDB), each in a transaction of its own. */

/**
 * Opens the first version of a database.
 * @param {string} name
 * @param {(database: IDBDatabase) => void} prepare makes its stores where it is new
 */
export function openKept(name, prepare) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => prepare(request.result);
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error || new Error('blocked'));
  });
}

/** Runs one request; resolves when it is on disk. `ask` may find that there is nothing to ask for. */
export function askKept(database, store, mode, ask) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode, mode === 'readwrite' ? { durability: 'strict' } : undefined);
    const request = ask(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}
