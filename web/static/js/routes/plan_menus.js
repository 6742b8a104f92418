/** What may be done with a stop and with a round: the same that dragging does, and more, for keyboard and finger. */
import { h, icon, joined, said } from '../dom.js';
import { day as dayWord } from '../format.js';
import { local, t } from '../i18n.js';
import { closePopover, togglePopover } from '../problem_map/popover.js';
import { statusWord, sym } from '../symbols.js';
import { moveTo } from './plan_changes.js';
import { askAbsent, askSkip, askTimes } from './plan_forms.js';
import { lookOf, marker } from './plan_look.js';
import { inRound } from './plan_store.js';
import { clock, length, personName, reasonWords, remedyAct, remedyChange, remedyWords, span, stopCount, stopName } from './plan_words.js';

const metres = ([lon, lat], [lon2, lat2]) => Math.hypot((lon2 - lon) * Math.cos((lat * Math.PI) / 180), lat2 - lat) * 111_320;

/** Where in a round a stop makes the shortest detour, by straight lines. */
export function cheapestPlace(person, stops, stop) {
  const here = [stop.lon, stop.lat];
  const route = [person.start, ...stops.map((one) => [one.lon, one.lat]), ...(person.end ? [person.end] : [])];
  let [best, least] = [stops.length, Infinity];
  for (let i = 0; i <= stops.length; i += 1) {
    const [a, b] = [route[i], route[i + 1]];
    const detour = metres(a, here) + (b ? metres(here, b) - metres(a, b) : 0);
    if (detour < least) [best, least] = [i, detour];
  }
  return best;
}

export class Menus {
  /** @param {{store, changes, propose: (title: string, changes: object[]) => void, now: (day: string) => ?string, planId: number, onFit: (person: number) => void}} parts */
  constructor(parts) {
    Object.assign(this, parts);
  }

  option(name, word, act, more = {}) {
    return h('button', { type: 'button', class: 'opt', ...more, on: { click: () => { closePopover(); act(); } } }, icon(name, 15), word);
  }

  /** The card of a stop under a button, with all its acts. */
  stop(id, button) {
    const stop = this.store.plan.stop(id);
    if (!stop) return;
    const content = h('div', { class: 'stop-card' }, ...this.facts(stop), ...(this.may(stop) ? this.acts(stop) : []), ...this.links(stop));
    togglePopover(button, content, { label: stopName(stop), className: 'pop-stop', onClose: () => this.store.selected === id && this.store.select(null) });
  }

  may(stop) {
    return this.store.open && stop.state !== 'done';
  }

  facts(stop) {
    const { plan } = this.store;
    const person = inRound(stop) ? plan.person(stop.inspector) : null;
    const look = person && lookOf(person.line);
    const wait = plan.waitAt(stop);
    const line = (words) => (words ? h('p', {}, words) : null);
    return [
      h('div', { class: 'sc-h' }, look ? marker(look, String(stop.position + 1), 24) : null, h('div', {}, h('b', {}, stopName(stop)), h('small', {}, ...joined([
        stop.finding ? h('span', {}, sym(stop.finding.key, 12), ` ${statusWord(stop.finding.key)}`) : stop.kind === 'patch' ? t('visit of a patch') : t('place'),
        stop.finding?.number, stop.area && stop.kind !== 'patch' ? local([stop.area.zh, stop.area.en]) : null])))),
      person ? line(joined([personName(person), plan.days.length > 1 ? dayWord(stop.day) : null, t('{from} to {to}', { from: clock(stop.start_s), to: clock(stop.leave_s) }), wait >= 60 ? t('waits {n} min', { n: Math.round(wait / 60) }) : null]).join('')) : null,
      stop.state === 'done' ? line(t('It has been seen.')) : stop.state === 'arrived' ? line(t('Somebody is there now.')) : null,
      stop.reached_from ? line(t('No street leads there: the last {n} min on foot from {name}', { n: Math.max(1, Math.round(stop.walk_s / 60)), name: stopName(plan.stop(stop.reached_from) || stop) })) : null,
      stop.windows.length ? line(t('Only {hours}', { hours: stop.windows.map(([a, b]) => `${clock(a)}–${clock(b)}`).join(' · ') })) : null,
      stop.due_s !== null && stop.due_s > 0 ? line(stop.start_s > stop.due_s ? t('Late: due {time}', { time: clock(stop.due_s) }) : t('Due {time}', { time: clock(stop.due_s) })) : null,
      !inRound(stop) && stop.state !== 'skipped' ? line(reasonWords(stop)) : null,
      stop.note ? h('p', {}, said(stop.note)) : null,
    ].filter(Boolean);
  }

  acts(stop) {
    const { changes, store } = this;
    const { plan } = store;
    const make = (...list) => changes.make(list);
    const round = inRound(stop) ? plan.round(stop.inspector, stop.day) : null;
    const last = round ? round.stops.length - 1 : 0;
    const step = (by, word, name) => this.option(name, word, () => make(moveTo(plan, stop.id, stop.inspector, stop.day, stop.position + by)));
    const remedy = remedyAct(stop, plan);
    return [
      h('hr'),
      remedy ? this.option('badge-check', remedy, () => this.remedy(stop), { class: 'opt b' }) : null,
      round && stop.position > 0 && step(-1, t('One place earlier'), 'chevron-up'),
      round && stop.position < last && step(1, t('One place later'), 'chevron-down'),
      ...this.others(stop),
      round ? this.option('undo-2', t('Out of its round'), () => make({ act: 'unserve', stop: stop.id })) : null,
      h('hr'),
      ...(round ? this.locks(stop) : []),
      this.option(stop.must ? 'minus' : 'flag', stop.must ? t('May be left out') : t('Must be seen'), () => make({ act: 'must', stop: stop.id, must: !stop.must })),
      this.option('clock', t('Hours and length…'), () => askTimes(stop, (list) => this.propose(t('Times of {name}', { name: stopName(stop) }), list))),
      this.option('ban', t('Skip it, with a note…'), () => askSkip(stop, (list) => changes.make(list))),
      this.option('trash-2', t('Take it out of the plan'), () => make({ act: 'remove', stop: stop.id })),
    ].filter(Boolean);
  }

  /** Giving a stop to somebody else or another day: where the detour is shortest. */
  others(stop) {
    const { plan } = this.store;
    const days = plan.days.filter((day) => plan.crew(day).length);
    const places = days.flatMap((day) => plan.crew(day).filter((person) => !(inRound(stop) && person.id === stop.inspector && day === stop.day)).map((person) => [person, day]));
    if (!places.length) return [];
    const many = plan.days.length > 1;
    return [h('details', { class: 'opt-more', open: places.length <= 4 }, h('summary', { class: 'opt' }, icon('users', 15), t('Give it to…')),
      h('div', {}, places.map(([person, day]) => {
        const stops = plan.round(person.id, day)?.stops || [];
        const look = lookOf(person.line);
        const act = () => { closePopover(); this.changes.make([moveTo(plan, stop.id, person.id, day, cheapestPlace(person, stops, stop))]); };
        return h('button', { type: 'button', class: 'opt sub', data: { to: person.id, day }, on: { click: act } }, marker(look, look.letter, 18), local([person.zh, person.en]), h('span', { class: 'n' }, many ? dayWord(day) : stopCount(stops.length)));
      })))];
  }

  locks(stop) {
    const set = (lock) => () => this.changes.make([{ act: 'lock', stop: stop.id, lock }]);
    if (stop.lock) return [this.option('log-out', t('Unlock it'), set('')), stop.lock === 'inspector' ? this.option('lock', t('Lock its place too'), set('order')) : null];
    const { letter } = lookOf(this.store.plan.person(stop.inspector).line);
    return [this.option('lock', t('Lock it in round {letter}', { letter }), set('inspector')), this.option('lock', t('Lock it with its place'), set('order'))];
  }

  links(stop) {
    if (!stop.finding) return [];
    return [h('hr'), h('a', { class: 'opt', href: `/findings/${stop.finding.id}` }, icon('external-link', 15), t('The whole case'))];
  }

  remedy(stop) {
    this.propose(remedyAct(stop, this.store.plan), [remedyChange(stop)], remedyWords(stop, this.store.plan));
  }

  /** The card of a round under a button. */
  person(person, button) {
    const { plan, day } = this.store;
    const round = plan.round(person.id, day);
    const stops = round?.stops || [];
    const may = this.store.open;
    const open = stops.filter((stop) => stop.state !== 'done').map((stop) => stop.id);
    const locked = stops.filter((stop) => stop.lock).length;
    const lock = (word, name, value) => this.option(name, word, () => this.changes.make([{ act: 'lock', stops: open, lock: value }]));
    const content = h('div', { class: 'stop-card' },
      h('div', { class: 'sc-h' }, marker(lookOf(person.line), lookOf(person.line).letter, 24), h('div', {}, h('b', {}, personName(person)), h('small', {}, t('Works {from}–{to}', { from: clock(person.shift[0]), to: clock(person.shift[1]) })))),
      round && stops.length ? h('p', {}, joined([stopCount(stops.length), length(round.distance_m), span(round.travel_s)]).join('')) : null,
      stops.length ? this.option('maximize', t('Show this round on the map'), () => this.onFit(person.id)) : null,
      may && open.length && locked < stops.length ? lock(t('Lock the whole round'), 'lock', 'order') : null,
      may && locked ? lock(t('Unlock the round'), 'log-out', '') : null,
      may && !person.absent_from ? this.option('user', t('Cannot go on…'), () => askAbsent(person, this.now(day) || clock(person.shift[0]), (list) => this.propose(t('{name} cannot go on', { name: personName(person) }), list))) : null,
      may && person.absent_from ? this.option('user', t('Is back'), () => this.changes.make([{ act: 'present', inspector: person.id }])) : null,
      ...(stops.length ? this.files(person, day) : []));
    togglePopover(button, content, { label: personName(person), className: 'pop-stop' });
  }

  files(person, day) {
    const root = `/routes/${this.planId}`;
    const query = `?${new URLSearchParams({ inspector: person.id, day })}`;
    const link = (name, word, href, more = {}) => h('a', { class: 'opt', href, ...more }, icon(name, 15), word);
    return [h('hr'),
      link('printer', t('Printed sheet'), `${root}/${person.id}/sheet?day=${day}`),
      link('navigation', t('Navigate: the round on a phone'), `${root}/${person.id}/round?day=${day}`),
      link('download', 'GPX', `${root}/round.gpx${query}`, { download: true }), link('download', 'GeoJSON', `${root}/round.geojson${query}`, { download: true }),
      link('calendar', t('Calendar (ICS)'), `${root}/round.ics${query}`, { download: true })];
  }
}
