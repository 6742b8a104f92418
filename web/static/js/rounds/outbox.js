/** Acts of a round that wait for a connection: each under its own key, sent in order, so that none counts twice. */
import { h, icon } from '../dom.js';
import { shortMoment } from '../format.js';
import { t } from '../i18n.js';
import { send } from '../sending.js';
import { post } from './server.js';

const RETRY_MS = 15_000;

export class Outbox {
  /** @param {HTMLElement} element @param {{store: Store, onSent: (body) => void, onRefused: () => void, onChange: (waiting: object[]) => void}} parts */
  constructor(element, parts) {
    Object.assign(this, { element, ...parts, waiting: [], why: new Map(), stuck: false });
  }

  async start() {
    addEventListener('online', () => this.flush());
    setInterval(() => this.waiting.length && this.flush(), RETRY_MS);
    await this.read();
    if (this.waiting.length) await this.flush();
  }

  async read() {
    this.waiting = await this.store.acts();
    this.onChange(this.waiting);
    this.show();
  }

  /** Keeps an act; it is sent at once where that is possible, but nobody waits for it. */
  async put(entry) {
    await this.store.add('acts', { ...entry, since: Date.now() });
    await this.read();
    this.flush();
  }

  /** Sends what waits, oldest first, until one does not get through. */
  async flush() {
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    try {
      do {
        this.again = false;
        this.stuck = false;
        for (const entry of await this.store.acts()) {
          if (this.why.get(entry.n)?.final || (await this.try(entry))) continue;
          this.stuck = true;
          break;
        }
      } while (this.again);
    } finally {
      this.running = false;
      await this.read();
    }
  }

  answer({ address, body, form }) {
    if (form) {
      const data = new FormData();
      for (const [name, value] of form) data.append(name, value);
      return send(address, data);
    }
    return post(address, { ...body, sent_at: new Date().toISOString() });
  }

  /** @returns {Promise<boolean>} whether to go on with the next one */
  async try(entry) {
    const answer = navigator.onLine === false ? { kind: 'unreachable' } : await this.answer(entry);
    if (answer.kind === 'done') {
      await this.store.remove('acts', [entry]);
      this.why.delete(entry.n);
      this.onSent(answer.body, entry);
      return true;
    }
    if (answer.kind === 'refused' && answer.body.field !== 'csrf_token') {
      this.why.set(entry.n, { text: answer.body.detail || t('It was not taken'), final: true });
      this.onRefused();
      return true;
    }
    this.why.set(entry.n, { text: answer.kind === 'sign-in' ? t('You are no longer signed in') : answer.kind === 'refused' ? t('Load the page again') : '', final: false, signIn: answer.kind === 'sign-in' });
    return false;
  }

  /** Acts that still count here: those that were refused do not. */
  get pending() {
    return this.waiting.filter(({ n }) => !this.why.get(n)?.final);
  }

  line(entry) {
    const why = this.why.get(entry.n);
    return h('li', {}, shortMoment(entry.since, Date.now()), ' · ', entry.what, ' · ', h('span', { lang: '' }, entry.name),
      why?.text ? h('span', { class: 't-over' }, ` · ${why.text}`) : null,
      why?.signIn ? h('a', { href: '/sign-in?next=/round' }, ' ', t('Sign in')) : null,
      why?.final ? h('button', { type: 'button', class: 'link', on: { click: () => this.drop(entry) } }, t('Throw away')) : null);
  }

  show() {
    const { waiting, element } = this;
    // What is on its way at this moment is no news.
    const shown = waiting.filter(({ n }) => this.stuck || this.why.get(n)?.final);
    element.hidden = !shown.length;
    if (!shown.length) return;
    const open = shown.filter(({ n }) => !this.why.get(n)?.final).length;
    element.replaceChildren(
      h('p', {}, icon(open ? 'wifi-off' : 'triangle-alert', 16),
        h('b', {}, open === 0 ? t('Not taken') : open === 1 ? t('1 step is not sent yet') : t('{n} steps are not sent yet', { n: open })),
        open ? h('button', { type: 'button', class: 'link', on: { click: () => this.flush() } }, t('Try now')) : null),
      h('p', { class: 'sec' }, this.store.kept ? t('Kept in this phone, sent by itself when there is a connection') : t('This browser keeps nothing: leave the page open')),
      h('ul', {}, shown.map((entry) => this.line(entry))),
    );
  }

  async drop(entry) {
    await this.store.remove('acts', [entry]);
    this.why.delete(entry.n);
    await this.read();
  }
}
