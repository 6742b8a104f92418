/** Dialogs of the round: why a stop is skipped, what a look at it came to. */
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { RESULTS } from './words.js';

const REASONS = [t('Closed'), t('No way to get there'), t('No time today'), t('Too dangerous')];

function frame(title, children, submit, onSubmit) {
  const fault = h('p', { class: 'err', role: 'alert', hidden: true }, icon('triangle-alert', 14), h('span', {}));
  const form = h('form', { class: 'form', novalidate: true },
    h('header', {}, h('h2', { id: 'rd-dialog-title' }, title), h('button', { type: 'button', class: 'ib', 'aria-label': t('Close'), on: { click: () => dialog.close() } }, icon('x', 18))),
    ...children, fault,
    h('footer', { class: 'act-f' }, h('button', { type: 'button', class: 'btn btn-default', on: { click: () => dialog.close() } }, t('Leave it')), submit));
  const dialog = h('dialog', { class: 'act-dialog', 'aria-labelledby': 'rd-dialog-title' }, form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const problem = onSubmit();
    fault.hidden = !problem;
    fault.querySelector('span').textContent = problem || '';
    if (!problem) dialog.close();
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function choices(name, options) {
  return h('div', { class: 'rd-choices' }, options.map(([value, word], i) => h('label', { class: 'rd-choice' },
    h('input', { type: 'radio', name, value, id: `${name}-${i}` }), h('span', {}, word))));
}

/** Asks why a stop is skipped. */
export function askSkip(stop, onDone) {
  const options = choices('reason', REASONS.map((word) => [word, word]));
  const note = h('input', { class: 'input', id: 'skip-note', maxlength: '300', autocomplete: 'off' });
  const said = () => [options.querySelector('input:checked')?.value, note.value.trim()].filter(Boolean).join(t('. '));
  frame(t('Skip this stop'), [
    h('p', { class: 'lead', lang: '' }, stop.name), h('fieldset', {}, h('legend', {}, t('Why')), options),
    h('div', { class: 'field' }, h('label', { for: 'skip-note' }, t('In your own words')), note),
  ], h('button', { type: 'submit', class: 'btn btn-primary big' }, icon('redo-2', 17), h('span', {}, t('Skip it'))), () => {
    if (!said()) return t('Say why');
    onDone(said());
    return '';
  });
}

/** The results of a look as big buttons; the chosen one is pressed. */
export function resultButtons(stop, chosen, onChoose) {
  const known = stop.kind === 'finding' ? ['still', 'fixed', 'not_found'] : ['nothing', 'recorded'];
  return h('div', { class: 'rd-results', role: 'group', 'aria-label': t('What you found') }, known.map((result) => h('button', {
    type: 'button', class: 'rd-result', 'aria-pressed': String(result === chosen), data: { result }, on: { click: () => onChoose(result) },
  }, icon({ still: 'circle-alert', fixed: 'circle-check', not_found: 'circle-help', nothing: 'circle-check', recorded: 'camera' }[result], 20), h('span', {}, RESULTS[result]))));
}
