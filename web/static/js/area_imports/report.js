/** What an import would do: counts, areas that would be missing, what is wrong where, and the table of areas. */
import { h, icon, langOf } from '../dom.js';
import { local, number, t } from '../i18n.js';
import { KINDS } from './map.js';

const ROWS = 200;

function zoomButton(bbox, onZoom, label) {
  if (!bbox) return null;
  return h('button', { type: 'button', class: 'ib', 'aria-label': label, title: label, on: { click: () => onZoom(bbox) } }, icon('locate-fixed', 16));
}

/** The counts, what nests where, and whether areas that the file lacks stay or end. */
export function outcome(counts, absent, keep, onKeep) {
  const cell = (n, word, cls = '') => h('div', { class: `ai-n ${cls}` }, h('b', { class: 'num' }, number(n)), h('span', {}, word));
  const parts = [
    h('h2', {}, t('What would happen')),
    h('div', { class: 'ai-ns' }, cell(counts.new, t('new')), cell(counts.changed, t('changed')), cell(counts.unchanged, t('unchanged')), cell(counts.left_out, t('left out'), counts.left_out ? 'is-warn' : '')),
    h('p', { class: 'xs muted', id: 'moves', role: 'status' }, t('Counting the findings that would change…')),
    nesting(counts),
  ];
  if (absent.length) parts.push(absentChoice(absent, keep, onKeep));
  return parts;
}

function nesting({ is_new: isNew, level, above, nests, across }) {
  const name = local(level);
  if (!above) return h('p', { class: 'xs muted' }, isNew ? t('{level} is a new level and has none above it.', { level: name }) : t('{level} has no level above it.', { level: name }));
  const words = { level: name, above: local(above), n: across };
  if (nests && across) return h('p', { class: 'note warn' }, icon('triangle-alert', 15), h('span', {}, t('{level} lies within {above}, but {n} of these areas cross its borders.', words)));
  if (nests) return h('p', { class: 'xs muted' }, isNew ? t('{level} is a new level; its areas lie within {above}.', words) : t('Its areas lie within {above}.', words));
  return h('p', { class: 'xs muted' }, t('{level} does not nest in {above}: {n} areas cross its borders.', words));
}

function absentChoice(absent, keep, onKeep) {
  const first = absent.slice(0, 6).map(({ zh, en, code }) => local([zh, en]) || code).join(t(', '));
  const names = absent.length > 6 ? `${first} …` : first;
  const radio = (key, word) => h('label', { class: 'ai-radio' }, h('input', { type: 'radio', name: 'keep', value: key, checked: keep === key, on: { change: () => onKeep(key) } }), h('span', {}, h('b', {}, word)));
  return h('fieldset', { class: 'field ai-radios' },
    h('legend', {}, t('{n} areas in force are not in the file: {names}', { n: absent.length, names })),
    radio('keep', t('They stay as they are')), radio('end', t('They end with this publication')));
}

/** Problems of the borders, numbered as on the map. */
export function problems({ rows, more, more_text: moreText, total, skipped }, onZoom) {
  if (skipped) return [h('h2', {}, t('Borders')), h('p', { class: 'xs muted' }, t('So many areas are not checked against each other here.'))];
  if (!rows.length) return [h('h2', {}, t('Borders')), h('p', { class: 'ai-fine' }, icon('circle-check', 16), t('No gaps, no overlaps'))];
  const items = rows.slice(0, ROWS).map((row, i) => h('li', {}, h('span', { class: 'ai-mark' }, h('span', {}, String(i + 1))), h('span', { class: 'grow' }, row.text),
    zoomButton(row.bbox, onZoom, t('Show problem {n} on the map', { n: i + 1 }))));
  return [h('h2', {}, t('Borders'), ' ', h('span', { class: 'count' }, number(total))), h('ul', { class: 'ai-list' }, ...items), more ? h('p', { class: 'xs muted' }, moreText) : null,
    h('p', { class: 'xs muted' }, t('Findings there are listed in triage. Open it as a draft to mend the borders first.'))].filter(Boolean);
}

/** Everything that was repaired, left out or guessed, feature by feature. */
export function notes({ rows, more }, onZoom) {
  if (!rows.length) return [];
  const items = rows.map((row) => h('li', { class: row.left_out ? 'is-out' : '' },
    h('span', { class: 'ai-what' }, row.left_out ? icon('circle-x', 15) : icon('info', 15), row.feature === null ? t('file') : t('feature {n}', { n: row.feature })),
    h('span', { class: 'grow', lang: langOf(row.text) }, row.text, row.left_out ? h('span', { class: 'vh' }, ` ${t('left out')}`) : null),
    zoomButton(row.bbox, onZoom, t('Show feature {n} on the map', { n: row.feature }))));
  const out = rows.filter((row) => row.left_out).length;
  return [h('h2', {}, t('Repaired, guessed, left out'), ' ', h('span', { class: 'count' }, number(rows.length + more))),
    out ? h('p', { class: 'xs muted' }, t('{n} left out', { n: out })) : null,
    h('ul', { class: 'ai-list' }, ...items), more ? h('p', { class: 'xs muted' }, t('{n} more', { n: more })) : null].filter(Boolean);
}

/** The areas as a table; picking a row marks the area on the map. */
export function table(areas, onPick, withParents) {
  if (!areas.length) return [h('p', { class: 'none muted' }, t('No area can be shown yet'))];
  const head = [[t('No.'), 'wide'], [t('Code')], [t('Chinese name')], [t('English name'), 'wide'], withParents && [t('Lies in'), 'wide'], [t('Size'), 'r wide'], ['']].filter(Boolean);
  const rows = areas.slice(0, ROWS).map((row) => h('tr', { data: { feature: row.feature } },
    h('td', { class: 'num muted wide' }, String(row.feature)), h('td', { class: 'num code' }, row.code),
    h('th', { scope: 'row', lang: langOf(row.zh) }, h('button', { type: 'button', class: 'link', on: { click: () => onPick(row.feature) } }, row.zh)),
    h('td', { lang: langOf(row.en), class: 'wide' }, row.en === row.zh ? '–' : row.en), withParents ? h('td', { class: 'wide' }, row.parent ? local(row.parent) : '–') : null,
    h('td', { class: 'num r wide' }, row.km2 === undefined ? '' : `${row.km2} km²`), h('td', {}, h('span', { class: 'ai-kind' }, h('i', { class: `ai-key ai-${row.outcome}` }), KINDS[row.outcome]()))));
  return [h('table', {}, h('thead', {}, h('tr', {}, ...head.map(([word, look = '']) => h('th', { scope: 'col', class: look }, word)))), h('tbody', {}, ...rows)),
    areas.length > ROWS ? h('p', { class: 'xs muted more' }, t('{n} more', { n: number(areas.length - ROWS) })) : null].filter(Boolean);
}
