/** The findings in view as rows, grouped by urgency: the map's path for keyboards and screen readers. */
import { h, icon, joined, said } from '../dom.js';
import { deadline } from '../format.js';
import { lang, local, number, t } from '../i18n.js';
import { statusWord, sym } from '../symbols.js';

/** What a group is called. */
const groupWord = (key) => ({
  over: t('Overdue'), today: t('Due today'), waiting: t('Waiting to be verified or checked'),
  limit: t('Within the limit'), susp: t('Suspended'), done: t('Closed'),
}[key] || key);

/** `店外经营 · 小杨超市`. */
export const titleOf = ({ category, subject }) => joined([local(category), subject && said(subject)]);

/** `树林巷 12 号 · 树林巷 马建国 · 城管局`; what is not known is left out. */
function placeOf({ place, patch, leader, bureau }) {
  const who = patch ? [local([patch.zh, patch.en]), local(leader)].filter(Boolean).join(lang === 'zh' ? ' ' : ', ') : t('no patch yet');
  return joined([place && said(place), who, local(bureau)]);
}

/** A dot and a word for what the signed-in person has not seen so. */
const unread = ({ mark }) => (mark ? h('span', { class: 'unread' }, mark === 'new' ? t('new') : t('changed')) : null);

/** A sign and a word for a problem that has stood here before, or came back later. */
const cameBack = ({ again }) => (again ? h('span', { class: 'again-mark' }, icon('refresh-cw', 12), t('came back'), ' ') : null);

/** A row as a button; also used for what lies nearby. */
export function rowButton(row, now, onPick) {
  const { text, late } = deadline(row, now);
  return h(
    'button', { type: 'button', class: 'item', data: { id: row.id }, on: { click: () => onPick(row) } },
    sym(row.s, 17),
    h('span', { class: 'ti ell' }, h('span', { class: 'vh' }, `${statusWord(row.s)}: `), unread(row), cameBack(row), titleOf(row)),
    h('span', { class: `dl${late ? ' late' : ''}` }, text),
    h('span', { class: 'su ell' }, placeOf(row)),
  );
}

export class FindingList {
  /**
   * @param {{pane: HTMLElement, onPick: (row: object) => void, onMore: () => void, onHover: (row: ?object) => void}} parts
   */
  constructor({ pane, onPick, onMore, blank }) {
    Object.assign(this, { onPick, onMore, blank, rows: [], now: '', next: null, current: null });
    this.title = pane.querySelector('h2');
    this.body = pane.querySelector('.scroll');
    this.body.addEventListener('keydown', (event) => this.walk(event));
    this.body.addEventListener('focusin', ({ target }) => this.rove(target));
  }

  /** Nothing has changed but the time: rows that were loaded further down stay. */
  tick(now) {
    this.now = now;
    this.draw();
  }

  /** Rows of a new answer; the place in the list stays when the finding at its top is still there. */
  show({ rows, next, now, in_view: inView, total }, { empty = null } = {}) {
    Object.assign(this, { rows, next, now, inView, total });
    this.title.textContent = this.countWord();
    if (!rows.length && empty) {
      this.body.replaceChildren(empty);
      return;
    }
    this.draw();
  }

  countWord() {
    if (!this.inView) return t('No findings in view');
    return this.inView === 1 ? t('1 in view') : t('{n} in view', { n: number(this.inView) });
  }

  /** Says from when the rows are, while the server does not answer. */
  stale(time) {
    this.title.textContent = this.inView === 1 ? t('1 as of {time}', { time }) : t('{n} as of {time}', { n: number(this.inView || 0), time });
  }

  append({ rows, next, now }) {
    const known = new Set(this.rows.map((row) => row.id));
    this.rows = [...this.rows, ...rows.filter((row) => !known.has(row.id))];
    Object.assign(this, { next, now });
    this.draw();
  }

  /** The number of a group is known once the group has ended; the last one may go on behind "more". */
  groups() {
    const groups = [];
    for (const row of this.rows) {
      if (groups.at(-1)?.key !== row.group) groups.push({ key: row.group, rows: [] });
      groups.at(-1).rows.push(row);
    }
    return groups.map((group, i) => ({ ...group, whole: !this.next || i < groups.length - 1 }));
  }

  draw() {
    const anchor = this.anchor();
    const focused = this.body.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    const parts = this.groups().flatMap(({ key, rows, whole }) => [
      h('h3', { class: 'grp' }, groupWord(key), whole ? h('span', { class: 'n' }, number(rows.length)) : null),
      ...rows.map((row) => rowButton(row, this.now, this.onPick)),
    ]);
    if (this.next) parts.push(h('div', { class: 'more' }, h('button', { type: 'button', class: 'btn btn-default', on: { click: this.onMore } }, t('Show more'))));
    this.body.replaceChildren(...parts);
    this.hold(anchor);
    this.mark(this.current);
    if (focused) this.body.querySelector(`[data-id="${focused}"]`)?.focus({ preventScroll: true });
  }

  /** How far below the list's upper edge a row stands. */
  offset(item) {
    return item.getBoundingClientRect().top - this.body.getBoundingClientRect().top;
  }

  inSight(item) {
    return this.offset(item) + item.offsetHeight > 0 && this.offset(item) < this.body.clientHeight;
  }

  /** The row that the eye is on, and how far down it stands: the open case, else the first one in sight. */
  anchor() {
    const current = this.body.querySelector('[aria-current="true"]');
    const item = current && this.inSight(current) ? current : this.body.scrollTop && this.items().find((other) => this.inSight(other));
    return item ? { id: item.dataset.id, offset: this.offset(item) } : null;
  }

  /** Puts that row back to where it stood; when it is gone the list begins anew, or at the open case. */
  hold(anchor) {
    const item = anchor && this.body.querySelector(`[data-id="${anchor.id}"]`);
    const current = this.current && this.body.querySelector(`[data-id="${this.current}"]`);
    if (item) this.body.scrollTop += this.offset(item) - anchor.offset;
    else if (current) this.body.scrollTop += this.offset(current) - (this.body.clientHeight - current.offsetHeight) / 2;
    else this.body.scrollTop = 0;
  }

  /** Marks the row of the open case; `reveal` scrolls it into sight. */
  mark(id, { reveal = false } = {}) {
    this.current = id;
    for (const item of this.items()) {
      if (Number(item.dataset.id) === id) item.setAttribute('aria-current', 'true');
      else item.removeAttribute('aria-current');
    }
    const current = this.body.querySelector('[aria-current="true"]');
    this.rove(current || this.items()[0]);
    if (reveal && current) this.reveal(current);
  }

  /** Scrolls the list, and nothing but the list: `scrollIntoView` would move the whole page as well. */
  reveal(item) {
    const header = this.body.querySelector('.grp')?.offsetHeight || 0;
    const above = this.offset(item) - header;
    const below = this.offset(item) + item.offsetHeight - this.body.clientHeight;
    if (above < 0) this.body.scrollTop += above;
    else if (below > 0) this.body.scrollTop += below;
  }

  /** The case was opened: it is neither new nor changed any more. */
  seen(id) {
    const row = this.rows.find((other) => other.id === id);
    if (row) row.mark = '';
    this.body.querySelector(`[data-id="${id}"] .unread`)?.remove();
  }

  items() {
    return [...this.body.querySelectorAll('.item')];
  }

  /** One stop for the Tab key; the arrows move it. */
  rove(item) {
    if (!item || !item.matches('.item')) return;
    for (const other of this.items()) other.tabIndex = other === item ? 0 : -1;
  }

  walk(event) {
    const items = this.items();
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (at < 0 || to === undefined || !items[to]) return;
    event.preventDefault();
    items[to].focus();
    this.clearHeader(items[to]);
  }

  /** A sticky group header must not cover the focused row. */
  clearHeader(item) {
    const header = this.body.querySelector('.grp');
    const hidden = header ? this.body.getBoundingClientRect().top + header.offsetHeight - item.getBoundingClientRect().top : 0;
    if (hidden > 0) this.body.scrollTop -= hidden;
  }

  /** The row before or after a finding, in the list's order. */
  neighbour(id, step) {
    const at = this.rows.findIndex((row) => row.id === id);
    return at < 0 ? null : this.rows[at + step] || null;
  }

  find(id) {
    return this.rows.find((row) => row.id === id) || null;
  }
}
