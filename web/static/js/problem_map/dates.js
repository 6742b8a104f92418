/** The range of days on which findings were reported: words, and a form for typing it. */
import { h } from '../dom.js';
import { day } from '../format.js';
import { t } from '../i18n.js';
import { closePopover } from './popover.js';

const DAY_MS = 86_400_000;

/** The day `n` days after an ISO day. */
export const shift = (iso, n) => new Date(Date.parse(`${iso}T00:00Z`) + n * DAY_MS).toISOString().slice(0, 10);

/** Days from one ISO day to another. */
export const daysBetween = (from, to) => Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / DAY_MS);

/** `8月4日 – 9月2日`, `since 4 Aug`. */
export function datesWord({ from, to }, today) {
  const year = (today || '').slice(0, 4);
  if (from && to) return from === to ? day(from, year) : `${day(from, year)} – ${day(to, year)}`;
  if (from) return t('since {day}', { day: day(from, year) });
  return t('until {day}', { day: day(to, year) });
}

function presets(today, apply) {
  const last = (n) => ({ from: shift(today, 1 - n), to: '' });
  const choices = [[t('Today'), last(1)], [t('7 days'), last(7)], [t('30 days'), last(30)], [t('90 days'), last(90)], [t('All'), { from: '', to: '' }]];
  return h('div', { class: 'seg' }, choices.map(([word, range]) => h('button', { type: 'button', on: { click: () => apply(range) } }, word)));
}

/**
 * @param {import('./state.js').Store} store
 * @param {string} today the city's day
 */
export function datesForm(store, today) {
  const { from, to } = store.state.filters;
  const first = h('input', { class: 'input', type: 'date', id: 'dates-from', value: from, max: today, autofocus: true });
  const last = h('input', { class: 'input', type: 'date', id: 'dates-to', value: to, max: today });
  const wrong = h('p', { class: 'err', hidden: true, role: 'alert' }, t('The first day comes after the last'));
  const apply = (range) => {
    wrong.hidden = !(range.from && range.to && range.from > range.to);
    if (!wrong.hidden) return;
    closePopover();
    store.filter(range);
  };
  const field = (label, input) => h('div', { class: 'field' }, h('label', { for: input.id }, label), input);
  const form = h('form', { class: 'dates-form' },
    presets(today, apply),
    h('div', { class: 'pair' }, field(t('Reported from'), first), field(t('to'), last)),
    wrong,
    h('button', { class: 'btn btn-primary', type: 'submit' }, t('Show these days')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    apply({ from: first.value, to: last.value });
  });
  return form;
}
