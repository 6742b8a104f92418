/** The next stop, big: what, where, why, how far, when; the way there, the arrival, and what a look at it came to. */
import { h, icon, joined, memory, said } from '../dom.js';
import { local, t } from '../i18n.js';
import { sym } from '../symbols.js';
import { resultButtons } from './dialogs.js';
import { APPS, MODES, RESULTS, arrival, clock, hours, metres, minutes, missed, offBy, why } from './words.js';

const APP = 'bp-navigation';
const HOLD_MS = 500;
const KEYS = { over: t('Overdue'), due: t('Due soon'), prog: t('In progress'), new: t('To be filed'), check: t('To be checked'), susp: t('Suspended'), done: t('Closed') };

export class Next {
  /** @param {HTMLElement} element @param {HTMLElement} foot @param {object} actions arrive, done, skip, undo, act (stop, offer) */
  constructor(element, foot, actions) {
    Object.assign(this, { element, foot, actions, notes: new Map(), results: new Map(), heldUntil: 0 });
  }

  show(stop, round, { readOnly, place }) {
    Object.assign(this, { stop, round, readOnly });
    const kept = this.element.contains(document.activeElement) ? document.activeElement.id : '';
    this.element.replaceChildren(this.card(stop, round, place));
    if (kept) document.getElementById(kept)?.focus();
    this.showFoot(stop);
  }

  none(round) {
    this.stop = null;
    this.foot.hidden = true;
    const left = round.stops.filter(({ state }) => state === 'skipped').length;
    this.element.replaceChildren(h('section', { class: 'card rd-card' }, h('div', { class: 'in' },
      h('h2', {}, icon('circle-check', 22), ' ', t('Everything is done')),
      h('p', { class: 'sec' }, left ? (left === 1 ? t('1 stop was skipped') : t('{n} stops were skipped', { n: left })) : t('Nothing was skipped')))));
  }

  card(stop, round, place) {
    const { finding } = stop;
    const here = stop.state === 'arrived';
    const where = joined([stop.place ? said(stop.place) : null, stop.area ? local([stop.area.zh, stop.area.en]) : null]);
    return h('section', { class: `card rd-card${here ? ' is-here' : ''}`, 'aria-labelledby': 'rd-next-title' },
      h('div', { class: 'rd-top' },
        h('div', { class: 'grow' },
          h('p', { class: 'rd-eyebrow' }, here ? t('You are here') : t('Next stop'), h('span', { class: 'num' }, ` · ${place}`)),
          h('h2', { id: 'rd-next-title' }, said(stop.name || (stop.area ? local([stop.area.zh, stop.area.en]) : '')))),
        finding?.photo ? h('a', { class: 'rd-photo', href: `/photos/${finding.photo}`, target: '_blank' }, h('img', { src: `/photos/${finding.photo}/thumb`, alt: t('Last photo'), width: 84, height: 63 })) : null),
      h('div', { class: 'in' },
        finding ? h('p', { class: 'rd-what' }, sym(finding.key, 18), h('b', {}, KEYS[finding.key]), ' · ', local(finding.category), ' · ',
          finding.seen ? h('a', { class: 'num', href: `/findings/${finding.id}` }, finding.number) : h('span', { class: 'num' }, finding.number)) : null,
        where.length ? h('p', { class: 'rd-where' }, icon('map-pin', 16), h('span', {}, where)) : null,
        h('p', { class: 'rd-why' }, icon('eye', 16), h('span', {}, why(stop), stop.must ? ` · ${t('must be seen')}` : '')),
        finding?.description ? h('p', { class: 'rd-said' }, said(finding.description)) : null,
        stop.windows.length ? h('p', { class: 'rd-hours' }, icon('clock', 16), t('Only {hours}', { hours: hours(stop.windows) })) : null,
        here ? this.atPlace(stop) : this.onTheWay(stop, round)));
  }

  onTheWay(stop, { ways, plan }) {
    const way = ways.next;
    const late = stop.expected_s !== null && stop.arrive_s !== null ? offBy(stop.expected_s - stop.arrive_s) : '';
    return [
      h('div', { class: 'rd-facts' },
        way ? h('p', {}, h('b', { class: 'num' }, metres(way.distance_m)), h('span', {}, `${minutes(way.duration_s)} ${MODES[plan.mode] || ''}`), h('small', {}, way.from_here ? t('from where you are') : t('from the last place'))) : null,
        stop.missed ? h('p', { class: 't-over' }, icon('triangle-alert', 16), h('span', {}, t('Will be missed: {why}', { why: missed(stop.missed) })))
          : h('p', {}, h('b', { class: 'num' }, clock(stop.expected_s)), late ? h('span', { class: stop.expected_s > stop.arrive_s ? 't-over' : '' }, late) : h('span', {}, t('on time')),
            h('small', {}, t('planned {time}', { time: clock(stop.arrive_s) })))),
      this.links(stop),
    ];
  }

  /** Navigation in the app that was used last; the others are one tap away. */
  links(stop) {
    if (!stop.links?.length) return null;
    const app = memory.get(APP, 'amap');
    const usual = stop.links.find(([name]) => name === app) || stop.links[0];
    const link = ([name, href], cls, words) => h('a', { class: cls, href, target: '_blank', rel: 'noopener noreferrer', on: { click: () => memory.set(APP, name) } }, words);
    return h('div', { class: 'rd-nav' },
      link(usual, 'btn btn-default big grow', [icon('navigation', 17), h('span', {}, t('Navigate with {app}', { app: APPS[usual[0]] }))]),
      h('details', { class: 'rd-apps' }, h('summary', { class: 'btn btn-default big', 'aria-label': t('Another navigation app') }, icon('chevron-down', 18)),
        h('div', { class: 'pop' }, stop.links.map((one) => link(one, 'opt', [icon(one[0] === usual[0] ? 'check' : 'external-link', 16), APPS[one[0]]])))));
  }

  atPlace(stop) {
    const told = arrival(stop);
    const note = h('textarea', { class: 'input', id: 'rd-note', rows: '2', maxlength: '500', placeholder: t('Remark (may stay empty)') });
    note.value = this.notes.get(stop.id) || '';
    note.addEventListener('input', () => this.notes.set(stop.id, note.value));
    const parts = [h('p', { class: `note${told.warn ? ' warn' : ''}`, id: 'rd-arrival' }, icon(told.icon, 16), h('span', {}, told.text))];
    if (this.readOnly) return parts;
    return [...parts,
      resultButtons(stop, this.results.get(stop.id), (result) => this.choose(stop, result)),
      stop.kind === 'finding' ? this.acts(stop) : this.record(stop),
      h('label', { class: 'vh', for: 'rd-note' }, t('Remark (may stay empty)')), note,
      this.links(stop),
    ];
  }

  choose(stop, result) {
    this.results.set(stop.id, result);
    for (const button of this.element.querySelectorAll('.rd-result')) button.setAttribute('aria-pressed', String(button.dataset.result === result));
    this.showFoot(stop);
  }

  /** What may be done with the case itself, whatever the table of acts has. */
  acts(stop) {
    const offers = (stop.sheet?.offers || []).filter(({ possible }) => possible);
    if (!offers.length) return null;
    return h('div', { class: 'rd-acts' }, h('p', { class: 'sec' }, t('In the case itself, with a photo:')),
      h('div', { class: 'rd-row' }, offers.map((offer) => h('button', { type: 'button', class: 'btn btn-default big', data: { act: offer.act }, on: { click: () => this.actions.act(stop, offer.act) } }, icon(offer.icon, 17), h('span', {}, offer.word)))));
  }

  /** A new finding here: the report page with the place filled in. */
  record(stop) {
    const query = new URLSearchParams({ lon: stop.lon, lat: stop.lat });
    if (stop.kind === 'place' && stop.name) query.set('place', stop.name);
    return h('div', { class: 'rd-acts' },
      h('a', { class: 'btn btn-default big', id: 'rd-record', href: `/report?${query}`, on: { click: () => this.results.set(stop.id, 'recorded') } }, icon('camera', 17), h('span', {}, t('Record a finding here'))));
  }

  showFoot(stop) {
    this.foot.hidden = this.readOnly || !stop;
    if (this.foot.hidden) return;
    const { actions } = this;
    const held = Date.now() < this.heldUntil;
    const button = (id, cls, name, word, run) => h('button', { type: 'button', id, class: `btn big ${cls}`, disabled: held, on: { click: run } }, icon(name, 18), h('span', {}, word));
    const result = this.results.get(stop.id);
    const keep = this.foot.contains(document.activeElement) ? document.activeElement.id : '';
    this.foot.replaceChildren(...(stop.state === 'arrived'
      ? [button('rd-undo', 'btn-default', 'undo-2', t('Not here'), () => actions.undo(stop)),
        button('rd-done', 'btn-primary grow', 'check', result ? t('Done: {result}', { result: RESULTS[result] }) : t('Done'), () => actions.done(stop, { result: this.results.get(stop.id) || '', note: this.notes.get(stop.id) || '' }))]
      : [button('rd-skip', 'btn-default', 'redo-2', t('Skip stop'), () => actions.skip(stop)),
        button('rd-arrive', 'btn-primary grow', 'map-pin', t('I am there'), () => actions.arrive(stop))]));
    if (keep) document.getElementById(keep)?.focus();
  }

  /** For a moment nothing can be pressed: the second tap of cold fingers would fall on the button that came instead. */
  hold() {
    this.heldUntil = Date.now() + HOLD_MS;
    for (const button of this.foot.querySelectorAll('button')) button.disabled = true;
    clearTimeout(this.holding);
    this.holding = setTimeout(() => {
      for (const button of this.foot.querySelectorAll('button')) button.disabled = false;
    }, HOLD_MS + 20);
  }

  /** While the phone looks for its position. */
  looking(on) {
    const button = this.foot.querySelector('#rd-arrive');
    if (!button) return;
    button.disabled = on;
    button.querySelector('span').textContent = on ? t('Looking where you are…') : t('I am there');
  }
}
