/** Dragging a stop with a mouse or a finger to another place: what it would do is tried and told while it hangs there. */
import { h } from '../dom.js';
import { t } from '../i18n.js';
import { failure, moveTo } from './plan_changes.js';
import { Overtaken } from './plan_server.js';
import { stopName } from './plan_words.js';

const THRESHOLD_PX = 5;
const HOLD_MS = 320;
const TRY_MS = 110;

export class StopDrag {
  /** @param {{store, changes, timeline}} parts */
  constructor({ store, changes, timeline }) {
    Object.assign(this, { store, changes, timeline, now: null });
    addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.now?.moving) return;
      event.stopImmediatePropagation();
      this.end(false);
    }, true);
  }

  /** Lets what has `data-stop` inside an element be dragged. */
  watch(root) {
    root.addEventListener('pointerdown', (event) => this.down(event));
    root.addEventListener('click', (event) => {
      // The click that ends a drag opens nothing.
      if (!this.justMoved) return;
      event.stopPropagation();
      event.preventDefault();
    }, true);
  }

  down(event) {
    const handle = event.target.closest('[data-stop]');
    const stop = handle && this.store.plan.stop(handle.dataset.stop);
    if (this.now || event.button || !stop || !this.store.open || stop.state === 'done') return;
    const finger = event.pointerType !== 'mouse';
    this.now = { stop, handle, x: event.clientX, y: event.clientY, moving: false, finger, place: null, answer: null };
    this.listeners = [
      [window, 'pointermove', (next) => this.move(next)], [window, 'pointerup', () => this.end(true)], [window, 'pointercancel', () => this.end(false)],
      // While a finger holds a stop the page must not scroll under it.
      [handle, 'touchmove', (next) => this.now?.moving && next.preventDefault(), { passive: false }],
      [handle, 'contextmenu', (next) => finger && next.preventDefault()],
    ];
    for (const [target, type, listener, options] of this.listeners) target.addEventListener(type, listener, options);
    if (finger) this.hold = setTimeout(() => this.lift(), HOLD_MS);
  }

  lift() {
    const { now } = this;
    if (!now || now.moving) return;
    now.moving = true;
    document.body.classList.add('is-moving');
    navigator.vibrate?.(12);
    this.tip = h('div', { class: 'rt-tip', role: 'status' }, h('b', {}, stopName(now.stop)), h('span', {}, t('Drop it on a round')));
    document.body.append(this.tip);
    this.follow(now.x, now.y);
  }

  move(event) {
    const { now } = this;
    if (!now) return;
    const far = Math.hypot(event.clientX - now.x, event.clientY - now.y) > THRESHOLD_PX;
    if (!now.moving) {
      if (!far) return;
      if (now.finger) {
        this.end(false);
        return;
      }
      this.lift();
    }
    event.preventDefault();
    this.follow(event.clientX, event.clientY);
    this.over(event.clientX, event.clientY);
  }

  follow(x, y) {
    const width = this.tip.offsetWidth;
    this.tip.style.left = `${Math.max(8, Math.min(innerWidth - width - 8, x + 14))}px`;
    this.tip.style.top = `${Math.max(8, Math.min(innerHeight - this.tip.offsetHeight - 8, y - this.tip.offsetHeight - 14))}px`;
  }

  /** What lies under the pointer: a lane of the timetable, or a row or a card of the list. */
  target(x, y) {
    const { stop } = this.now;
    const under = document.elementFromPoint(x, y);
    const lane = under?.closest('.tl-lane[data-lane]') || under?.closest('.tl-row')?.querySelector('.tl-lane');
    if (lane) return { ...this.timeline.placeAt(lane, x, stop.id), lane };
    const { plan, day } = this.store;
    const card = under?.closest('[data-person]');
    if (!card) return null;
    const person = Number(card.dataset.person);
    const stops = (plan.round(person, day)?.stops || []).filter((one) => one.id !== stop.id);
    const row = under.closest('.rd-stop');
    if (!row) return { person, day, position: stops.length };
    const box = row.getBoundingClientRect();
    const at = stops.findIndex((one) => one.id === Number(row.dataset.stop));
    return { person, day, position: at < 0 ? stops.length : at + (y > box.top + box.height / 2 ? 1 : 0) };
  }

  over(x, y) {
    const { now } = this;
    const place = this.target(x, y);
    this.timeline.showCaret(place?.lane || null, x);
    const key = place ? `${place.person}/${place.position}` : '';
    if (key === now.key) return;
    Object.assign(now, { key, place, answer: null, refused: '' });
    clearTimeout(this.waiting);
    if (!place || this.isHome(place)) {
      this.changes.endTrial();
      this.say(place ? t('It stays where it is') : t('Drop it on a round'));
      return;
    }
    this.say(t('…'));
    this.waiting = setTimeout(() => this.attempt(place), TRY_MS);
  }

  isHome({ person, day, position }) {
    const { stop } = this.now;
    return stop.inspector === person && stop.day === day && stop.position === position;
  }

  change({ person, day, position }) {
    return [moveTo(this.store.plan, this.now.stop.id, person, day, position)];
  }

  async attempt(place) {
    const { now } = this;
    try {
      const answer = await this.changes.trial(this.change(place));
      if (!answer || this.now !== now || now.place !== place) return;
      now.answer = answer;
      this.store.setTrial(answer.data);
      this.say(...answer.words.slice(0, 4));
    } catch (error) {
      if (this.now !== now || now.place !== place) return;
      now.refused = error instanceof Overtaken ? '' : failure(error);
      this.store.setTrial(null);
      this.say(failure(error));
    }
  }

  say(...lines) {
    if (!this.tip) return;
    this.tip.replaceChildren(h('b', {}, stopName(this.now.stop)), ...lines.map((line) => h('span', {}, line)));
    this.tip.classList.toggle('is-no', Boolean(this.now.refused));
  }

  end(drop) {
    const { now } = this;
    if (!now) return;
    clearTimeout(this.hold);
    clearTimeout(this.waiting);
    for (const [target, type, listener, options] of this.listeners) target.removeEventListener(type, listener, options);
    const wanted = drop && now.moving && now.place && !now.refused && !this.isHome(now.place) ? this.change(now.place) : null;
    this.now = null;
    if (!now.moving) return;
    document.body.classList.remove('is-moving');
    this.tip.remove();
    this.tip = null;
    this.timeline.showCaret(null);
    this.justMoved = true;
    setTimeout(() => { this.justMoved = false; });
    if (wanted) this.changes.make(wanted).then(() => this.changes.endTrial());
    else this.changes.endTrial();
    this.store.tell('plan');
  }
}
