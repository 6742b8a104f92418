/** What the selected area is called and belongs to. New areas need names and a code of their own. */
import { h, icon } from '../dom.js';
import { local, t } from '../i18n.js';
import { ground, levelName, nameOf } from './words.js';

const FIELDS = ['name_zh', 'name_en', 'code', 'parent'];

export class PropertiesPanel {
  /** @param {HTMLElement} root @param {{coverage: () => object, mayEdit: boolean, onChange: (key, facts) => void, onRemove: (key) => void}} parts */
  constructor(root, parts) {
    Object.assign(this, { root, ...parts, key: null, errors: {} });
  }

  /** @param {?string} key the selected area @param {{open?: boolean}} options a new area shows its fields at once */
  show(key, { open = false } = {}) {
    const same = key === this.key;
    this.key = key;
    if (!same) this.errors = {};
    const area = key && this.coverage().get(key);
    this.root.hidden = !area;
    if (!area) return;
    const edit = this.mayEdit && area.editable;
    if (same && edit && !open && this.root.querySelector('form')) {
      this.refresh(area);
      return;
    }
    const isOpen = open || (same && this.root.querySelector('details')?.open);
    this.root.replaceChildren(h('details', { open: isOpen },
      h('summary', {}, h('span', { class: 'grow' }, this.line(area)), area.leader ? h('span', { class: 'sec' }, local(area.leader)) : null, icon('chevron-down', 14)),
      edit ? this.form(area) : this.facts(area)));
  }

  /** `Patch · 630102003009 · 0.62 km²`. */
  line(area) {
    return [levelName(this.coverage().level(area.level)), area.code, ground(this.coverage().size_m2(area))].filter(Boolean).join(' · ');
  }

  /** The same area after a step: the fields stay, so that the one that is being typed into does too. */
  refresh(area) {
    this.root.querySelector('summary .grow').textContent = this.line(area);
    if (Object.keys(this.errors).length) return;
    const { elements } = this.root.querySelector('form');
    for (const name of FIELDS) {
      const field = elements[name];
      if (field && field !== document.activeElement) field.value = area[name] || '';
    }
  }

  facts(area) {
    const parent = area.parent && this.coverage().get(area.parent);
    const row = (word, value) => (value ? [h('dt', {}, word), h('dd', {}, value)] : []);
    return h('dl', { class: 'facts' }, row(t('Chinese name'), area.name_zh), row(t('English name'), area.name_en), row(t('Code'), area.code), row(t('Belongs to'), parent && nameOf(parent)));
  }

  form(area) {
    const isNew = !area.was;
    return h('form', { class: 'form facts-form', novalidate: true, on: { submit: (event) => event.preventDefault(), change: () => this.changed(area.key) } },
      this.field('name_zh', t('Chinese name'), area.name_zh, { lang: 'zh', maxlength: 200 }),
      this.field('name_en', t('English name'), area.name_en, { lang: 'en', maxlength: 200 }),
      this.field('code', t('Code'), area.code, { maxlength: 64, disabled: !isNew, hint: isNew ? null : t('A code stays with its area for good') }),
      this.parents(area),
      h('div', { class: 'bt' }, h('button', { type: 'button', class: 'btn btn-danger-quiet sm', on: { click: () => this.onRemove(area.key) } }, icon('trash-2', 14), t('Remove this area'))));
  }

  parents(area) {
    const coverage = this.coverage();
    const above = coverage.levels.filter((one) => one.position < coverage.level(area.level).position);
    const options = [...above].reverse().flatMap((level) => coverage.list(level.code));
    if (!options.length) return null;
    const select = h('select', { class: 'input', id: 'area-parent', name: 'parent' },
      h('option', { value: '' }, t('nothing above')),
      options.map((one) => h('option', { value: one.key, selected: one.key === area.parent }, `${nameOf(one)} (${levelName(coverage.level(one.level))})`)));
    return h('div', { class: 'field' }, h('label', { for: 'area-parent' }, t('Belongs to')), select, this.err('parent'));
  }

  field(name, label, value, { hint, ...attributes } = {}) {
    const error = this.errors[name];
    const input = h('input', { class: 'input', id: `area-${name}`, name, value: value || '', autocomplete: 'off', 'aria-invalid': error ? 'true' : null, 'aria-describedby': error || hint ? `area-${name}-more` : null, ...attributes });
    return h('div', { class: 'field' }, h('label', { for: `area-${name}` }, label), input, error ? this.err(name) : hint ? h('p', { class: 'hint', id: `area-${name}-more` }, hint) : null);
  }

  err(name) {
    const words = this.errors[name];
    return words ? h('p', { class: 'err', id: `area-${name}-more` }, icon('triangle-alert', 14), words) : null;
  }

  /** Checks what was typed and tells it; the first field at fault is said at its place. */
  changed(key) {
    const area = this.coverage().get(key);
    const form = this.root.querySelector('form');
    const facts = Object.fromEntries(FIELDS.filter((name) => form.elements[name] && !form.elements[name].disabled).map((name) => [name, form.elements[name].value.trim() || null]));
    this.errors = this.faults(area, facts);
    if (Object.keys(this.errors).length) this.again();
    else this.onChange(key, facts);
  }

  faults(area, facts) {
    const errors = {};
    if (!facts.name_zh && !facts.name_en) errors.name_zh = t('Give it a name in at least one language');
    const twin = this.coverage().list(area.level).find((other) => other.key !== area.key && facts.code && other.code === facts.code);
    if (twin) errors.code = t('{area} has this code already', { area: nameOf(twin) });
    return errors;
  }

  /** The server's own words, by field. */
  refuse(errors) {
    this.errors = Object.fromEntries(errors.filter(({ field }) => FIELDS.includes(field)).map(({ field, detail }) => [field, detail]));
    if (Object.keys(this.errors).length) this.again();
  }

  /** Puts the words beside the fields without taking what was typed. */
  again() {
    const form = this.root.querySelector('form');
    if (!form) return;
    for (const name of FIELDS) {
      const input = form.elements[name];
      if (!input) continue;
      const field = input.closest('.field');
      field.querySelector('.err')?.remove();
      input.toggleAttribute('aria-invalid', false);
      if (!this.errors[name]) continue;
      input.setAttribute('aria-invalid', 'true');
      input.setAttribute('aria-describedby', `area-${name}-more`);
      field.append(this.err(name));
    }
  }
}
