/** The foot of the case pane: one likely step, two more, the rest folded, each that is not possible with why. */
import { ActDialog } from '../act_dialog.js';
import { h, icon, iconButton, toast } from '../dom.js';
import { t } from '../i18n.js';
import { ask } from './data.js';
import { closePopover, togglePopover } from './popover.js';

const BESIDE = 2;

export class CaseActs {
  /**
   * @param {HTMLElement} foot its own links stay as the last ones
   * @param {{onDone: () => void}} parts
   */
  constructor(foot, { onDone }) {
    Object.assign(this, { foot, onDone, own: [...foot.children], sheet: null });
  }

  /** Shows what may be done with a case of the answer to /map/case. */
  async show(item) {
    if (this.id !== item.id) this.plain();
    this.id = item.id;
    if (item.restricted) return;
    try {
      const sheet = await ask('acts', `/findings/${item.id}/acts`);
      if (this.id !== item.id) return;
      this.sheet = sheet;
      this.draw();
    } catch {
      // Without the acts the case can still be read; its page has them.
    }
  }

  /** Only the links that everybody has. */
  plain() {
    closePopover();
    this.id = null;
    this.foot.replaceChildren(...this.own);
  }

  draw() {
    const { offers, correct } = this.sheet;
    const possible = offers.filter((offer) => offer.possible);
    if (!offers.length && !correct.possible) {
      this.foot.replaceChildren(...this.own);
      return;
    }
    const [first, ...others] = possible;
    const beside = others.slice(0, BESIDE - 1);
    const primary = first ? this.button(first, first.backward ? 'btn-default' : 'btn-primary', 'grow') : null;
    const [whole, closer] = this.own;
    const more = iconButton('ellipsis', t('More'), { class: 'btn btn-default sq', 'aria-haspopup': 'dialog', 'aria-expanded': 'false' });
    more.addEventListener('click', () => this.toggle(more, others.slice(beside.length), first ? [whole, closer] : [closer]));
    this.foot.replaceChildren(...[primary, ...beside.map((offer) => this.button(offer, 'btn-default')), first ? null : whole, more].filter(Boolean));
  }

  button(offer, look, extra = '') {
    return h('button', { type: 'button', class: `btn ${look} ${extra}`, data: { act: offer.act }, on: { click: () => this.open(offer.act) } }, icon(offer.icon, 15), offer.word);
  }

  toggle(button, rest, own) {
    const { offers, correct, id, later } = this.sheet;
    const impossible = offers.filter((offer) => !offer.possible && offer.fits);
    const line = (name, word, why) => h('div', { class: 'opt off' }, icon(name, 16), h('span', {}, h('span', {}, word), h('small', {}, why)));
    const links = own.map((element) => {
      const copy = element.cloneNode(true);
      copy.className = 'opt';
      copy.addEventListener('click', () => {
        closePopover();
        if (element.tagName === 'BUTTON') element.click();
      });
      return copy;
    });
    togglePopover(button, h('div', { class: 'act-more' },
      rest.map((offer) => h('button', { type: 'button', class: 'opt', data: { act: offer.act }, on: { click: () => { closePopover(); this.open(offer.act); } } }, icon(offer.icon, 16), offer.word)),
      links,
      correct.possible ? h('a', { class: 'opt', href: `/findings/${id}/correct` }, icon('pencil', 16), t('Correct it')) : null,
      impossible.length ? h('hr', {}) : null,
      impossible.map((offer) => line(offer.icon, offer.word, offer.why)),
      later ? h('p', { class: 'later' }, later) : null), { label: t('More') });
  }

  open(act) {
    const done = ({ said }) => {
      toast(said);
      this.onDone();
    };
    new ActDialog(this.sheet, act, { onDone: done, onStale: () => this.onDone() });
  }
}
