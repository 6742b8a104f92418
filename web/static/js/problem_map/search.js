/** The search field of the header filters the map while one types. */

const TYPING_MS = 400;
const SAME_SEARCH_MS = 3000;

/** @param {HTMLFormElement} form @param {import('./state.js').Store} store */
export function watchSearch(form, store) {
  const field = form.querySelector('input[type="search"]');
  form.dataset.live = 'true';
  let timer = 0;
  let typed_at = 0;
  const apply = () => {
    clearTimeout(timer);
    const q = field.value.trim();
    if (q === store.state.filters.q) return;
    // Letters of one search are one step for Back.
    const on = Date.now() - typed_at < SAME_SEARCH_MS;
    typed_at = Date.now();
    store.filter({ q }, on ? 'replace' : 'push');
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    apply();
  });
  field.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(apply, TYPING_MS);
  });
  field.addEventListener('bp:set', ({ detail }) => {
    if (detail !== undefined && document.activeElement !== field) field.value = detail;
  });
  field.value = store.state.filters.q;
}
