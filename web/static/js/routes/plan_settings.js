/** How a plan is worked out: evenness with its price, whose patch, by what means, how long; and the button that does it. */
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { length, span } from './plan_words.js';

const OWN = { no: t('does not matter'), preferred: t('own patch first'), only: t('own patch only') };
const MODES = { foot: t('on foot'), bike: t('by bicycle'), car: t('by car') };
const SECONDS = [3, 5, 10, 30, 60, 120, 300];

export class Settings {
  /** @param {HTMLElement} root @param {{store, onSolve: (asked: object) => void}} parts */
  constructor(root, { store, onSolve }) {
    Object.assign(this, { root, store, onSolve });
    this.build();
    store.addEventListener('plan', () => this.read());
    store.addEventListener('solving', () => this.able());
    this.read();
  }

  build() {
    const select = (id, words, choices) => {
      const field = h('select', { class: 'input', id }, Object.entries(choices).map(([value, word]) => h('option', { value }, word)));
      field.addEventListener('change', () => this.able());
      return [field, h('div', { class: 'set-f' }, h('label', { for: id }, words), field)];
    };
    this.slider = h('input', { type: 'range', id: 'balance', min: 0, max: 100, step: 5, 'aria-describedby': 'balance-price' });
    this.slider.addEventListener('input', () => this.able());
    this.price = h('p', { class: 'price', id: 'balance-price', 'aria-live': 'polite' });
    let fields;
    [this.own, ...fields] = select('own-patch', t('Patches'), OWN);
    const rows = [...fields];
    [this.mode, ...fields] = select('mode', t('They go'), MODES);
    rows.push(...fields);
    [this.seconds, ...fields] = select('seconds', t('Work on it for'), Object.fromEntries(SECONDS.map((s) => [s, span60(s)])));
    rows.push(...fields);
    this.button = h('button', { type: 'button', class: 'btn btn-primary', id: 'solve' }, icon('route', 15), h('span'));
    this.button.addEventListener('click', () => this.onSolve(this.asked()));
    this.form = h('fieldset', { class: 'set-form' },
      h('legend', { class: 'vh' }, t('How it is worked out')),
      h('div', { class: 'set-slider' }, h('label', { for: 'balance', class: 'vh' }, t('From the shortest way to equal work for all')),
        h('div', { class: 'ends xs', 'aria-hidden': 'true' }, h('span', {}, t('shortest way')), h('span', {}, t('equal work'))), this.slider, this.price),
      h('div', { class: 'set-rows' }, rows), this.button);
    this.root.replaceChildren(this.form);
  }

  read() {
    const { facts } = this.store.plan;
    this.slider.value = Math.round(facts.balance * 100);
    this.own.value = facts.own_patch;
    this.mode.value = facts.mode;
    const seconds = SECONDS.find((s) => s >= facts.solve_s) || SECONDS.at(-1);
    this.seconds.value = String(seconds);
    this.button.hidden = !facts.may_change;
    this.able();
  }

  asked() {
    return { balance: Number(this.slider.value) / 100, own_patch: this.own.value, mode: this.mode.value, seconds: Number(this.seconds.value) };
  }

  /** Whether anything is set otherwise than it was for the rounds that are shown. */
  get changed() {
    const { facts } = this.store.plan;
    const asked = this.asked();
    return Math.round(facts.balance * 100) !== Number(this.slider.value) || asked.own_patch !== facts.own_patch || asked.mode !== facts.mode;
  }

  able() {
    const { plan } = this.store;
    this.form.disabled = !this.store.open;
    const first = plan.facts.status === 'new' || plan.facts.status === 'failed';
    this.button.querySelector('span').textContent = first ? t('Work out the rounds') : t('Work it out again');
    this.button.classList.toggle('btn-primary', first || this.changed);
    this.button.classList.toggle('btn-default', !(first || this.changed));
    this.price.replaceChildren(...this.priceWords());
    const share = Number(this.slider.value);
    this.slider.setAttribute('aria-valuetext', t('{n} % equal work', { n: share }));
  }

  priceWords() {
    const { plan } = this.store;
    if (!plan.served.length) return [t('What it costs is told once the rounds are worked out.')];
    if (Math.round(plan.facts.balance * 100) !== Number(this.slider.value)) return [h('b', {}, t('Not in force yet:')), ' ', t('work it out again to see what it costs.')];
    const apart = [t('Busiest and least busy differ by'), ' ', h('b', {}, span(plan.spread_s)), t('; ')];
    const even = plan.outcome.evenness;
    if (!even) return [...apart, t('what equal work costs is told by working it out.')];
    if (even.extra_s < 60) return [...apart, t('equal work costs no extra way.')];
    const metres = plan.travel_s ? (plan.distance_m / plan.travel_s) * even.extra_s : 0;
    return [...apart, t('equal work costs {way} and {time} more than the shortest way ({percent} %).', { way: length(metres), time: span(even.extra_s), percent: Math.round(even.extra_percent) })];
  }
}

const span60 = (s) => (s < 60 ? t('{n} s', { n: s }) : span(s));
