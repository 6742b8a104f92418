/** Pieces of a case: deadline clock, the seven steps, facts, history. */
import { h, icon, joined, said, svg } from '../dom.js';
import { dayOf, duration, leftOf, limit, moment, shortMoment, stepName, time, worked } from '../format.js';
import { local, t } from '../i18n.js';

const CIRCLE = 2 * Math.PI * 20;
/** However late: some of the orange ring stays to be seen. */
const MOST_EXCESS = 0.8;

function ring(share) {
  const dash = `${(Math.max(0, Math.min(1, share)) * CIRCLE).toFixed(1)} ${CIRCLE.toFixed(1)}`;
  const circle = (attributes) => svg('circle', { cx: 24, cy: 24, r: 20, ...attributes });
  return svg(
    'svg', { width: 48, height: 48, viewBox: '0 0 48 48', 'aria-hidden': 'true' },
    circle({ class: 'track' }),
    circle({ class: 'used', 'stroke-dasharray': dash, transform: 'rotate(-90 24 24)' }),
    svg('path', { class: 'hands', d: 'M24 14v10l6 4' }),
  );
}

/** How a case ended that nobody had to handle. */
const NEVER_HANDLED = () => ({
  duplicate: t('The same as another finding'), declined: t('Not filed as a case'), cancelled: t('Cancelled'),
});

function clockWords(item, now) {
  const since = duration(new Date(now) - new Date(item.reported_at));
  const never = NEVER_HANDLED()[item.status];
  if (never) return { lead: never, more: item.closed_at && moment(item.closed_at, now) };
  if (item.s === 'done') {
    const late = item.due_at && item.closed_at && item.closed_at > item.due_at;
    const overrun = late ? duration(new Date(item.closed_at) - new Date(item.due_at)) : '';
    return { lead: late ? t('Closed {time} late', { time: overrun }) : t('Closed in time'), more: item.closed_at && moment(item.closed_at, now) };
  }
  const clock = item.clock || {};
  if (item.s === 'susp') {
    const since = clock.paused_since && t('Stopped since {moment}', { moment: moment(clock.paused_since, now) });
    return { lead: since || t('Suspended, the clock is stopped'), more: clock.left && leftWords(clock.left) };
  }
  if (item.s === 'new') return { lead: t('Reported {time} ago, not yet filed', { time: since }), more: stepWord(clock) || t('The time limit starts when it is dispatched') };
  if (item.s === 'check') return { lead: t('Handled, waiting for the check'), more: stepWord(clock) || (item.due_at && t('Due {moment}', { moment: moment(item.due_at, now) })) };
  if (!item.due_at) return { lead: t('No deadline'), more: t('Reported {time} ago', { time: since }) };
  const left = leftOf({ left: clock.left, due_at: item.due_at }, now);
  const words = { time: worked(left) };
  return {
    lead: left[0] < 0 ? t('Overdue by {time}', words) : t('{time} left', words),
    more: [t('Due {moment}', { moment: moment(item.due_at, now) }), stepWord(clock)].filter(Boolean).join(' · '),
    timed: true,
  };
}

const leftWords = (left) => (left[0] < 0 ? t('{time} late', { time: worked(left) }) : t('{time} left', { time: worked(left) }));

/** How the present step stands against its own limit. */
function stepWord({ step, step_left: left }) {
  return step && step !== 'handle' && left ? t('{step}: {left}', { step: stepName(step), left: leftWords(left) }) : null;
}

/** Used part of the limit as a ring; beyond it the ring is full and ink shows the excess. */
export function clock(item, now) {
  const { lead, more, timed } = clockWords(item, now);
  const gone = item.clock?.share ?? 0;
  const share = { over: Math.min(gone - 1, MOST_EXCESS), done: 1, check: 1, susp: 0, new: 0 }[item.s] ?? gone;
  const limitWord = item.limit && timed ? limit(item.limit) : null;
  const kind = timed && (item.s === 'over' || item.s === 'due') ? ` clock-${item.s}` : '';
  return h(
    'div', { class: `clock${kind}` }, ring(share),
    h('div', {}, h('b', {}, lead), more || limitWord ? h('span', {}, joined([more, limitWord])) : null),
  );
}

const stepWords = () => ({
  collect: [t('Collect'), t('Information collected')],
  file: [t('File'), t('Case filed')],
  dispatch: [t('Dispatch'), t('Task dispatched')],
  handle: [t('Handle'), t('Task handled')],
  feedback: [t('Report'), t('Result reported')],
  close: [t('Closing'), t('Checked and closed')],
  evaluate: [t('Evaluate'), t('Evaluated')],
});

function stepTime(step, item, now) {
  if (step.state === 'now') return item.s === 'over' ? t('overdue') : step.at ? time(step.at) : t('now');
  if (!step.at) return '';
  const [, month, day] = dayOf(step.at).split('-').map(Number);
  return dayOf(step.at) === dayOf(item.reported_at) || dayOf(step.at) === dayOf(now) ? time(step.at) : `${month}-${String(day).padStart(2, '0')}`;
}

/** The seven steps of GB/T 30428. */
export function steps(item, now) {
  const words = stepWords();
  return h('ol', { class: 'steps', data: { s: item.s }, 'aria-label': t('Steps') }, item.steps.map((step) => h(
    'li',
    {
      class: step.state === 'todo' ? null : step.state, 'aria-current': step.state === 'now' ? 'step' : null,
      title: joined([words[step.key]?.[1], step.at && moment(step.at, now)]).join(''),
    },
    words[step.key]?.[0] || step.key,
    h('small', {}, stepTime(step, item, now) || '\u00a0'),
  )));
}

function patchFact({ patch, areas = [] }) {
  if (!patch) return [t('none yet')];
  const above = areas.filter(({ code }) => code !== patch.code).map(({ zh, en }) => local([zh, en]));
  const link = h('a', { href: `/?area=${encodeURIComponent(patch.code)}` }, local([patch.zh, patch.en]));
  return joined([link, patch.leader && t('leader {name}', { name: local(patch.leader) }), ...above]);
}

function bureauFact({ bureau, rule }) {
  if (!bureau) return [t('none yet')];
  const name = local([bureau.zh, bureau.en]);
  if (!rule) return [name];
  const note = local([rule.zh, rule.en]);
  const words = note ? t('Rule {code}: {note}', { code: rule.code, note }) : t('Rule {code}', { code: rule.code });
  return [name, h('div', { class: 'xs muted' }, words)];
}

/** Who is responsible, by which rule, and what was said. */
export function facts(item, now) {
  const rows = [
    [t('Patch'), patchFact(item)],
    [t('Bureau'), bureauFact(item)],
    [t('Category'), [local([item.category.zh, item.category.en]), ' ', h('span', { class: 'muted' }, item.category.code)]],
    item.description ? [t('Details'), [said(item.description)]] : null,
    [t('Reported'), [moment(item.reported_at, now)]],
    [t('Position'), [h('span', { class: 'num' }, `${item.lon.toFixed(5)}, ${item.lat.toFixed(5)}`)]],
  ];
  return h('dl', { class: 'facts' }, rows.filter(Boolean).flatMap(([term, value]) => [h('dt', {}, term), h('dd', {}, value)]));
}

/** Why the assignment waits for a person. */
export function triageNote(item) {
  if (!item.triage || item.pinned) return null;
  const why = {
    border: t('It lies on the border of two patches.'),
    overlap: t('It lies in more than one patch.'),
    outside: t('It lies outside every patch.'),
    no_location: t('It has no usable position.'),
  }[item.assignment] || t('It lies within a few metres of another patch.');
  return h('div', { class: 'note warn' }, icon('triangle-alert', 15), h('span', {}, why, ' ', t('Somebody has to confirm who is responsible.')));
}

/** What happened, newest first, each step with the photos that it brought. */
export function history(entries, now, photos = []) {
  const of = ({ seq }) => (seq ? photos.filter((photo) => photo.seq === seq) : []);
  return h('ol', { class: 'hist' }, entries.map((entry) => h(
    'li', { class: entry.hot ? 'hot' : null },
    h('time', { datetime: entry.at }, shortMoment(entry.at, now)),
    h('div', {},
      local([entry.zh, entry.en]),
      entry.note ? h('div', { class: 'said' }, said(entry.note)) : null,
      of(entry).length ? h('div', { class: 'hist-pics' }, of(entry).map(({ url }) => h('img', { src: `${url}/thumb`, alt: t('Photo of this step'), loading: 'lazy', width: 56, height: 42 }))) : null,
      entry.by ? h('div', { class: 'by' }, local(entry.by)) : null),
  )));
}
