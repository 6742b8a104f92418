/** Heads of the page: title and state of the plan, the days, the legend over the map. */
import { h, icon } from '../dom.js';
import { day as dayWord, moment } from '../format.js';
import { local, number, t } from '../i18n.js';
import { lineSample, lookOf } from './plan_look.js';
import { length, personName, stopCount } from './plan_words.js';

const WEEK = [t('Sun'), t('Mon'), t('Tue'), t('Wed'), t('Thu'), t('Fri'), t('Sat')];
const MODES = { foot: [t('on foot'), 'footprints'], bike: [t('by bicycle'), 'bike'], car: [t('by car'), 'navigation'] };

/** Puts these into an element in the place of what was there; what is null is left out. */
const fill = (element, ...children) => element.replaceChildren(...children.filter(Boolean));

const weekday = (day) => WEEK[new Date(`${day}T00:00:00Z`).getUTCDay()];

export class Heads {
  /** @param {{store, now: string, onLockAll: (lock: string) => void, onFit: () => void}} parts */
  constructor(parts) {
    Object.assign(this, parts, { title: document.getElementById('title'), facts: document.getElementById('facts'), days: document.getElementById('days'), legend: document.getElementById('legend'), locks: document.getElementById('locks') });
    for (const kind of ['plan', 'day', 'solving']) this.store.addEventListener(kind, () => this.draw());
    this.draw();
  }

  draw() {
    const { plan, day, shown } = this.store;
    const { facts } = plan;
    this.title.textContent = facts.title || t('Rounds of {day}', { day: dayWord(facts.day) });
    const states = {
      new: t('not worked out yet'), solving: t('being worked out'), ready: t('not sent yet'), failed: t('not worked out'),
      sent: facts.sent_at ? t('sent {time}', { time: moment(facts.sent_at, this.now) }) : t('sent'),
    };
    const badge = this.store.past && facts.sent_at ? t('That day is over') : states[facts.status] || facts.status;
    const [mode, name] = MODES[facts.mode] || MODES.foot;
    fill(this.facts,
      h('span', { class: `badge0${facts.status === 'sent' ? ' is-sent' : ''}` }, this.store.busy ? states.solving : badge),
      h('span', {}, icon('calendar', 13), plan.days.length > 1 ? `${dayWord(plan.days[0])} – ${dayWord(plan.days.at(-1))}` : `${dayWord(facts.day)} ${weekday(facts.day)}`),
      h('span', {}, icon(name, 13), mode), h('span', {}, icon('users', 13), number(plan.people.length)),
      facts.network && !facts.straight ? h('span', { class: 'ell' }, icon('route', 13), facts.network.name || t('street network')) : null,
      facts.created_by ? h('span', {}, icon('user', 13), local(facts.created_by)) : null,
    );
    this.drawDays(plan, day);
    this.drawLegend(shown, day);
    this.drawLocks(plan);
    document.body.classList.toggle('is-trial', Boolean(this.store.trial));
  }

  drawDays(plan, day) {
    this.days.hidden = plan.days.length < 2;
    const focused = this.days.contains(document.activeElement);
    this.days.replaceChildren(...plan.days.map((one) => {
      const n = plan.roundsOf(one).reduce((sum, round) => sum + round.stops.length, 0);
      const button = h('button', { type: 'button', 'aria-pressed': String(one === day), data: { day: one }, title: stopCount(n) }, `${dayWord(one)} ${weekday(one)}`, h('span', { class: 'n' }, number(n)));
      button.addEventListener('click', () => this.store.setDay(one));
      return button;
    }));
    if (focused) this.days.querySelector('[aria-pressed="true"]')?.focus();
  }

  drawLegend(plan, day) {
    const crew = plan.crew(day);
    const rounds = plan.roundsOf(day);
    const way = rounds.reduce((sum, round) => sum + round.distance_m, 0);
    const n = rounds.reduce((sum, round) => sum + round.stops.length, 0);
    const people = crew.length <= 6 ? crew.map((person) => h('span', { class: 'lg' }, lineSample(lookOf(person.line), 34), personName(person))) : [];
    const key = (mark, words) => h('span', { class: 'lg' }, h('i', { class: `rt-key ${mark}`, 'aria-hidden': 'true' }), words);
    fill(this.legend, h('b', { class: 'num' }, n ? `${stopCount(n)}, ${length(way)}` : t('no rounds yet')), ...people,
      plan.unserved.length ? key('k-none', t('not served')) : null, key('k-start', t('start')), plan.stops.some((stop) => stop.lock) ? key('k-lock', t('agreed')) : null,
      plan.stops.some((stop) => stop.state === 'done') ? key('k-done', t('seen')) : null);
    if (this.store.trial) this.legend.prepend(h('span', { class: 'badge0 is-trial' }, t('trial')));
  }

  drawLocks(plan) {
    const open = plan.served.filter((stop) => stop.state !== 'done');
    const locked = open.filter((stop) => stop.lock).length;
    this.locks.hidden = !this.store.open || !open.length;
    const button = (name, words, lock) => h('button', { type: 'button', class: 'btn btn-quiet sm', data: { lock }, on: { click: () => this.onLockAll(lock) } }, icon(name, 13), words);
    fill(this.locks, locked < open.length ? button('lock', t('Lock all'), 'order') : null, locked ? button('log-out', t('Unlock {n}', { n: number(locked) }), '') : null);
  }
}
