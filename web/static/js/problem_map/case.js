/** The case pane: what the list knows at once, the rest when the server has answered. */
import { h, icon, said } from '../dom.js';
import { local, t } from '../i18n.js';
import { tag } from '../symbols.js';
import { clock, facts, history, steps, triageNote } from './case_parts.js';
import { Refused, askCase, superseded } from './data.js';
import { rowButton, titleOf } from './list.js';
import { photos } from './photos.js';

/** A row of the list in the form of a case, for the first moment. */
const fromRow = (row) => ({ ...row, category: { zh: row.category[0], en: row.category[1], code: '' } });

const signInAddress = () => `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;

export class CasePane {
  /**
   * @param {HTMLElement} pane
   * @param {{onClose, onStep: (step: number) => void, onPick: (row) => void, onLoaded: (item) => void, clock: () => string, signedIn: boolean}} parts
   */
  constructor(pane, parts) {
    Object.assign(this, { pane, ...parts, id: null, item: null });
    this.head = pane.querySelector('.case-head');
    this.body = pane.querySelector('.body');
    this.scroll = pane.querySelector('.scroll');
    this.buttons = {
      previous: pane.querySelector('[data-step="-1"]'),
      next: pane.querySelector('[data-step="1"]'),
      close: pane.querySelector('[data-close]'),
    };
    this.buttons.previous.addEventListener('click', () => this.onStep(-1));
    this.buttons.next.addEventListener('click', () => this.onStep(1));
    this.buttons.close.addEventListener('click', () => this.onClose());
    this.whole = pane.querySelector('[data-whole]');
    this.foot = pane.querySelector('.acts');
  }

  /** Opens a finding; `row` is what is already known of it. */
  async open(id, row = null) {
    const fresh = this.id !== id;
    this.id = id;
    if (fresh) {
      this.scroll.scrollTop = 0;
      this.item = row ? fromRow(row) : null;
      this.show();
    }
    this.pane.setAttribute('aria-busy', 'true');
    try {
      const item = await askCase(id);
      if (this.id !== id) return;
      this.item = item;
      this.show();
      this.onLoaded(item);
    } catch (error) {
      if (!superseded(error) && this.id === id) this.fail(error);
    } finally {
      if (this.id === id) this.pane.removeAttribute('aria-busy');
    }
  }

  close() {
    this.id = null;
    this.item = null;
  }

  /** Which of the two arrows lead somewhere. */
  setSteps(previous, next) {
    this.buttons.previous.disabled = !previous;
    this.buttons.next.disabled = !next;
  }

  show() {
    const { item } = this;
    this.foot.hidden = !item;
    if (!item) {
      this.head.replaceChildren();
      this.body.replaceChildren(h('p', { class: 'muted' }, t('Loading…')));
      return;
    }
    const now = this.clock();
    this.head.replaceChildren(tag(item.s), h('span', { class: 'muted num ell' }, item.number));
    this.whole.href = `/findings/${item.id}`;
    const full = Boolean(item.steps);
    // Who came by the keyboard stands on the title: it is made anew when the rest has come.
    const reading = document.activeElement?.id === 'case-title';
    const title = titleOf({ category: [item.category.zh, item.category.en], subject: item.subject });
    this.body.replaceChildren(...[
      h('h1', { id: 'case-title', tabindex: '-1' }, title),
      item.place || item.patch ? h('div', { class: item.place ? 'loc' : 'loc p-only' }, icon('map-pin', 14), ' ', item.place ? said(item.place) : null, this.whose(item)) : null,
      clock(item, now),
      ...(full ? this.rest(item, now) : []),
    ].filter(Boolean));
    if (reading) document.getElementById('case-title').focus({ preventScroll: true });
  }

  /** On the phone the facts lie below the fold: whose it is stands beside the place. */
  whose({ place, patch, leader }) {
    if (!patch) return null;
    const name = patch.leader || leader;
    const words = [local([patch.zh, patch.en]), name && local(name)].filter(Boolean).join(' · ');
    return h('span', { class: 'p-only' }, `${place ? ' · ' : ''}${words}`);
  }

  rest(item, now) {
    return [
      steps(item, now),
      photos(item, now),
      triageNote(item),
      facts(item, now),
      item.restricted ? this.restricted(item) : null,
      ...(item.history?.length ? [h('h2', { class: 'sect' }, t('History')), history(item.history, now, item.photos)] : []),
      ...(item.nearby?.length ? this.nearby(item.nearby, now) : []),
    ];
  }

  nearby(rows, now) {
    return [
      h('h2', { class: 'sect' }, t('Open within 40 m')),
      h('div', { class: 'near' }, rows.map((row) => rowButton(row, now, this.onPick))),
    ];
  }

  restricted({ photos: shown }) {
    const words = shown?.length ? t('Persons and history are shown to the people in charge.') : t('Persons, photos and history are shown to the people in charge.');
    const way = this.signedIn ? null : h('a', { href: signInAddress() }, t('Sign in to see more'));
    return h('div', { class: 'note' }, icon('lock', 15), h('span', {}, words, ' ', way || t('This case is not one of yours.')));
  }

  fail(error) {
    const gone = error instanceof Refused && error.status === 404;
    const words = gone ? t('This finding does not exist, or not any more.') : error instanceof Refused ? error.message : t('The rest of this case could not be loaded.');
    const retry = gone ? null : h('button', { type: 'button', class: 'btn btn-default', on: { click: () => this.open(this.id) } }, icon('refresh-cw', 14), t('Retry now'));
    if (!this.item) this.body.replaceChildren();
    this.body.querySelector('.case-fault')?.remove();
    this.body.append(h('div', { class: 'note warn case-fault', role: 'alert' }, icon('triangle-alert', 15), h('span', { class: 'grow' }, words), retry));
  }

  /** The words of the dark label on the map. */
  get label() {
    return this.item ? [local([this.item.category.zh, this.item.category.en]), this.item.place].filter(Boolean).join(' · ') : '';
  }
}
