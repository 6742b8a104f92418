/** The content of a filter's popover: a searchable list of check boxes in groups, each with its live count. */
import { h, icon } from '../dom.js';
import { number, t } from '../i18n.js';

const SEARCH_FROM = 9;

function option(item, chosen, counts, onToggle) {
  const n = counts.get(item.code) || 0;
  const box = h('input', { type: 'checkbox', value: item.code, checked: chosen.has(item.code) });
  box.addEventListener('change', () => onToggle(item.code, box.checked));
  return h(
    'label',
    { class: `opt${item.depth ? ' sub' : ''}`, data: { words: `${item.word} ${item.more || ''} ${item.code}`.toLowerCase(), ...(n ? {} : { zero: '' }) } },
    box, h('span', { class: 'ell', title: item.full || item.word }, item.word), h('span', { class: 'n' }, number(n)),
  );
}

function searchBox(list, label) {
  const field = h('input', { type: 'search', class: 'input', placeholder: label, 'aria-label': label, autocomplete: 'off' });
  const nothing = h('p', { class: 'none', hidden: true }, t('Nothing has this name'));
  field.addEventListener('input', () => {
    const words = field.value.trim().toLowerCase();
    for (const element of list.querySelectorAll('[data-words]')) element.hidden = !element.dataset.words.includes(words);
    for (const group of list.querySelectorAll('.opts-group')) group.hidden = !group.querySelector('[data-words]:not([hidden])');
    nothing.hidden = Boolean(list.querySelector('[data-words]:not([hidden])'));
  });
  return [field, nothing];
}

/** Arrow keys walk through the check boxes; the search field leads into them. */
function arrows(root) {
  root.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const stops = [...root.querySelectorAll('input')].filter((input) => input.offsetParent);
    const next = stops[stops.indexOf(document.activeElement) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

/**
 * @param {object} parts
 * @param {Array<{title: ?string, items: Array<{code, word, full, more, depth}>}>} parts.groups
 * @param {string[]} parts.chosen codes
 * @param {Array<[string, number]>} parts.counts what the map would show with all other filters
 * @param {string} parts.searchLabel
 * @param {(codes: string[]) => void} parts.onChange
 * @returns {HTMLElement}
 */
export function choices({ groups, chosen, counts, searchLabel, onChange }) {
  const set = new Set(chosen);
  const byCode = new Map(counts);
  const toggle = (code, on) => {
    if (on) set.add(code);
    else set.delete(code);
    onChange([...set]);
  };
  const list = h('div', { class: 'opts-list' }, groups.map(({ title, items }) => h(
    'div', { class: 'opts-group', role: 'group', 'aria-label': title || searchLabel },
    title ? h('h4', {}, title) : null,
    items.map((item) => option(item, set, byCode, toggle)),
  )));
  const total = groups.reduce((sum, { items }) => sum + items.length, 0);
  const root = h('div', { class: 'choices-pop' }, total >= SEARCH_FROM ? searchBox(list, searchLabel) : null, list);
  if (!total) list.append(h('p', { class: 'none' }, icon('clock', 14), ' ', t('The names are on their way')));
  arrows(root);
  return root;
}

/** Counts in an open popover follow the map without moving the boxes. */
export function updateCounts(root, counts) {
  const byCode = new Map(counts);
  for (const label of root.querySelectorAll('[data-words]')) {
    const n = byCode.get(label.querySelector('input').value) || 0;
    label.querySelector('.n').textContent = number(n);
    label.toggleAttribute('data-zero', !n);
  }
}
