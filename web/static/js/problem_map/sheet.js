/** The bottom sheet of the phone: three heights, dragged or tapped; Back lowers it. */
import { t } from '../i18n.js';

const LOW_PX = 220;
const MIDDLE = 0.56;
/** The search field stays above a full sheet. */
const SEARCH_PX = 66;
const FLING_PX_MS = 0.5;
const STOPS = ['low', 'middle', 'full'];

export const phone = matchMedia('(max-width: 899.98px)');

export class Sheet {
  /**
   * @param {HTMLElement} work the frame that holds the map and both panes
   * @param {() => void} onChange the sheet stands at another height
   */
  constructor(work, onChange) {
    Object.assign(this, { work, onChange, stop: 'low', before: 'low' });
    for (const pane of work.querySelectorAll('.pane')) this.listen(pane);
    addEventListener('popstate', () => this.followHistory());
    phone.addEventListener('change', () => this.apply());
    addEventListener('resize', () => this.apply());
    this.apply();
  }

  height(stop) {
    const whole = this.work.clientHeight;
    return { low: Math.min(LOW_PX, whole), middle: Math.round(whole * MIDDLE), full: whole - SEARCH_PX }[stop];
  }

  /** Opens the sheet for a case, or gives the list its height back. */
  setCase(open) {
    if (open === this.open) return;
    this.open = open;
    if (open) {
      if (this.stop !== 'full') this.before = this.stop;
      this.stop = 'middle';
    } else {
      this.stop = history.state?.sheet === 'full' ? 'full' : this.before;
    }
    this.apply();
  }

  apply() {
    if (!phone.matches) return;
    this.work.style.setProperty('--sheet', `${this.height(this.stop)}px`);
    const label = { low: t('Raise the sheet'), middle: t('Raise the sheet'), full: t('Lower the sheet') }[this.stop];
    for (const grip of this.work.querySelectorAll('.grab')) grip.setAttribute('aria-label', label);
    this.onChange();
  }

  /** A step of its own in the history when the sheet covers everything, so that Back lowers it. */
  moveTo(stop) {
    if (stop !== 'full' && history.state?.sheet === 'full') {
      this.wanted = stop;
      history.back();
    } else if (stop === 'full' && this.stop !== 'full') {
      history.pushState({ sheet: 'full' }, '');
    }
    this.stop = stop;
    if (!this.work.classList.contains('has-case') && stop !== 'full') this.before = stop;
    this.apply();
  }

  followHistory() {
    const full = history.state?.sheet === 'full';
    if (full) this.stop = 'full';
    else if (this.stop === 'full') this.stop = this.wanted || (this.work.classList.contains('has-case') ? 'middle' : 'low');
    this.wanted = null;
    this.apply();
  }

  listen(pane) {
    const grip = pane.querySelector('.grab');
    grip.addEventListener('click', () => {
      if (!this.dragged) this.moveTo(this.stop === 'full' ? 'low' : STOPS[STOPS.indexOf(this.stop) + 1]);
    });
    grip.addEventListener('keydown', ({ key }) => {
      const step = { ArrowUp: 1, ArrowDown: -1 }[key];
      const next = step && STOPS[STOPS.indexOf(this.stop) + step];
      if (next) this.moveTo(next);
    });
    for (const handle of [grip, pane.querySelector('.pane-h')]) handle.addEventListener('pointerdown', (event) => this.drag(event));
  }

  drag(event) {
    if (!phone.matches || event.button || event.target.closest('.ib, a')) return;
    const start = { y: event.clientY, height: this.height(this.stop) };
    let latest = { y: event.clientY, at: event.timeStamp };
    let speed = 0;
    this.dragged = false;
    const move = (next) => {
      if (Math.abs(next.clientY - start.y) > 6) this.dragged = true;
      if (!this.dragged) return;
      this.work.classList.add('is-dragging');
      speed = (latest.y - next.clientY) / Math.max(1, next.timeStamp - latest.at);
      latest = { y: next.clientY, at: next.timeStamp };
      const height = Math.max(96, Math.min(this.height('full'), start.height + start.y - next.clientY));
      this.work.style.setProperty('--sheet', `${height}px`);
    };
    const end = () => {
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', end);
      removeEventListener('pointercancel', end);
      this.work.classList.remove('is-dragging');
      if (this.dragged) this.moveTo(this.nearest(start.height + start.y - latest.y, speed));
      setTimeout(() => { this.dragged = false; });
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', end);
    addEventListener('pointercancel', end);
  }

  nearest(height, speed) {
    if (Math.abs(speed) > FLING_PX_MS) {
      const onward = STOPS.filter((stop) => (speed > 0 ? this.height(stop) > height : this.height(stop) < height));
      if (onward.length) return speed > 0 ? onward[0] : onward.at(-1);
    }
    return STOPS.reduce((best, stop) => (Math.abs(this.height(stop) - height) < Math.abs(this.height(best) - height) ? stop : best));
  }
}
