/** Faults stand at the field that they are about, and the first one gets the focus. */
import { t } from '../../i18n.js';

const PLACE = {
  status: 'filters', category: 'filters', bureau: 'filters', area: 'filters', from: 'filters', to: 'filters', overdue: 'filters', q: 'filters',
  finding: 'filters', findings: 'filters', must: 'filters', lon: 'places', lat: 'places', name: 'places',
  start: 'inspectors', end: 'inspectors', skills: 'inspectors', max_distance_m: 'inspectors',
};
const INPUTS = {
  day: ['day'], days: ['days'], limit: ['limit'], shift: ['from', 'until'], breaks: ['lunch-from', 'lunch-until'], title: ['title'],
  service_s: ['service-finding', 'service-patch', 'service-place'], file: ['file'], balance: ['balance'], seconds: ['seconds'], patches: ['weeks'],
};
const find = (id) => document.getElementById(id);

/** Takes all faults away. */
export function clearFaults() {
  for (const line of document.querySelectorAll('.rn .err')) line.hidden = true;
  for (const input of document.querySelectorAll('.rn [aria-invalid]')) input.removeAttribute('aria-invalid');
  find('fault').hidden = true;
}

/** Takes the fault of one field away. */
export function clearFault(field) {
  const line = find(`e-${field}`);
  if (line) line.hidden = true;
  for (const id of INPUTS[field] || []) find(id)?.removeAttribute('aria-invalid');
}

/** Says something at a field while somebody works elsewhere: the focus stays where it is. */
export function tellAt(field, text) {
  const line = find(`e-${field}`);
  line.querySelector('span').textContent = text;
  line.hidden = false;
}

/**
 * Shows faults at their fields; what has no field stands at the head.
 * @param {Array<{field: string, text: string}>} faults
 */
export function showFaults(faults) {
  let first = null;
  for (const { field, text } of faults) {
    const place = PLACE[field] || field;
    const line = find(`e-${place}`) || find('fault');
    line.querySelector('span').textContent = text;
    line.hidden = false;
    line.closest('details')?.setAttribute('open', '');
    const input = (INPUTS[place] || []).map(find).find(Boolean);
    for (const id of INPUTS[place] || []) find(id)?.setAttribute('aria-invalid', 'true');
    first ||= input || line;
  }
  if (!first) return;
  const head = find('fault');
  if (head.hidden) {
    head.querySelector('span').textContent = t('Not planned yet: look at what is marked below');
    head.hidden = false;
  }
  first.scrollIntoView({ block: 'center' });
  if (!first.matches('input, select')) first.tabIndex = -1;
  first.focus({ preventScroll: true });
}
