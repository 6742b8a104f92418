/** The server does not answer: says what failed, how old the data is and when it is tried again. Nothing disappears. */
import { h, icon } from '../dom.js';
import { duration, time } from '../format.js';
import { t } from '../i18n.js';

const RETRY_S = [5, 10, 20, 40, 60];

export class Banner {
  /** @param {HTMLElement} root @param {{onRetry: () => void, onStale: (time: ?string) => void}} parts */
  constructor(root, { onRetry, onStale }) {
    Object.assign(this, { root, onRetry, onStale, tries: 0, timer: 0, known: null });
  }

  /** An answer came, of this time by the server's clock. */
  succeed(now) {
    this.known = { now, at: Date.now() };
    this.tries = 0;
    this.hide();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
  }

  hide() {
    this.stop();
    this.retrying = false;
    this.root.replaceChildren();
    this.onStale(null);
  }

  /** No answer: tries again by itself, more and more slowly. */
  unreachable() {
    // Something else failed while the countdown runs: it goes on.
    if (this.timer && !this.retrying) return;
    this.stop();
    this.retrying = false;
    const age = this.known ? Date.now() - this.known.at : 0;
    const old = this.known ? time(this.known.now) : '';
    let left = RETRY_S[Math.min(this.tries, RETRY_S.length - 1)];
    this.tries += 1;
    const when = h('span', { class: 'sec' });
    const say = () => {
      when.textContent = age > 60_000
        ? t('{time} ago. Retrying in {n} s. Nothing is lost.', { time: duration(age), n: left })
        : t('Retrying in {n} s. Nothing is lost.', { n: left });
    };
    say();
    const retry = () => {
      this.stop();
      this.retrying = true;
      this.onRetry();
    };
    const lead = navigator.onLine === false ? t('No network; you see the data of {time}', { time: old }) : t('The server does not answer; you see the data of {time}', { time: old });
    this.show(lead, when, h('button', { type: 'button', class: 'btn btn-default', on: { click: retry } }, icon('refresh-cw', 14), t('Retry now')));
    this.timer = setInterval(() => {
      left -= 1;
      if (left <= 0) retry();
      else say();
    }, 1000);
    this.onStale(old);
  }

  /** The server refused these filters: its own words, and the way out. */
  refused(words, onClear) {
    this.stop();
    const clear = h('button', { type: 'button', class: 'btn btn-default', on: { click: onClear } }, t('Clear all'));
    this.show(t('These filters do not work'), h('span', { class: 'sec' }, words), clear);
  }

  show(lead, more, button) {
    const said = this.root.querySelector('b')?.textContent === lead;
    const banner = h('div', { class: 'banner', role: said ? null : 'alert' }, icon('triangle-alert', 16), h('b', {}, lead), more, h('span', { class: 'grow' }), button);
    this.root.replaceChildren(banner);
  }
}
