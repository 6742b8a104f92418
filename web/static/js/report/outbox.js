/** Reports that wait for a connection: shown, sent by themselves, each under its own key so that none is filed twice. */
import { h, icon } from '../dom.js';
import { shortMoment } from '../format.js';
import { t } from '../i18n.js';
import { send } from '../sending.js';

const RETRY_MS = 20_000;

export class Outbox {
  /**
   * @param {HTMLElement} element
   * @param {{drafts: Drafts, formOf: (draft) => FormData, onRefused: (entry, body) => Promise<boolean>}} parts
   */
  constructor(element, parts) {
    Object.assign(this, { element, ...parts, sent: [], why: new Map() });
  }

  start() {
    addEventListener('online', () => this.flush());
    this.timer = setInterval(() => this.flush(), RETRY_MS);
    this.flush();
  }

  /** Sends what waits, oldest first, until one does not get through. */
  async flush() {
    if (this.running) return;
    this.running = true;
    try {
      for (const entry of await this.drafts.waiting()) {
        if (navigator.onLine === false || !(await this.try(entry))) break;
      }
    } finally {
      this.running = false;
      await this.show();
    }
  }

  /** @returns {Promise<boolean>} whether to go on with the next one */
  async try(entry) {
    const answer = await send('/report', this.formOf(entry));
    if (answer.kind === 'done') {
      await this.drafts.dequeue(entry.key);
      this.why.delete(entry.key);
      this.sent.push(answer.body);
      return true;
    }
    if (answer.kind === 'refused' && answer.body.field !== 'csrf_token') {
      if (!(await this.onRefused(entry, answer.body))) this.why.set(entry.key, answer.body.detail);
      return true;
    }
    this.why.set(entry.key, answer.kind === 'sign-in' ? t('You are no longer signed in') : answer.kind === 'refused' ? t('Load the page again') : '');
    return false;
  }

  async show() {
    const waiting = await this.drafts.waiting();
    this.element.hidden = !waiting.length && !this.sent.length;
    const line = (entry) => h('li', {}, shortMoment(entry.since, Date.now()), ' · ', t('{n} photos', { n: entry.photos.length }), entry.fields.description ? ` · ${entry.fields.description.slice(0, 30)}` : '',
      this.why.get(entry.key) ? h('span', { class: 't-over' }, ` · ${this.why.get(entry.key)}`) : null,
      h('button', { type: 'button', class: 'link', on: { click: () => this.drop(entry) } }, t('Throw away')));
    this.element.replaceChildren(...[
      waiting.length ? h('p', {}, icon('wifi-off', 16), h('b', {}, waiting.length === 1 ? t('1 report is not sent yet') : t('{n} reports are not sent yet', { n: waiting.length })),
        h('button', { type: 'button', class: 'link', on: { click: () => this.flush() } }, t('Try now'))) : null,
      waiting.length ? h('ul', {}, waiting.map(line)) : null,
      ...this.sent.map(({ url }) => h('p', { class: 'ok' }, icon('circle-check', 16), h('a', { href: url }, t('A report that waited has arrived: see its number')))),
    ].filter(Boolean));
  }

  async drop(entry) {
    if (!confirm(t('Throw this report away? It was never sent.'))) return;
    await this.drafts.dequeue(entry.key);
    await this.show();
  }
}
