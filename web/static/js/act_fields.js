/** The fields of an act's form beside photos and remark: a choice, ticks, a line of text, another finding. */
import { h, icon } from './dom.js';
import { t } from './i18n.js';
import { sym } from './symbols.js';

let following = 0;

/** A choice of one. */
function choice({ name, label, options, value }, err) {
  const id = `act-${name}`;
  const input = h('select', { class: 'input', id },
    value ? null : h('option', { value: '' }, t('Choose')),
    options.map(([code, word]) => h('option', { value: code, selected: code === value }, word)));
  return { input, node: h('div', { class: 'field' }, h('label', { for: id }, label), input, err(name)), values: () => [input.value].filter(Boolean) };
}

/** Any number of ticks, folded until somebody wants them. */
function checks({ name, label, options }, err) {
  const boxes = options.map(([value, word]) => [h('input', { type: 'checkbox', value }), word]);
  const node = h('details', { class: 'field act-joint' },
    h('summary', {}, icon('users', 15), label, h('span', { class: 'muted' }, ' ', t('(may stay empty)'))),
    h('div', { class: 'checks', role: 'group', 'aria-label': label }, boxes.map(([box, word]) => h('label', { class: 'check' }, box, word))), err(name));
  return { input: null, node, values: () => boxes.map(([box]) => box).filter((box) => box.checked).map((box) => box.value) };
}

function line({ name, label }, err) {
  const id = `act-${name}`;
  const input = h('input', { class: 'input', id, maxlength: '80', autocomplete: 'off' });
  return { input, node: h('div', { class: 'field' }, h('label', { for: id }, label), input, err(name)), values: () => [input.value.trim()].filter(Boolean) };
}

/** Another finding: one of those near, or any by its number. */
function finding({ name, label, near }, err) {
  following += 1;
  const group = `act-near-${following}`;
  const typed = h('input', { class: 'input num', id: `act-${name}`, maxlength: '32', placeholder: '2026-0001', autocomplete: 'off' });
  const rows = near.map((one) => [h('input', { type: 'radio', name: group, value: one.number }), one]);
  typed.addEventListener('input', () => {
    if (typed.value.trim()) for (const [radio] of rows) radio.checked = false;
  });
  for (const [radio] of rows) radio.addEventListener('change', () => { typed.value = ''; });
  const node = h('fieldset', { class: 'field act-other' }, h('legend', {}, label),
    rows.map(([radio, one]) => h('label', { class: 'check near' }, radio, sym(one.s, 15), h('span', { class: 'ell' }, one.words), h('span', { class: 'num muted nowrap' }, `${one.number} · ${one.away}`))),
    h('label', { class: 'by-number' }, h('span', {}, near.length ? t('or by its number') : t('Its number')), typed), err(name));
  const picked = () => rows.find(([radio]) => radio.checked)?.[1].number;
  return { input: rows[0]?.[0] || typed, node, values: () => [typed.value.trim() || picked()].filter(Boolean) };
}

const MAKERS = { choice, checks, text: line, finding };

export class ActFields {
  /**
   * @param {object[]} fields as the sheet lists them
   * @param {(name: string) => HTMLElement} err makes the place for a field's fault
   */
  constructor(fields, err) {
    this.made = fields.map((field) => ({ field, ...MAKERS[field.kind](field, err) }));
  }

  get nodes() {
    return this.made.map(({ node }) => node);
  }

  /** Where work begins; null where there is no field. */
  get first() {
    return this.made.find(({ input }) => input)?.input || null;
  }

  fill(form) {
    for (const { field, values } of this.made) for (const value of values()) form.append(field.name, value);
  }

  /** The fields that are needed and empty, each with words. */
  lacking() {
    return this.made.filter(({ field, values }) => field.required && !values().length)
      .map(({ field }) => [field.name, field.kind === 'text' ? t('This is needed') : t('Choose one')]);
  }
}
