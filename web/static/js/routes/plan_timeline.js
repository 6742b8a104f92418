/** The timetable: a line for each round, a block for each stop, breaks, waiting, hours, windows and deadlines. */
import { h, icon, iconButton } from '../dom.js';
import { dayOf, time } from '../format.js';
import { local, t } from '../i18n.js';
import { phone } from '../problem_map/sheet.js';
import { lookOf, marker } from './plan_look.js';
import { clock, personName, secondsOf, stopName } from './plan_words.js';

const HALF_HOUR_S = 1800;
const TIME_PX = 36;
const ZOOMS = [1, 2, 4];
const NAME_PX = 136;
/** A phone's screen is too narrow for a day: it scrolls. */
const PHONE_PX = 780;

const share = (part, whole) => `${(part * 100) / whole}%`;

/** The second of a day from which somebody cannot go on; null while that is later. */
function absentSecond(moment, day) {
  const since = dayOf(moment);
  if (since > day) return null;
  return since < day ? 0 : secondsOf(time(moment));
}

export class Timeline {
  /** @param {HTMLElement} root @param {{store, onStop: (id, button) => void, onKey: (event, stop) => void, onPerson: (person, button) => void, now: () => number}} parts */
  constructor(root, { store, onStop, onKey, onPerson, now }) {
    Object.assign(this, { root, store, onStop, onKey, onPerson, now, zoom: 1 });
    this.body = h('div', { class: 'tl-scroll', tabindex: '-1' });
    this.caret = h('i', { class: 'tl-caret', hidden: true });
    this.build();
    for (const kind of ['plan', 'day', 'solving']) store.addEventListener(kind, () => this.draw());
    for (const kind of ['select', 'hover']) store.addEventListener(kind, () => this.mark());
    this.body.addEventListener('click', ({ target }) => {
      const block = target.closest('.tl-stop');
      if (block) onStop(Number(block.dataset.stop), block);
    });
    this.body.addEventListener('keydown', (event) => this.key(event));
    this.body.addEventListener('pointerover', ({ target }) => store.hover(this.stopOf(target)));
    this.body.addEventListener('pointerleave', () => store.hover(null));
    this.body.addEventListener('focusin', ({ target }) => store.hover(this.stopOf(target)));
    this.body.addEventListener('focusout', () => store.hover(null));
    new ResizeObserver(([entry]) => {
      if (Math.abs(entry.contentRect.width - (this.width || 0)) > 1) this.draw();
    }).observe(this.body);
    this.draw();
  }

  stopOf(target) {
    const block = target.closest('.tl-stop');
    return block ? Number(block.dataset.stop) : null;
  }

  build() {
    const key = (name, words) => h('span', {}, h('i', { class: `tl-k ${name}` }), words);
    const zoom = (step, name, label) => iconButton(name, label, { on: { click: () => this.zoomTo(ZOOMS[ZOOMS.indexOf(this.zoom) + step]) } });
    this.hint = h('span', { class: 'tl-hint muted xs d-only' }, this.store.plan.facts.may_change && !this.store.past ? t('Drag a stop, or hold Alt and use the arrow keys') : '');
    this.root.replaceChildren(
      h('header', { class: 'tl-h' }, h('h2', {}, t('Timetable')), h('div', { class: 'tl-keys d-only' },
        key('k-stop', t('on site')), key('k-go', t('on the way')), key('k-wait', t('waiting')), key('k-rest', t('break')), key('k-win', t('only between')), key('k-due', t('deadline'))),
      h('span', { class: 'grow' }), this.hint, zoom(-1, 'minus', t('Shorter hours')), zoom(1, 'plus', t('Longer hours'))),
      this.body,
    );
  }

  zoomTo(zoom) {
    if (!zoom) return;
    const middle = (this.body.scrollLeft + this.body.clientWidth / 2) / this.zoom;
    this.zoom = zoom;
    this.draw();
    this.body.scrollLeft = middle * zoom - this.body.clientWidth / 2;
  }

  /** First and last second that the axis shows. */
  frame() {
    const { shown, day } = this.store;
    const crew = shown.crew(day);
    const rounds = shown.roundsOf(day);
    const from = Math.min(...crew.map((one) => one.shift[0]), ...rounds.map((one) => one.begins_s));
    const to = Math.max(...crew.map((one) => one.shift[1]), ...rounds.map((one) => one.ends_s));
    if (!Number.isFinite(from)) return [8 * 3600, 18 * 3600];
    return [Math.floor((from - 300) / HALF_HOUR_S) * HALF_HOUR_S, Math.ceil((to + 300) / HALF_HOUR_S) * HALF_HOUR_S];
  }

  draw() {
    const { store, body } = this;
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.stop : null;
    const { shown, day } = store;
    [this.from, this.to] = this.frame();
    this.width = body.clientWidth;
    this.lanePx = Math.max(this.width, phone.matches ? PHONE_PX : 0) * this.zoom - NAME_PX - 12;
    const crew = shown.crew(day);
    body.replaceChildren(h('div', { class: 'tl-in', style: { '--zoom': this.zoom } },
      this.axis(), ...crew.map((person) => this.row(person, shown.round(person.id, day))), this.caret,
      crew.length ? null : h('p', { class: 'quiet' }, t('Nobody goes out on this day'))));
    body.classList.toggle('is-trial', Boolean(store.trial));
    this.mark();
    if (focused) body.querySelector(`[data-stop="${focused}"]`)?.focus();
  }

  at(seconds) {
    return share(seconds - this.from, this.to - this.from);
  }

  wide(from, to) {
    return share(Math.max(0, to - from), this.to - this.from);
  }

  px(seconds) {
    return (seconds / (this.to - this.from)) * this.lanePx;
  }

  axis() {
    const every = [HALF_HOUR_S, 2 * HALF_HOUR_S, 4 * HALF_HOUR_S].find((step) => this.px(step) >= 52) || 4 * HALF_HOUR_S;
    const ticks = [];
    for (let s = Math.ceil(this.from / every) * every; s <= this.to; s += every) ticks.push(h('span', { style: { left: this.at(s) } }, clock(s)));
    return h('div', { class: 'tl-axis', 'aria-hidden': 'true' }, h('div', { class: 'tl-lane' }, ...ticks));
  }

  row(person, round) {
    const look = lookOf(person.line);
    const stops = round?.stops || [];
    const back = stops.length ? t('{time} done', { time: clock(round.ends_s) }) : t('no stop');
    const name = h('button', { type: 'button', class: 'tl-name', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', title: personName(person) },
      marker(look, look.letter, 20), h('span', {}, h('b', { class: 'ell' }, local([person.zh, person.en])), h('small', {}, person.absent_from ? t('cannot go on') : back)));
    name.addEventListener('click', () => this.onPerson(person, name));
    const lane = h('div', { class: 'tl-lane', data: { lane: person.id } },
      h('i', { class: 'tl-off', style: { left: 0, width: this.wide(this.from, person.shift[0]) } }),
      h('i', { class: 'tl-off', style: { left: this.at(person.shift[1]), right: 0 } }),
      this.nowLine(), this.absence(person), ...(stops.length ? this.parts(person, round, look) : []));
    return h('div', { class: 'tl-row', role: 'group', 'aria-label': `${personName(person)}, ${back}`, style: { '--route': `var(${look.colour})` } }, name, lane);
  }

  /** Where the day is, while it is today. */
  nowLine() {
    const now = this.now();
    const at = secondsOf(time(now));
    if (dayOf(now) !== this.store.day || at < this.from || at > this.to) return null;
    return h('i', { class: 'tl-now', title: t('now'), style: { left: this.at(at) } });
  }

  absence(person) {
    if (!person.absent_from) return null;
    const since = absentSecond(person.absent_from, this.store.day);
    return since === null ? null : h('i', { class: 'tl-absent', style: { left: this.at(Math.max(this.from, since)), right: 0 } });
  }

  parts(person, round, look) {
    const pattern = `pt${person.line % 6}`;
    const line = h('i', { class: `tl-go ${pattern}`, style: { left: this.at(round.begins_s), width: this.wide(round.begins_s, round.ends_s) } });
    const rests = (round.breaks || []).filter(([, end]) => end > round.begins_s && end <= round.ends_s + 60).map(([start, end]) => h('span', {
      class: 'tl-rest', title: t('Break {from}–{to}', { from: clock(start), to: clock(end) }), style: { left: this.at(start), width: this.wide(start, end) },
    }, this.px(end - start) > 40 ? t('break') : ''));
    let free = -Infinity;
    const blocks = round.stops.flatMap((stop, i) => {
      const x = this.px(stop.start_s - this.from);
      const told = x - free >= TIME_PX;
      if (told) free = x;
      return this.stop(stop, i, look, told);
    });
    return [line, ...rests, ...blocks];
  }

  stop(stop, i, look, told) {
    const left = this.at(stop.start_s);
    const late = stop.due_s !== null && stop.due_s >= this.from && stop.start_s > stop.due_s;
    const wait = this.store.shown.waitAt(stop);
    const words = [
      `${look.letter} ${i + 1} ${stopName(stop)}`, t('{from} to {to}', { from: clock(stop.start_s), to: clock(stop.leave_s) }),
      wait >= 60 ? t('waits {n} min', { n: Math.round(wait / 60) }) : null, late ? t('late: due {time}', { time: clock(stop.due_s) }) : null,
      stop.lock ? t('agreed') : null, stop.must ? t('must be seen') : null, stop.state === 'done' ? t('seen') : stop.state === 'arrived' ? t('is there now') : null,
    ].filter(Boolean).join(', ');
    const block = h('button', {
      type: 'button', class: `tl-stop${late ? ' late' : ''}${stop.lock ? ' locked' : ''}${stop.state === 'done' ? ' done' : stop.state === 'arrived' ? ' here' : ''}${this.px(stop.leave_s - stop.start_s) < 18 ? ' tight' : ''}`, tabindex: '-1', 'aria-label': words, title: words,
      'aria-haspopup': 'dialog', 'aria-expanded': 'false', data: { stop: stop.id }, style: { left, width: this.wide(stop.start_s, Math.max(stop.leave_s, stop.start_s + 60)) },
    }, h('span', {}, this.px(stop.leave_s - stop.start_s) >= 11 || stop.lock ? String(i + 1) : ''), stop.lock ? icon('lock', 9) : null);
    return [
      wait >= 60 ? h('i', { class: 'tl-wait', style: { left: this.at(stop.start_s - wait), width: this.wide(0, wait) } }) : null,
      told ? h('small', { class: 'tl-time', style: { left }, 'aria-hidden': 'true' }, clock(stop.start_s)) : null,
      block, ...this.windows(stop, i), this.due(stop, late),
    ].filter(Boolean);
  }

  windows(stop, i) {
    return stop.windows.filter(([start, end]) => end > this.from && start < this.to).map(([start, end]) => h('i', {
      class: `tl-win w${i % 2}`, data: { of: stop.id }, style: { left: this.at(Math.max(this.from, start)), width: this.wide(Math.max(this.from, start), Math.min(this.to, end)) },
    }));
  }

  due(stop, late) {
    const { due_s: due } = stop;
    if (due === null || due < this.from || due > this.to) return null;
    const [start, end] = late ? [due, stop.start_s] : [stop.leave_s, due];
    const mark = h('i', { class: `tl-due${late ? ' late' : ''}`, data: { of: stop.id }, style: { left: this.at(Math.min(start, end)), width: this.wide(Math.min(start, end), Math.max(start, end)) } });
    return mark;
  }

  /** The stop that is selected or under the pointer; one block is in the tab order. */
  mark() {
    const { selected, hovered } = this.store;
    const blocks = [...this.body.querySelectorAll('.tl-stop')];
    for (const block of blocks) {
      const id = Number(block.dataset.stop);
      block.classList.toggle('is-on', id === selected);
      block.classList.toggle('is-under', id === hovered);
      block.tabIndex = -1;
    }
    for (const mark of this.body.querySelectorAll('[data-of]')) mark.classList.toggle('is-under', [selected, hovered].includes(Number(mark.dataset.of)));
    const first = blocks.find((block) => Number(block.dataset.stop) === selected) || blocks[0];
    if (first) first.tabIndex = 0;
  }

  /** Arrow keys go from block to block; with Alt they move the stop, which the page does. */
  key(event) {
    const block = event.target.closest('.tl-stop');
    if (!block) return;
    if (!event.altKey && event.key.startsWith('Arrow')) {
      const next = this.neighbour(block, event.key);
      if (!next) return;
      event.preventDefault();
      next.focus();
      next.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    } else this.onKey(event, this.store.plan.stop(block.dataset.stop), block);
  }

  neighbour(block, key) {
    const row = block.closest('.tl-row');
    const inRow = [...row.querySelectorAll('.tl-stop')];
    if (key === 'ArrowLeft' || key === 'ArrowRight') return inRow[inRow.indexOf(block) + (key === 'ArrowRight' ? 1 : -1)];
    const rows = [...this.body.querySelectorAll('.tl-row')].filter((one) => one.querySelector('.tl-stop'));
    const other = rows[rows.indexOf(row) + (key === 'ArrowDown' ? 1 : -1)];
    const x = block.offsetLeft;
    return other && [...other.querySelectorAll('.tl-stop')].reduce((best, one) => (Math.abs(one.offsetLeft - x) < Math.abs(best.offsetLeft - x) ? one : best));
  }

  focusStop(id) {
    this.body.querySelector(`[data-stop="${id}"]`)?.focus();
  }

  /** The place in a round that a point of a lane means: `{person, position}`, the stop itself not counted. */
  placeAt(lane, clientX, stopId) {
    const box = lane.getBoundingClientRect();
    const time = this.from + ((clientX - box.left) / box.width) * (this.to - this.from);
    const { plan, day } = this.store;
    const person = Number(lane.dataset.lane);
    const stops = (plan.round(person, day)?.stops || []).filter((stop) => stop.id !== stopId);
    return { person, day, position: stops.filter((stop) => (stop.start_s + stop.leave_s) / 2 < time).length };
  }

  /** Shows where a dragged stop would go; null hides it. */
  showCaret(lane, clientX) {
    this.caret.hidden = !lane;
    if (!lane) return;
    const inner = this.body.querySelector('.tl-in').getBoundingClientRect();
    const box = lane.getBoundingClientRect();
    this.caret.style.left = `${Math.max(box.left, Math.min(box.right, clientX)) - inner.left}px`;
    this.caret.style.top = `${box.top - inner.top + 4}px`;
    this.caret.style.height = `${box.height - 8}px`;
  }
}
