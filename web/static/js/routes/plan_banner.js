/** What must be known about a plan before it is trusted, and what happened to it meanwhile. */
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { stopName } from './plan_words.js';

export class PlanBanner {
  /** @param {HTMLElement} root of what happened @param {HTMLElement} lasting place of what stays true */
  constructor(root, lasting, store) {
    Object.assign(this, { root, lasting, store });
    store.addEventListener('plan', () => this.warn());
    this.warn();
  }

  /** One line over the page, with buttons [word, act]. */
  say(kind, words, ...buttons) {
    const made = buttons.map(([word, act]) => h('button', { type: 'button', class: 'btn btn-default sm', on: { click: () => { this.clear(); act(); } } }, word));
    this.root.replaceChildren(h('div', { class: `banner${kind === 'note' ? ' stale' : ''}`, role: 'alert' }, icon(kind === 'note' ? 'info' : 'triangle-alert', 16), h('span', { class: 'grow' }, words), ...made,
      h('button', { type: 'button', class: 'ib', 'aria-label': t('Close'), on: { click: () => this.clear() } }, icon('x', 15))));
  }

  clear() {
    this.root.replaceChildren();
  }

  /** What is true of this plan: how far its times can be trusted, what was closed since. */
  warn() {
    const { plan } = this.store;
    const { facts } = plan;
    const said = [];
    const { router } = plan.outcome;
    if (router && router !== 'used' && plan.data.warnings?.length) said.push(plan.data.warnings[0]);
    if (facts.straight) said.push(t('There is no street network: times are reckoned on straight lines and are not to be trusted.'));
    else if (facts.network?.schematic && router !== 'used') said.push(t('The streets are the schematic ones of the sample city: times are examples, not to be trusted on real streets.'));
    if (facts.stale && !facts.straight && !this.store.past) said.push(t('Another street network is in use by now: work the plan out again to use it.'));
    if (facts.stale && facts.straight && !this.store.past) said.push(t('A street network is there by now: work the plan out again to use it.'));
    const closed = this.store.past ? [] : plan.stops.filter((stop) => stop.finding?.key === 'done' && !['done', 'skipped'].includes(stop.state));
    if (closed.length) said.push(closed.length === 1 ? t('Closed meanwhile, still in the plan: {name}', { name: stopName(closed[0]) }) : t('{n} findings of the plan were closed meanwhile: {name} and others', { n: closed.length, name: stopName(closed[0]) }));
    this.lasting.hidden = !said.length;
    this.lasting.replaceChildren(...said.map((words) => h('p', { class: 'note warn' }, icon('triangle-alert', 14), h('span', {}, words))));
  }
}
