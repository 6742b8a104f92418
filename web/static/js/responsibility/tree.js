/** The tree of areas: filtered as one types, all branches opened or folded at once. Without it the form asks the server. */
import { number, t } from '../i18n.js';

const WAIT_MS = 120;
const folded = (text) => text.normalize('NFKC').toLowerCase();

class Tree {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector('input[name="search"]');
    this.told = root.querySelector('.told');
    this.rows = [...root.querySelectorAll('li')].map((item) => ({
      item, details: item.querySelector(':scope > details'), text: folded(item.querySelector(':scope > .ar').textContent),
      name: item.querySelector(':scope > .ar .nm'),
    }));
    this.before = null;
    root.querySelector('form button[type="submit"]').hidden = true;
    for (const button of root.querySelectorAll('[data-fold]')) {
      button.hidden = false;
      button.addEventListener('click', () => this.fold(button.dataset.fold === 'open'));
    }
    root.querySelector('form').addEventListener('submit', (event) => event.preventDefault());
    let waiting = 0;
    this.input.addEventListener('input', () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => this.search(), WAIT_MS);
    });
    root.addEventListener('keydown', (event) => this.key(event));
  }

  fold(open) {
    for (const { details } of this.rows) if (details) details.open = open;
  }

  /** Shows what fits with everything above it; what lies in a match stays whole. */
  search() {
    const wanted = folded(this.input.value.trim());
    if (!wanted) {
      this.restore();
      return;
    }
    this.before ??= new Map(this.rows.filter(({ details }) => details).map(({ details }) => [details, details.open]));
    const fits = new Set(this.rows.filter(({ text }) => text.includes(wanted)).map(({ item }) => item));
    for (const { item, details } of this.rows) {
      const inside = Boolean(details) && [...item.querySelectorAll('li')].some((one) => fits.has(one));
      let above = item.parentElement.closest('li');
      while (above && !fits.has(above)) above = above.parentElement.closest('li');
      item.hidden = !fits.has(item) && !inside && !above;
      if (details && inside) details.open = true;
    }
    this.told.textContent = fits.size === 1 ? t('1 area fits') : t('{n} areas fit', { n: number(fits.size) });
  }

  restore() {
    for (const { item } of this.rows) item.hidden = false;
    for (const [details, open] of this.before || []) details.open = open;
    this.before = null;
    this.told.textContent = '';
  }

  /** Arrow keys walk the names; left and right fold and open. */
  key(event) {
    const item = event.target.closest('li');
    if (!item || !event.target.matches('a, summary') || event.altKey || event.ctrlKey || event.metaKey) return;
    const details = item.querySelector(':scope > details');
    const shown = this.rows.filter(({ item: one }) => one.offsetParent !== null);
    const at = shown.findIndex((row) => row.item === item);
    const go = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (go !== undefined) shown[go]?.name.querySelector('a').focus();
    else if (event.key === 'ArrowRight' && details) details.open = true;
    else if (event.key === 'ArrowLeft' && details?.open) details.open = false;
    else if (event.key === 'ArrowLeft') item.parentElement.closest('li')?.querySelector('.nm a').focus();
    else return;
    event.preventDefault();
  }
}

const root = document.querySelector('[data-tree]');
if (root) new Tree(root);
