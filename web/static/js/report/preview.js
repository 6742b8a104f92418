/** What a report would come to: patch, leader, bureau, warnings, and open findings nearby; asked as the pin moves. */
import { h, icon, said } from '../dom.js';
import { local, t } from '../i18n.js';
import { ask, superseded } from '../problem_map/data.js';
import { sym } from '../symbols.js';

const WAIT_MS = 250;

export class Preview {
  /**
   * @param {{own: HTMLElement, near: ?HTMLElement, but: ?number, onAnswer: (answer) => void, onSame: ?(row) => void}} parts
   */
  constructor(parts) {
    Object.assign(this, { near: null, but: null, onAnswer: () => {}, onSame: null, ...parts });
  }

  /** Asks soon; a newer question replaces it. */
  about({ place, category }) {
    clearTimeout(this.timer);
    if (!place) return;
    this.own.classList.add('is-old');
    this.timer = setTimeout(() => this.load(place, category), WAIT_MS);
  }

  async load(place, category) {
    const query = new URLSearchParams({ lon: place.lon, lat: place.lat });
    if (category) query.set('category', category);
    if (this.but) query.set('but', this.but);
    try {
      const answer = await ask('preview', `/reports/preview?${query}`);
      this.show(answer);
      this.onAnswer(answer);
    } catch (error) {
      if (!superseded(error)) this.fail(error);
    }
  }

  fail(error) {
    const refused = error.constructor.name === 'Refused';
    this.own.classList.remove('is-old');
    this.own.replaceChildren(
      h('div', { class: 'l1' }, h('b', {}, refused ? t('This place cannot be looked up') : t('No connection to the server'))),
      h('div', { class: 'l2' }, refused ? error.message : t('The patch is found when the report arrives.')),
    );
    if (this.near) this.near.hidden = true;
  }

  show(answer) {
    const { patch, warning, goes, street } = answer;
    this.own.classList.remove('is-old');
    this.own.replaceChildren(...[
      h('div', { class: 'l1' },
        h('b', {}, patch ? t('Patch {name}', { name: local([patch.zh, patch.en]) }) : t('Outside every patch')),
        patch?.leader ? h('span', { class: 'badge0' }, t('Leader {name}', { name: local(patch.leader) })) : null),
      h('div', { class: 'l2' }, [street, goes || t('Choose a category to see who gets it')].filter(Boolean).join(t('. '))),
      warning ? h('div', { class: 'note warn' }, icon('triangle-alert', 15), h('span', {}, warning)) : null,
    ].filter(Boolean));
    if (this.near) this.showNear(answer);
  }

  showNear({ nearby, nearby_total: total }) {
    this.near.hidden = !nearby.length;
    if (!nearby.length) return;
    this.near.replaceChildren(
      h('h2', {}, 'same' in nearby[0] ? t('Is it one of these?') : total === 1 ? t('1 open within 40 m') : t('{n} open within 40 m', { n: total }), h('span', { class: 'muted' }, t('The same one needs no report'))),
      h('ul', { class: 'near-list' }, nearby.map((row) => this.row(row))),
    );
  }

  row(row) {
    return h('li', {}, sym(row.s, 18),
      h('a', { href: `/findings/${row.id}`, target: '_blank' }, local(row.category), row.subject ? [' · ', said(row.subject)] : null, h('small', {}, row.said)),
      this.onSame ? h('button', { type: 'button', class: 'btn btn-default', on: { click: () => this.onSame(row) } }, t('This one')) : null);
  }
}
