/** What is left of the round with times, and what was done: a list that says whether the day still holds. */
import { h, icon, said } from '../dom.js';
import { local, t } from '../i18n.js';
import { sym } from '../symbols.js';
import { isOpen } from './model.js';
import { RESULTS, clock, doneOf, minutes, missed, offBy } from './words.js';

const STATE_ICONS = { done: 'check', skipped: 'redo-2', arrived: 'map-pin' };

/** One line for the whole day: does it hold, how late is one, when is it over. */
export function standing({ stops, forecast }) {
  const open = stops.filter(isOpen);
  if (!open.length) return { text: '', bad: false };
  const n = open.filter((stop) => stop.missed).length;
  const parts = [];
  if (n) parts.push(n === 1 ? t('1 stop will be missed') : t('{n} stops will be missed', { n }));
  else parts.push(t('The day holds'));
  const { late_s: late } = forecast;
  if (late !== null && offBy(late)) parts.push(late > 0 ? t('you are {time} late', { time: minutes(late) }) : t('you are {time} early', { time: minutes(-late) }));
  if (open.length > n) parts.push(t('over at {time}', { time: clock(forecast.end_s) }));
  return { text: parts.join(t('; ')), bad: n > 0 };
}

function times(stop) {
  if (stop.state === 'done') return h('span', { class: 'num' }, clock(stop.done_s));
  if (stop.state === 'skipped') return h('span', {}, t('skipped'));
  if (stop.missed) return h('span', { class: 't-over' }, t('missed'));
  const late = stop.expected_s !== null && stop.arrive_s !== null ? offBy(stop.expected_s - stop.arrive_s) : '';
  return h('span', {}, h('b', { class: 'num' }, stop.state === 'arrived' ? clock(stop.arrived_s) : clock(stop.expected_s ?? stop.arrive_s)),
    late && stop.state === 'planned' ? h('small', { class: stop.expected_s > stop.arrive_s ? 't-over' : '' }, late) : null);
}

function second(stop) {
  const parts = [];
  if (stop.finding) parts.push(local(stop.finding.category));
  if (stop.result) parts.push(RESULTS[stop.result] || '');
  for (const { number } of stop.recorded || []) parts.push(number);
  if (stop.missed && isOpen(stop)) parts.push(missed(stop.missed));
  else if (stop.area && isOpen(stop)) parts.push(local([stop.area.zh, stop.area.en]));
  return parts.filter(Boolean).join(' · ');
}

export class List {
  /** @param {HTMLElement} element @param {{choose, undo}} actions */
  constructor(element, actions) {
    Object.assign(this, { element, actions });
  }

  show(round, next, { readOnly, isNew, sheet }) {
    const { text, bad } = standing(round);
    const file = `/routes/${round.plan.id}/round`;
    const query = `?inspector=${round.person.id}&day=${round.day}`;
    this.element.replaceChildren(h('section', { class: 'card rd-list', 'aria-labelledby': 'rd-list-title' },
      h('header', {}, h('h2', { id: 'rd-list-title' }, t('What is left')), h('span', { class: 'end num' }, doneOf(round.stops))),
      text ? h('p', { class: `rd-standing${bad ? ' bad' : ''}`, id: 'rd-standing' }, icon(bad ? 'triangle-alert' : 'circle-check', 16), h('span', {}, text)) : null,
      round.plan.straight ? h('p', { class: 'note warn' }, icon('triangle-alert', 15), h('span', {}, t('Planned along straight lines: the times are too short and not to be trusted'))) : null,
      h('ol', { class: 'rd-stops' }, round.stops.map((stop, i) => this.row(stop, i + 1, next, { readOnly, isNew: isNew.has(stop.id) }))),
      h('p', { class: 'rd-links' }, h('a', { href: sheet }, icon('printer', 15), t('Sheet to print')),
        h('a', { href: `${file}.gpx${query}`, download: '' }, icon('download', 15), 'GPX'), h('a', { href: `${file}.ics${query}`, download: '' }, icon('calendar', 15), t('Calendar')))));
  }

  row(stop, n, next, { readOnly, isNew }) {
    const current = next?.id === stop.id;
    return h('li', { class: `rd-stop ${stop.state}${current ? ' current' : ''}${stop.missed && isOpen(stop) ? ' missed' : ''}`, id: `stop-${stop.id}`, 'aria-current': current ? 'step' : null },
      h('span', { class: 'no num' }, STATE_ICONS[stop.state] ? icon(STATE_ICONS[stop.state], 15) : String(n), h('span', { class: 'vh' }, STATE_ICONS[stop.state] ? ` ${n}` : '')),
      h('div', { class: 'grow' },
        h('p', { class: 'l1' }, stop.finding ? sym(stop.finding.key, 15) : null, said(stop.name, { class: 'nm' }), isNew ? h('span', { class: 'tag rd-new' }, t('new')) : null,
          stop.waits ? h('span', { class: 'tag' }, icon('wifi-off', 13), t('not sent')) : null),
        h('p', { class: 'l2' }, second(stop), stop.note ? h('span', {}, second(stop) ? ' · ' : '', said(stop.note)) : null)),
      h('div', { class: 'tm' }, times(stop)),
      readOnly ? null : this.button(stop, current));
  }

  button(stop, current) {
    if (stop.state === 'done' || stop.state === 'skipped') {
      return h('button', { type: 'button', class: 'ib', 'aria-label': t('Take back: {name}', { name: stop.name }), title: t('Take back'), on: { click: () => this.actions.undo(stop) } }, icon('undo-2', 17));
    }
    if (current) return h('span', { class: 'ib', 'aria-hidden': 'true' });
    return h('button', { type: 'button', class: 'ib', 'aria-label': t('Take this next: {name}', { name: stop.name }), title: t('Take this next'), on: { click: () => this.actions.choose(stop) } }, icon('chevrons-up', 17));
  }
}
