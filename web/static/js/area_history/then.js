/** The slider over the versions: each step shows the map as it was; a day shows what was in force on it. */
import { h, toast } from '../dom.js';
import { day as dayWord, useTimeZone } from '../format.js';
import { t } from '../i18n.js';
import { ask, superseded } from '../problem_map/data.js';
import { HistoryMap, failure, inlined } from './frame.js';

const WAIT_MS = 90;
const MARK_PX = 76;
const find = (selector) => document.querySelector(selector);

/** Scrolls the list, never the page: on a phone the map stays where it is. */
function keepInSight(item) {
  const list = item.closest('.ah-list');
  if (list.scrollHeight <= list.clientHeight) return;
  const [top, bottom] = [item.offsetTop - list.offsetTop, item.offsetTop - list.offsetTop + item.offsetHeight];
  if (top < list.scrollTop) list.scrollTop = top;
  else if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
}

class ThenPage {
  constructor(map) {
    const config = inlined('bp-config');
    Object.assign(this, inlined('bp-history'));
    useTimeZone(config.city.timezone);
    this.thisYear = this.today.slice(0, 4);
    this.history = new HistoryMap(map, {
      config, label: t('The boundaries as they were; the list has the same versions'), onPick: (area) => this.picked(area),
    });
    this.slider = find('#slider');
    this.waiting = 0;
    this.buildMarks();
    this.listen();
    const at = this.marks.findIndex((one) => one.id === this.shown);
    this.at = at;
    if (at >= 0) this.slider.value = at;
    this.tell(this.day);
    this.load(this.on || !this.shown ? { on: this.day } : { p: this.shown });
  }

  buildMarks() {
    const { slider, marks } = this;
    slider.hidden = marks.length < 2;
    const host = find('#marks');
    const last = Math.max(marks.length - 1, 1);
    const room = Math.max(2, Math.floor(host.clientWidth / MARK_PX));
    const every = Math.ceil(marks.length / room);
    host.replaceChildren(...marks.map((one, i) => h('li', {
      style: { '--at': i / last }, class: i === 0 ? 'first' : i === last ? 'last' : '',
    }, (last - i) % every === 0 || i === last ? h('span', {}, dayWord(one.day, this.thisYear)) : '')));
  }

  listen() {
    this.slider.addEventListener('input', () => this.go(Number(this.slider.value)));
    find('#on-day').addEventListener('submit', (event) => {
      event.preventDefault();
      this.goToDay(find('#on').value);
    });
    find('#on').addEventListener('change', () => find('#on').validity.valid && this.goToDay(find('#on').value));
    find('#versions').addEventListener('click', (event) => {
      const link = event.target.closest('a.v');
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const at = this.marks.findIndex((one) => String(one.id) === link.closest('li').dataset.id);
      if (at < 0) return;
      event.preventDefault();
      this.slider.value = at;
      this.go(at);
    });
    addEventListener('popstate', () => location.reload());
    new ResizeObserver(() => this.buildMarks()).observe(find('#marks'));
  }

  /** Shows the map after a version of the list. */
  go(at) {
    const mark = this.marks[at];
    if (!mark) return;
    this.at = at;
    find('#on').value = mark.day;
    this.address({ p: mark.id });
    this.tell();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.load({ p: mark.id }), WAIT_MS);
  }

  /** Shows the map of a day: the last version on or before it. */
  goToDay(day) {
    if (!day) return;
    this.at = this.marks.findLastIndex((one) => one.day <= day);
    if (this.at >= 0) this.slider.value = this.at;
    this.address({ on: day });
    this.tell(day);
    this.load({ on: day });
  }

  address(query) {
    const here = new URL(location.href);
    for (const key of ['p', 'on']) here.searchParams.delete(key);
    for (const [key, value] of Object.entries(query)) here.searchParams.set(key, value);
    history.replaceState(null, '', here);
  }

  /** Says which version is shown, beside the slider, in it, and in the list. */
  tell(day = null) {
    const mark = this.marks[this.at];
    const shown = day || mark?.day || this.today;
    find('#then-day').textContent = dayWord(shown, this.thisYear);
    const since = mark && shown !== mark.day ? `${t('since {day}', { day: dayWord(mark.day, this.thisYear) })} · ` : '';
    const words = mark ? `v${mark.number} · ${since}${mark.note || mark.done}` : t('nothing was in force yet');
    find('#then-what').textContent = words;
    this.slider.setAttribute('aria-valuetext', mark ? `${dayWord(mark.day, this.thisYear)}, ${words}` : words);
    for (const item of document.querySelectorAll('#versions > li[data-id]')) {
      const current = mark && item.dataset.id === String(mark.id);
      item.toggleAttribute('aria-current', Boolean(current));
      if (current) {
        item.setAttribute('aria-current', 'true');
        keepInSight(item);
      }
    }
    find('#marks').querySelectorAll('li').forEach((item, i) => item.classList.toggle('on', i === this.at));
  }

  async load(query) {
    const asked = new URLSearchParams(query);
    if (this.level) asked.set('level', this.level);
    document.body.classList.add('is-loading');
    try {
      const answer = await ask('then', `${this.json}?${asked}`);
      this.history.show(answer);
      this.history.focus(this.area && !this.focused ? answer.areas.find((one) => one.code === this.area) || null : null);
      this.focused = true;
      document.body.dataset.version = this.marks.find((one) => one.id === answer.publication)?.number ?? '0';
    } catch (error) {
      if (!superseded(error)) toast(failure(error));
    } finally {
      document.body.classList.remove('is-loading');
    }
  }

  picked(area) {
    const address = area && `${this.areas_url}/${encodeURIComponent(area.code)}?level=${encodeURIComponent(area.level)}`;
    const now = area?.gone ? h('span', { class: 'muted' }, t('no more')) : h('a', { class: 'link', href: address }, t('The area now'));
    this.history.focus(area, area ? [now] : []);
  }
}

function start() {
  window.BP.page = new ThenPage(window.BP.map);
}

if (window.BP?.map) start();
else document.addEventListener('bp:map', start, { once: true });
