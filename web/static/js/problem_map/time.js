/** The histogram of reports by day with a range that is dragged, typed or moved by keys, and played day by day. */
import { h, icon, svg } from '../dom.js';
import { day } from '../format.js';
import { number, t } from '../i18n.js';
import { datesForm, datesWord, daysBetween, shift } from './dates.js';
import { togglePopover } from './popover.js';

const MAX_BARS = 120;
const PLAY_MS = 450;
const PLAY_DAYS = 7;
const HEIGHT = 36;

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

export class TimeRange {
  /** @param {HTMLElement} root @param {import('./state.js').Store} store @param {{settled: () => Promise}} parts */
  constructor(root, store, { settled }) {
    Object.assign(this, { root, store, settled, first: '', today: '', counts: [], range: [0, 0], playing: null });
    this.build();
  }

  get last() { return this.counts.length - 1; }


  build() {
    this.play = h('button', { type: 'button', class: 'ib', 'aria-pressed': 'false', on: { click: () => this.togglePlay() } });
    this.words = h('b');
    this.note = h('span');
    this.what = h('button', { type: 'button', class: 'what', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', title: t('Type the days') }, this.words, this.note);
    this.what.addEventListener('click', () => togglePopover(this.what, datesForm(this.store, this.today), { label: t('Reported') }));
    this.bars = svg('svg', { class: 'bars', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    this.shade = h('div', { class: 'range' });
    this.handles = [t('First day'), t('Last day')].map((label, i) => this.handle(label, i));
    this.track = h('div', { class: 'track' }, this.bars, this.shade, this.handles);
    this.ticks = h('div', { class: 'ticks', 'aria-hidden': 'true' });
    this.root.replaceChildren(this.play, this.what, h('div', { class: 'plot' }, this.track, this.ticks));
    this.track.addEventListener('pointerdown', (event) => this.drag(event));
    this.showPlay();
  }

  handle(label, i) {
    const element = h('div', { class: 'handle', role: 'slider', tabindex: '0', 'aria-label': label });
    element.addEventListener('keydown', (event) => this.key(event, i));
    return element;
  }

  /** Days and counts of a /map/view answer; the last day is today, or older where everything is. */
  setDays({ first, counts }, today) {
    Object.assign(this, { first, counts, today });
    this.drawBars();
    this.render();
  }

  /** Takes the range from the filters. */
  render() {
    if (!this.counts.length) return;
    const { from, to } = this.store.state.filters;
    const low = from ? clamp(daysBetween(this.first, from), 0, this.last) : 0;
    const high = to ? clamp(daysBetween(this.first, to), 0, this.last) : this.last;
    this.place([low, Math.max(low, high)]);
  }

  drawBars() {
    const step = Math.ceil(this.counts.length / MAX_BARS) || 1;
    const bars = [];
    for (let at = 0; at < this.counts.length; at += step) bars.push([at, this.counts.slice(at, at + step).reduce((sum, n) => sum + n, 0)]);
    const most = Math.max(1, ...bars.map(([, n]) => n));
    this.bars.setAttribute('viewBox', `0 0 ${Math.max(1, this.counts.length)} ${HEIGHT}`);
    this.bars.replaceChildren(...bars.map(([at, n]) => {
      const height = n ? Math.max(2, (n / most) * (HEIGHT - 3)) : 1;
      const bar = svg('rect', { x: at + step * 0.09, y: HEIGHT - height, width: step * 0.82, height });
      bar.dataset.at = at;
      return bar;
    }));
    this.drawTicks();
  }

  drawTicks() {
    const share = [0, 0.25, 0.5, 0.75, 1];
    this.ticks.replaceChildren(...share.map((part) => {
      const at = Math.round(this.last * part);
      const date = shift(this.first, at);
      return h('span', {}, date === this.today ? t('today') : day(date, this.today.slice(0, 4)));
    }));
  }

  /** Shows a range, in days from the first. */
  place([low, high]) {
    this.range = [low, high];
    const width = this.counts.length || 1;
    this.shade.style.left = `${(low / width) * 100}%`;
    this.shade.style.right = `${(1 - (high + 1) / width) * 100}%`;
    for (const bar of this.bars.children) bar.classList.toggle('in', Number(bar.dataset.at) >= low - 0.5 && Number(bar.dataset.at) <= high);
    const whole = low === 0 && high === this.last;
    const days = [low, high].map((at) => shift(this.first, at));
    this.words.textContent = whole ? t('All days') : datesWord({ from: days[0], to: days[1] }, this.today);
    const n = high - low + 1;
    this.note.textContent = n === 1 ? t('reported, 1 day') : t('reported, {n} days', { n: number(n) });
    this.handles.forEach((handle, i) => {
      handle.style.left = `${((i ? high + 1 : low) / width) * 100}%`;
      handle.setAttribute('aria-valuemin', 0);
      handle.setAttribute('aria-valuemax', this.last);
      handle.setAttribute('aria-valuenow', this.range[i]);
      handle.setAttribute('aria-valuetext', day(days[i], this.today.slice(0, 4)));
    });
  }

  /** Puts the shown range into the filters; the whole range is no filter. */
  commit(how = 'push') {
    const [low, high] = this.range;
    this.store.filter({ from: low ? shift(this.first, low) : '', to: high < this.last ? shift(this.first, high) : '' }, how);
  }

  dayAt(clientX) {
    const { left, width } = this.track.getBoundingClientRect();
    return ((clientX - left) / width) * this.counts.length;
  }

  /** On a handle: moves it. Inside a narrower range: moves the range. Elsewhere: draws a new one. */
  drag(event) {
    if (event.button || !this.counts.length) return;
    event.preventDefault();
    this.stop();
    const start = this.dayAt(event.clientX);
    const [low, high] = this.range;
    const handle = this.handles.indexOf(event.target.closest('.handle'));
    const whole = low === 0 && high === this.last;
    const inside = handle < 0 && !whole && start >= low && start < high + 1;
    const move = (at) => {
      if (handle === 0) return [clamp(Math.round(at), 0, high), high];
      if (handle === 1) return [low, clamp(Math.round(at) - 1, low, this.last)];
      if (inside) {
        const by = clamp(Math.round(at - start), -low, this.last - high);
        return [low + by, high + by];
      }
      const ends = [start, at].map((value) => clamp(Math.floor(value), 0, this.last));
      return [Math.min(...ends), Math.max(...ends)];
    };
    const onMove = ({ clientX }) => this.place(move(this.dayAt(clientX)));
    const onEnd = () => {
      removeEventListener('pointermove', onMove);
      removeEventListener('pointerup', onEnd);
      removeEventListener('pointercancel', onEnd);
      this.commit();
    };
    addEventListener('pointermove', onMove);
    addEventListener('pointerup', onEnd);
    addEventListener('pointercancel', onEnd);
    if (handle >= 0) this.handles[handle].focus();
    else onMove(event);
  }

  key(event, i) {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 7, PageDown: -7, Home: -Infinity, End: Infinity }[event.key];
    if (step === undefined || !this.counts.length) return;
    event.preventDefault();
    this.stop();
    const [low, high] = this.range;
    this.place(i ? [low, clamp(high + step, low, this.last)] : [clamp(low + step, 0, high), high]);
    clearTimeout(this.keyTimer);
    this.keyTimer = setTimeout(() => this.commit(), 250);
  }

  togglePlay() {
    if (this.playing) this.stop();
    else this.start();
  }

  /** A window as wide as the range (a week, when that is everything) moves over the days, one by one. */
  async start() {
    const [low, high] = this.range;
    const whole = low === 0 && high === this.last;
    const wide = whole ? Math.min(PLAY_DAYS, this.counts.length) : high - low + 1;
    const run = { on: true };
    this.playing = run;
    this.showPlay();
    let at = whole || high === this.last ? 0 : low;
    for (let how = 'push'; run.on && at + wide <= this.counts.length; at += 1, how = 'replace') {
      this.place([at, at + wide - 1]);
      this.commit(how);
      await Promise.all([this.settled(), new Promise((done) => { setTimeout(done, PLAY_MS); })]);
    }
    if (run.on) this.stop();
  }

  stop() {
    if (this.playing) this.playing.on = false;
    this.playing = null;
    this.showPlay();
  }

  showPlay() {
    const on = Boolean(this.playing);
    const label = on ? t('Stop') : t('Play by day');
    this.play.setAttribute('aria-pressed', String(on));
    this.play.setAttribute('aria-label', label);
    this.play.title = label;
    const pause = svg('svg', { class: 'ic', width: 16, height: 16, viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d: 'M8 5v14M16 5v14' }));
    this.play.replaceChildren(on ? pause : icon('play', 16));
  }
}
