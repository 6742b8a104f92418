/** What a plan comes to: key figures, and for each person stops, way and time as bars with their numbers. */
import { h } from '../dom.js';
import { number, t } from '../i18n.js';
import { lookOf, marker } from './plan_look.js';
import { waitsOf } from './plan_store.js';
import { length, personName, span } from './plan_words.js';

function sums(plan, person) {
  const rounds = plan.rounds.filter((round) => round.person.id === person.id);
  const total = (key) => rounds.reduce((all, round) => all + (round[key] || 0), 0);
  return { person, stops: rounds.reduce((n, round) => n + round.stops.length, 0), distance_m: total('distance_m'), travel_s: total('travel_s'), service_s: total('service_s'), wait_s: rounds.reduce((all, round) => all + waitsOf(round), 0) };
}

/** Draws the totals anew with every plan. */
export class Totals {
  constructor(root, store) {
    Object.assign(this, { root, store });
    store.addEventListener('plan', () => this.draw());
    this.draw();
  }

  draw() {
    const plan = this.store.shown;
    const asked = plan.served.length + plan.unserved.length;
    const figure = (value, words) => h('div', {}, h('dd', {}, value), h('dt', {}, words));
    const lines = plan.people.map((person) => sums(plan, person));
    const most = Math.max(1, ...lines.map((one) => one.travel_s + one.service_s + one.wait_s));
    this.root.hidden = !plan.served.length;
    this.root.replaceChildren(
      h('dl', { class: 'tot' },
        figure(`${number(plan.served.length)} / ${number(asked)}`, t('stops served')), figure(length(plan.distance_m), t('way')),
        figure(span(plan.travel_s), t('on the way')), figure(span(plan.spread_s), t('busiest and least busy apart'))),
      h('table', { class: 'tot-people' }, h('caption', { class: 'vh' }, t('Stops, way and working time of each person')),
        h('thead', { class: 'vh' }, h('tr', {}, [t('Person'), t('Stops'), t('Way'), t('Working time')].map((word) => h('th', { scope: 'col' }, word)))),
        h('tbody', {}, lines.map((one) => this.line(one, most)))),
      h('p', { class: 'tot-key xs muted' }, h('i', { class: 'b-go' }), t('on the way'), h('i', { class: 'b-stop' }), t('on site'), h('i', { class: 'b-wait' }), t('waiting')),
    );
  }

  line({ person, stops, distance_m: way, travel_s: go, service_s: on, wait_s: wait }, most) {
    const look = lookOf(person.line);
    const bar = (name, seconds) => (seconds > 0 ? h('i', { class: name, style: { width: `${(seconds * 100) / most}%` } }) : null);
    return h('tr', { style: { '--route': `var(${look.colour})` } },
      h('th', { scope: 'row', title: personName(person) }, marker(look, look.letter, 18), h('span', { class: 'vh' }, personName(person))),
      h('td', { class: 'num' }, number(stops)), h('td', { class: 'num' }, length(way)),
      h('td', { class: 'bars' }, h('span', { class: 'bar3', 'aria-hidden': 'true' }, bar('b-go', go), bar('b-stop', on), bar('b-wait', wait)), h('span', { class: 'num' }, span(go + on + wait))));
  }
}
