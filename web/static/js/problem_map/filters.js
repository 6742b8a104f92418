/** The filter bar: status chips with live counts, menus that become tokens when set, the text of the search. */
import { h, icon } from '../dom.js';
import { number, t } from '../i18n.js';
import { ORDER, statusWord, sym } from '../symbols.js';
import { choices, updateCounts } from './choices.js';
import { datesForm, datesWord } from './dates.js';
import { closePopover, isOpen, togglePopover } from './popover.js';
import { FILTERS, statusFilter, statusesOf, values } from './state.js';

const MENUS = ['category', 'bureau', 'area'];

/** Groups of a menu: category by class, areas by level and by the area above, bureaus flat. */
function groupsOf(filter, names) {
  if (filter === 'bureau') return [{ title: null, items: names.bureaus }];
  const list = names.list(filter);
  if (filter === 'category') {
    const roots = list.filter((item) => !item.parent);
    const below = (code) => list.filter((item) => item.parent === code).flatMap((item) => [{ ...item, depth: 1 }, ...below(item.code)]);
    return roots.map((root) => ({ title: null, items: [{ ...root, more: '' }, ...below(root.code)] }));
  }
  const patches = list.filter((item) => item.level === names.patchLevel);
  const others = names.levels.filter((level) => level.code !== names.patchLevel);
  const whole = others.map((level) => ({ title: level.word, items: list.filter((item) => item.level === level.code) }));
  const parents = [...new Set(patches.map((item) => item.parent))];
  const inside = parents.map((code) => ({
    title: code ? names.of('area', code) : t('Patches'),
    items: patches.filter((item) => item.parent === code).map((item) => ({ ...item, more: (item.leader || []).join(' ') })),
  }));
  return [...inside, ...whole.filter(({ items }) => items.length > 0)];
}

export class FilterBar {
  /**
   * @param {HTMLElement} root
   * @param {import('./state.js').Store} store
   * @param {import('./names.js').Names} names
   */
  constructor(root, store, names) {
    Object.assign(this, { root, store, names, facets: null, today: '' });
    this.chips = h('div', { class: 'chips', role: 'group', 'aria-label': t('Status') });
    this.tools = h('div', { class: 'chips tools', role: 'group', 'aria-label': t('Filters') });
    this.end = h('div', { class: 'bar-end' });
    root.append(this.chips, h('hr'), this.tools, this.end);
    this.buildChips();
    this.render();
  }

  buildChips() {
    this.chipOf = new Map(ORDER.map((key) => {
      const count = h('span', { class: 'n' }, '–');
      const chip = h('button', { type: 'button', class: 'chip', data: { s: key } }, sym(key, 15), h('span', { class: 't' }, statusWord(key)), count);
      chip.addEventListener('click', () => this.toggleStatus(key));
      return [key, { chip, count }];
    }));
    this.chips.append(...[...this.chipOf.values()].map(({ chip }) => chip));
  }

  toggleStatus(key) {
    const on = statusesOf(this.store.state.filters);
    this.store.filter({ status: statusFilter(on.includes(key) ? on.filter((item) => item !== key) : [...on, key]) });
  }

  /** New counts from a /map/view answer. */
  setFacets(facets, today) {
    this.facets = facets;
    this.today = today;
    for (const [key, { count }] of this.chipOf) count.textContent = number(facets.status[key] || 0);
    if (this.popup) updateCounts(this.popup.root, facets[this.popup.filter] || []);
  }

  render() {
    const { filters } = this.store.state;
    const on = statusesOf(filters);
    for (const [key, { chip }] of this.chipOf) chip.setAttribute('aria-pressed', String(on.includes(key)));
    if (this.popup && isOpen(this.popup.button)) this.relabel();
    else this.rebuild(filters);
    const anything = FILTERS.some((name) => filters[name]);
    this.end.replaceChildren(...(anything ? [h('button', { type: 'button', class: 'chip link', on: { click: () => this.store.clear() } }, t('Clear all'))] : []));
  }

  /** While a popover is open its button stays in place: only the words change. */
  relabel() {
    const { filter, word } = this.popup;
    word.textContent = this.textOf(filter);
  }

  rebuild(filters) {
    const focus = this.root.contains(document.activeElement) ? document.activeElement.dataset.filter : null;
    this.tools.replaceChildren(
      ...MENUS.map((filter) => this.menu(filter)),
      this.datesMenu(filters),
      this.overdueChip(filters),
      ...(filters.q ? [this.token('q', this.textOf('q'), () => document.getElementById('find-text').focus())] : []),
    );
    if (focus) this.tools.querySelector(`[data-filter="${focus}"]`)?.focus();
  }

  /** `类别：焚烧 +2`, or the filter's name when it is not set. */
  textOf(filter) {
    const { filters } = this.store.state;
    const name = this.names.label(filter);
    if (filter === 'q') return t('“{text}”', { text: filters.q });
    if (filter === 'dates') return filters.from || filters.to ? datesWord(filters, this.today) : name;
    const [first, ...rest] = values(filters[filter]);
    if (!first) return name;
    const value = rest.length ? `${this.names.of(filter, first)} +${rest.length}` : this.names.of(filter, first);
    return t('{name}: {value}', { name, value });
  }

  token(filter, text, onOpen) {
    const names = filter === 'dates' ? ['from', 'to'] : [filter];
    const word = h('span', { class: 'ell' }, text);
    const button = h('button', { type: 'button', class: 'ell', data: { filter }, on: { click: () => onOpen(button, word) } }, word);
    const clear = () => {
      closePopover();
      this.store.filter(Object.fromEntries(names.map((name) => [name, ''])));
    };
    const drop = h('button', { type: 'button', 'aria-label': t('Drop {filter}', { filter: text }), on: { click: clear } }, icon('x', 14));
    return h('span', { class: 'token', data: { token: filter } }, button, drop);
  }

  opener(filter, isSet, content) {
    const open = (button, word) => {
      const root = content();
      const onClose = () => {
        this.popup = null;
        this.render();
      };
      togglePopover(button, root, { label: this.names.label(filter), className: `pop-${filter}`, onClose });
      this.popup = isOpen(button) ? { filter, button, word, root } : null;
    };
    if (isSet) return this.token(filter, this.textOf(filter), open);
    const word = h('span', {}, this.names.label(filter));
    const button = h('button', {
      type: 'button', class: 'chip menu', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', data: { filter },
      on: { click: () => open(button, word) },
    }, word, icon('chevron-down', 14));
    return button;
  }

  menu(filter) {
    const labels = { category: t('Find a category'), bureau: t('Find a bureau'), area: t('Find a patch or a leader') };
    return this.opener(filter, Boolean(this.store.state.filters[filter]), () => choices({
      groups: groupsOf(filter, this.names),
      chosen: values(this.store.state.filters[filter]),
      counts: (this.facets && this.facets[filter]) || [],
      searchLabel: labels[filter],
      onChange: (codes) => this.store.filter({ [filter]: codes.join(',') }),
    }));
  }

  datesMenu(filters) {
    const element = this.opener('dates', Boolean(filters.from || filters.to), () => datesForm(this.store, this.today));
    if (!filters.from && !filters.to) element.classList.add('narrow-only');
    return element;
  }

  overdueChip({ overdue }) {
    const click = () => this.store.filter({ overdue: overdue ? '' : '1' });
    return h('button', { type: 'button', class: 'chip toggle', 'aria-pressed': String(Boolean(overdue)), data: { filter: 'overdue' }, on: { click } }, t('Only overdue'));
  }
}
