/** Nothing to show: says why, and offers to drop each filter with the count that it would give. */
import { h, svg } from '../dom.js';
import { findings } from '../format.js';
import { t } from '../i18n.js';
import { askView } from './data.js';
import { OPEN, statusesOf, values } from './state.js';

const drawing = () => svg(
  'svg', { class: 'art', width: 120, height: 84, viewBox: '0 0 120 84', 'aria-hidden': 'true' },
  svg('path', { class: 'dash', d: 'M18 24 52 12l50 10-8 44-44 8-38-12Z' }),
  svg('path', { d: 'm52 12-4 62M18 44l80-4' }),
  svg('circle', { class: 'glass', cx: 72, cy: 34, r: 15 }),
  svg('path', { class: 'handle', d: 'm83 45 12 12' }),
);

/** The filters that can be dropped, each with its words and the patch that drops it. */
function drops(filters, bar) {
  const list = ['category', 'bureau', 'area'].filter((name) => filters[name]).map((name) => [bar.textOf(name), { [name]: '' }]);
  if (filters.from || filters.to) list.push([bar.textOf('dates'), { from: '', to: '' }]);
  if (filters.overdue) list.push([t('Only overdue'), { overdue: '' }]);
  if (filters.q) list.push([bar.textOf('q'), { q: '' }]);
  if (filters.status) list.push([t('Status'), { status: '' }]);
  return list;
}

function heading(filters, names) {
  const [area, ...others] = values(filters.area);
  if (filters.q) return t('Nothing is found for “{text}”', { text: filters.q });
  if (area && !others.length) return t('No such finding in {place}', { place: names.of('area', area) });
  if (filters.from || filters.to) return t('No such finding in these days');
  return statusesOf(filters).length < OPEN.length || filters.category || filters.bureau || filters.overdue ? t('No such finding') : t('No open findings');
}

function dropButton([words, patch], context) {
  const count = h('span', { class: 'n' }, '…');
  const button = h('button', { type: 'button', class: 'btn btn-default', on: { click: () => context.store.filter(patch) } }, h('span', { class: 'ell' }, t('Drop “{filter}”', { filter: words })), count);
  askView({ ...context.store.state.filters, ...patch }, context.frame, null, { rows: 1 }, `drop ${Object.keys(patch)}`).then(({ total }) => {
    count.textContent = findings(total);
    button.disabled = !total;
  }, () => { count.textContent = '–'; });
  return button;
}

/**
 * @param {{total: number}} answer
 * @param {{store, bar, names, frame, onWhole: () => void}} context
 */
export function emptyList(answer, context) {
  const { filters } = context.store.state;
  if (answer.total) {
    return h('div', { class: 'blank' }, drawing(), h('h3', {}, t('Nothing in this part of the map')),
      h('p', {}, t('The filters match {findings} elsewhere in the city.', { findings: findings(answer.total) })),
      h('div', { class: 'opts' }, h('button', { type: 'button', class: 'btn btn-default', on: { click: context.onWhole } }, t('Show them'), h('span', { class: 'n' }, findings(answer.total)))));
  }
  const list = drops(filters, context.bar);
  const why = list.length > 1 ? t('Each filter alone may match, all together they match nothing. Drop one:') : t('Drop the filter to see more:');
  return h('div', { class: 'blank' }, drawing(), h('h3', {}, heading(filters, context.names)),
    list.length ? h('p', {}, why) : h('p', {}, t('Closed findings are shown when you switch on “Closed” above.')),
    h('div', { class: 'opts' }, list.map((item) => dropButton(item, context))));
}
