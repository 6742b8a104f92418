/** Small forms over the page: when a stop can be seen, why it is skipped, since when somebody cannot go on. */
import { h, icon } from '../dom.js';
import { dialog } from '../editor/dialog.js';
import { t } from '../i18n.js';
import { clock, personName, secondsOf, stopName } from './plan_words.js';

const MOST_WINDOWS = 6;

/**
 * A dialog with a form. `read` gives the changes, or a text that says what is wrong.
 * @param {string} title @param {HTMLElement[]} content @param {string} word of the button
 * @param {() => object[]|string} read @param {(changes: object[]) => void} onDone
 */
export function askForm(title, content, word, read, onDone) {
  const fault = h('p', { class: 'rp-fault', role: 'alert', hidden: true });
  const form = h('form', { class: 'form', novalidate: true }, ...content, fault,
    h('footer', { class: 'act-f' }, h('button', { class: 'btn btn-primary', type: 'submit' }, word)));
  const box = dialog(title, form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const found = read();
    if (typeof found === 'string') {
      fault.hidden = false;
      fault.textContent = found;
      return;
    }
    box.close();
    onDone(found);
  });
  form.querySelector('input, textarea, select')?.focus();
  return box;
}

const timeField = (value, label) => h('input', { class: 'input', type: 'time', value, 'aria-label': label });

/** Windows and length of a visit. */
export function askTimes(stop, onDone) {
  const list = h('ul', { class: 'win-list' });
  const add = (start = '09:00', end = '11:00') => {
    const row = h('li', {}, timeField(start, t('from')), h('span', { 'aria-hidden': 'true' }, '–'), timeField(end, t('until')));
    const drop = h('button', { type: 'button', class: 'ib', 'aria-label': t('Drop these hours') }, icon('x', 15));
    drop.addEventListener('click', () => row.remove());
    row.append(drop);
    list.append(row);
  };
  for (const [start, end] of stop.windows) add(clock(start), clock(end));
  const more = h('button', { type: 'button', class: 'btn btn-default sm' }, icon('plus', 14), t('Hours when it can be seen'));
  more.addEventListener('click', () => list.children.length < MOST_WINDOWS && add());
  const minutes = h('input', { class: 'input', type: 'number', id: 'service-min', min: 0, max: 600, step: 1, value: Math.round(stop.service_s / 60), inputmode: 'numeric' });
  const read = () => {
    const windows = [...list.children].map((row) => [...row.querySelectorAll('input')].map((field) => secondsOf(field.value)));
    if (windows.some(([start, end]) => start === null || end === null)) return t('Every line needs a time to begin and one to end');
    const wrong = windows.find(([start, end]) => end <= start);
    if (wrong) return t('{from}–{to} ends before it begins', { from: clock(wrong[0]), to: clock(wrong[1]) });
    const length = Number(minutes.value);
    if (minutes.value === '' || !Number.isInteger(length) || length < 0 || length > 600) return t('How long it takes must be whole minutes, 0 to 600');
    return [{ act: 'windows', stop: stop.id, windows }, { act: 'service', stop: stop.id, service_s: length * 60 }];
  };
  return askForm(t('Times of {name}', { name: stopName(stop) }), [
    h('div', { class: 'field' }, h('span', { class: 'label' }, t('It can be seen')), list, h('p', { class: 'hint' }, t('Without hours: at any time.')), more),
    h('div', { class: 'field' }, h('label', { for: 'service-min' }, t('Minutes that it takes')), minutes),
  ], t('Set these times'), read, onDone);
}

/** Why a stop is skipped. */
export function askSkip(stop, onDone) {
  const note = h('textarea', { class: 'input', id: 'skip-note', maxlength: 500, rows: 3 });
  return askForm(t('Skip {name}', { name: stopName(stop) }), [
    h('p', { class: 'lead' }, t('It leaves its round and waits under “Taken out”, with your note.')),
    h('div', { class: 'field' }, h('label', { for: 'skip-note' }, t('Why')), note),
  ], t('Skip it'), () => (note.value.trim() ? [{ act: 'skip', stop: stop.id, note: note.value.trim() }] : t('Say in a few words why')), onDone);
}

/** Since when somebody cannot go on. */
export function askAbsent(person, now, onDone) {
  const field = h('input', { class: 'input', type: 'time', id: 'absent-from', value: now });
  return askForm(t('{name} cannot go on', { name: personName(person) }), [
    h('p', { class: 'lead' }, t('What is not seen yet goes to the others, as far as it fits; the rest is listed as not served.')),
    h('div', { class: 'field' }, h('label', { for: 'absent-from' }, t('From')), field),
  ], t('See what that changes'), () => {
    const from = secondsOf(field.value);
    return from === null ? t('Say from when') : [{ act: 'absent', inspector: person.id, from_s: from }];
  }, onDone);
}
