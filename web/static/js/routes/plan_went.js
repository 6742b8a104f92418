/** How a plan went whose days are over: stops seen, skipped and missed, and the way to look back at the rounds. */
import { h, icon } from '../dom.js';
import { number, t } from '../i18n.js';

/** Where the plan's days are looked back at. */
export const lookBackAt = (plan) => `/routes/walked?from=${plan.days[0]}&to=${plan.days.at(-1)}`;

/** What became of the stops that were in a round. */
export function went(plan) {
  const seen = plan.served.filter((stop) => stop.state === 'done').length;
  return { seen, skipped: plan.out.length, missed: plan.served.length - seen };
}

export class Went {
  /** Stands in ``root``, in the place of the settings: there is nothing to work out any more. */
  constructor(root, store) {
    Object.assign(this, { root, store });
    this.root.setAttribute('aria-label', t('How it went'));
    store.addEventListener('plan', () => this.draw());
    this.draw();
  }

  draw() {
    const { plan } = this.store;
    if (!plan.facts.sent_at) {
      this.root.replaceChildren(h('p', { class: 'plan-went note' }, icon('info', 14), h('span', {}, t('The day is over, and the plan was never sent: nobody walked it.'))));
      return;
    }
    const { seen, skipped, missed } = went(plan);
    const figure = (value, words) => h('div', {}, h('dd', {}, value), h('dt', {}, words));
    this.root.replaceChildren(h('h2', { class: 'grp' }, t('How it went')),
      h('dl', { class: 'tot plan-went' }, figure(`${number(seen)} / ${number(seen + skipped + missed)}`, t('seen')), figure(number(skipped), t('skipped')), figure(number(missed), t('missed'))));
  }
}
