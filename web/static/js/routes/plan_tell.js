/** The card over the map that tells what a change does: before it is made, with a choice, or after it, with the way back. */
import { h, icon, iconButton } from '../dom.js';
import { t } from '../i18n.js';
import { failure } from './plan_changes.js';
import { Overtaken } from './plan_server.js';

const SHOWN = 7;

export class Tell {
  /** @param {HTMLElement} root @param {{store, changes, onOvertaken}} parts */
  constructor(root, { store, changes, onOvertaken }) {
    Object.assign(this, { root, store, changes, onOvertaken, asked: 0, asking: false });
    root.addEventListener('keydown', (event) => event.key === 'Escape' && this.close());
  }

  /** Whether something is offered that waits for a word; what was only told does not. */
  get isAsking() {
    return !this.root.hidden && this.asking;
  }

  show(title, body, buttons, { focus = false } = {}) {
    const close = iconButton('x', t('Close'), { on: { click: () => this.close() } }, 15);
    this.root.replaceChildren(h('header', {}, h('h3', { tabindex: '-1' }, title), close), ...body, h('footer', {}, ...buttons.filter(Boolean)));
    this.root.hidden = false;
    if (focus) this.root.querySelector('h3').focus({ preventScroll: true });
  }

  close() {
    this.asked += 1;
    this.asking = false;
    this.root.hidden = true;
    this.root.replaceChildren();
    this.changes.endTrial();
    this.onClose?.();
    this.onClose = null;
  }

  lines(words) {
    const more = words.length - SHOWN;
    return h('ul', { class: 'tell-lines' }, words.slice(0, SHOWN).map((line) => h('li', {}, line)), more > 0 ? h('li', { class: 'muted' }, t('and {n} more', { n: more })) : null);
  }

  /** A change was made. */
  done(words, title = t('Changed')) {
    this.asking = false;
    const undo = this.store.plan.facts.undo && this.store.plan.facts.may_change && !this.store.past
      ? h('button', { type: 'button', class: 'btn btn-default sm', data: { undo: '' }, on: { click: () => { this.close(); this.changes.undo(); } } }, icon('undo-2', 14), t('Undo')) : null;
    this.show(title, [this.lines(words)], [undo]);
  }

  /**
   * Offers one change or several ways to make it; each is tried, the chosen one is shown on map and timetable.
   * @param {string} title
   * @param {Array<{word: string, changes: object[], accept?: (answer: object) => object[]}>} ways
   * @param {?string} lead
   */
  async offer(title, ways, lead = null) {
    this.close();
    this.asking = true;
    const asked = this.asked;
    this.root.hidden = false;
    const found = ways.map(() => null);
    let chosen = 0;
    const draw = () => this.drawOffer({ title, ways, lead, found, chosen, onChoose: (i) => { chosen = i; look(); } });
    const look = () => {
      this.store.setTrial(found[chosen]?.data || null);
      draw();
    };
    draw();
    this.root.querySelector('h3').focus({ preventScroll: true });
    for (const [i, way] of ways.entries()) {
      try {
        const answer = await this.changes.trial(way.changes);
        if (asked !== this.asked || !answer) return;
        found[i] = answer;
      } catch (error) {
        if (asked !== this.asked) return;
        if (error instanceof Overtaken) {
          this.close();
          this.onOvertaken(way.changes, error.message);
          return;
        }
        found[i] = { refused: failure(error) };
        if (chosen === i && ways[i + 1]) chosen = i + 1;
      }
      if (chosen === i || found[chosen]) look();
      else draw();
    }
  }

  drawOffer({ title, ways, lead, found, chosen, onChoose }) {
    const answer = found[chosen];
    const tabs = ways.length > 1 ? h('div', { class: 'seg', role: 'group', 'aria-label': t('How it is put in') }, ways.map((way, i) => {
      const button = h('button', { type: 'button', 'aria-pressed': String(i === chosen) }, way.word);
      button.addEventListener('click', () => onChoose(i));
      return button;
    })) : null;
    const focused = this.root.contains(document.activeElement);
    const accept = h('button', { type: 'button', class: 'btn btn-primary sm', disabled: !answer?.data, data: { accept: '' } }, icon('check', 14), t('Do it'));
    accept.addEventListener('click', () => {
      const { changes, accept: made } = ways[chosen];
      const list = made ? made(answer) : changes;
      this.asked += 1;
      this.asking = false;
      this.root.hidden = true;
      this.changes.make(list).then(() => this.changes.endTrial());
    });
    const drop = h('button', { type: 'button', class: 'btn btn-default sm', on: { click: () => this.close() } }, t('Leave it'));
    const body = !answer ? h('p', { class: 'muted', role: 'status' }, chosen && ways.length > 1 ? t('Working it out: a few seconds') : t('Trying it'))
      : answer.refused ? h('p', { class: 'rp-fault' }, icon('circle-alert', 14), answer.refused) : this.lines(answer.words);
    this.show(title, [lead ? h('p', { class: 'sec' }, lead) : null, tabs, body].filter(Boolean), [accept, drop]);
    if (focused) (accept.disabled ? this.root.querySelector('h3') : accept).focus({ preventScroll: true });
  }
}
