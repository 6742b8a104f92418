/** Patches that nobody visited for weeks: a list with check boxes, the longest unseen first. */
import { h } from '../../dom.js';
import { local, number, t } from '../../i18n.js';

const FIRST_CHOSEN = 10;
const find = (id) => document.getElementById(id);

export class Patches {
  /** @param {{onWeeks: () => void, onChange: () => void}} parts */
  constructor({ onWeeks, onChange }) {
    Object.assign(this, { unseen: [], left: new Set(), extra: new Set(), onChange });
    this.on = find('with-patches');
    this.weeks = find('weeks');
    this.on.addEventListener('change', () => this.changed());
    this.weeks.addEventListener('input', () => this.weeks.value && onWeeks());
    find('must-patches').addEventListener('change', () => this.changed());
  }

  changed() {
    find('patches').hidden = !this.on.checked;
    this.onChange();
  }

  get days() {
    const weeks = Number(this.weeks.value);
    return Number.isFinite(weeks) && weeks >= 1 && weeks <= 52 ? Math.round(weeks * 7) : 28;
  }

  /** @param {Array<{id, code, zh, en, days}>} unseen longest ago first */
  take(unseen) {
    this.unseen = unseen;
    find('n-patches').textContent = number(unseen.length);
    find('patch-list').replaceChildren(...unseen.map((patch, i) => this.line(patch, i)));
    if (!unseen.length) find('patch-list').append(h('li', { class: 'muted' }, t('Somebody was in every patch')));
  }

  line(patch, i) {
    const box = h('input', { type: 'checkbox', checked: this.isChosen(patch, i) });
    box.addEventListener('change', () => {
      (box.checked ? this.extra : this.left).add(patch.id);
      (box.checked ? this.left : this.extra).delete(patch.id);
      this.changed();
    });
    const when = patch.days === null ? t('never') : patch.days === 1 ? t('1 day') : t('{n} days', { n: number(patch.days) });
    return h('li', {}, h('label', { class: 'check' }, box, h('span', { class: 'ell' }, local([patch.zh, patch.en])), h('span', { class: 'n' }, when)));
  }

  /** The longest unseen are chosen, until somebody chooses otherwise. */
  isChosen({ id }, i) {
    return this.extra.has(id) || (i < FIRST_CHOSEN && !this.left.has(id));
  }

  get chosen() {
    return this.on.checked ? this.unseen.filter((patch, i) => this.isChosen(patch, i)) : [];
  }

  faults() {
    const weeks = Number(this.weeks.value);
    if (!this.on.checked || (weeks >= 1 && weeks <= 52)) return [];
    return [{ field: 'patches', text: t('From 1 to 52 weeks') }];
  }
}
