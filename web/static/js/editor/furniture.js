/** What stands on the map and in the heads of the panes: layers, keys, legend, the choice of area and level, the phone's tabs. */
import { h, memory } from '../dom.js';
import { local, t } from '../i18n.js';
import { sym } from '../symbols.js';
import { closePopover, togglePopover } from '../problem_map/popover.js';
import { levelName, nameOf } from './words.js';

const LAYERS = 'bp-editor-layers';
const BASEMAP = 'bp-basemap';

/** What the map shows, remembered in this browser. */
export class Layers {
  /** @param {HTMLElement[]} buttons @param {{view, basemaps}} parts */
  constructor(buttons, { view, basemaps }) {
    Object.assign(this, { view, basemaps, layers: { ...view.layers, ...memory.get(LAYERS, {}) } });
    const wanted = memory.get(BASEMAP, 'none');
    this.basemap = basemaps.some(({ key }) => key === wanted) ? wanted : 'none';
    view.setLayers(this.layers);
    if (this.basemap !== 'none') view.setBasemap(this.basemap);
    for (const button of buttons) button.addEventListener('click', () => this.open(button));
  }

  open(button) {
    const rows = [['changes', t('Old and new borders')], ['points', t('Findings that change')], ['borders', t('Borders of this level')], ['subdistricts', t('Borders of other levels')], ['labels', t('Names')], ['streets', t('Streets, water, parks')]];
    const layer = ([key, word]) => {
      const box = h('input', { type: 'checkbox', checked: this.layers[key] });
      box.addEventListener('change', () => {
        this.layers[key] = box.checked;
        memory.set(LAYERS, this.layers);
        this.view.setLayers({ [key]: box.checked });
      });
      return h('label', { class: 'opt' }, box, word);
    };
    const base = (item) => {
      const input = h('input', { type: 'radio', name: 'basemap', checked: item.key === this.basemap });
      input.addEventListener('change', () => {
        this.basemap = item.key;
        memory.set(BASEMAP, item.key);
        this.view.setBasemap(item.key);
      });
      return h('label', { class: 'opt' }, input, local([item.zh, item.en]));
    };
    const ground = this.basemaps.length > 1 ? [h('h4', {}, t('Ground')), ...this.basemaps.map(base), h('hr')] : [];
    togglePopover(button, h('div', {}, ...ground, h('h4', {}, t('Layers')), rows.map(layer)), { label: t('Layers') });
  }
}

/** What the keyboard does, under its button. */
export function offerKeys(button) {
  const rows = [
    ['V B N S H M C', t('choose a tool')], ['Enter', t('on the map: to the corner in the middle')], ['Tab', t('from corner to corner')],
    ['← ↑ → ↓', t('move the corner; with Shift ten times as far')], ['Delete', t('take the corner out')], ['+', t('add a corner after it')],
    ['Ctrl Z', t('undo')], ['Ctrl Shift Z', t('redo')], ['Esc', t('leave the tool')], ['Alt', t('held while dragging: no snapping')],
  ];
  button.addEventListener('click', () => togglePopover(button, h('div', {}, h('h4', {}, t('Keys')), h('dl', { class: 'keys-list' }, rows.flatMap(([key, word]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, word)]))), { label: t('Keys'), className: 'pop-keys' }));
}

/** The lines, grounds and points of the map in words. */
export function drawLegend(root) {
  const mark = (name) => h('i', { class: name, 'aria-hidden': 'true' });
  const row = (symbol, word) => h('span', {}, symbol, word);
  root.replaceChildren(h('h2', { class: 'vh' }, t('Legend')),
    row(mark('l-old'), t('border in force')), row(mark('l-new'), t('new border')), row(mark('l-ground'), t('changed ground')),
    row(mark('l-near'), t('open finding')), row(sym('prog', 14), t('gets another patch')), row(mark('l-bureau'), t('bureau too')), row(mark('l-lock'), t('fixed corner')));
}

/** The areas of a level to choose from: the way to an area without a pointer. */
export function offerAreas(button, { areas, current, onPick }) {
  button.addEventListener('click', () => {
    const list = h('div', { class: 'opts-list' });
    const fill = (words) => {
      const wanted = words.trim().toLowerCase();
      const found = areas().filter((area) => !wanted || `${area.name_zh} ${area.name_en} ${area.code}`.toLowerCase().includes(wanted));
      list.replaceChildren(...found.map((area) => h('button', { type: 'button', class: 'opt', 'aria-current': area.key === current() ? 'true' : null, on: { click: () => { closePopover(); onPick(area.key); } } }, nameOf(area), h('span', { class: 'n' }, local(area.leader) || area.code))),
        ...(found.length ? [] : [h('p', { class: 'none' }, t('No area is called that'))]));
    };
    const search = h('input', { class: 'input', type: 'search', 'aria-label': t('Name or code'), placeholder: t('Name or code'), autofocus: true, on: { input: ({ target }) => fill(target.value) } });
    fill('');
    togglePopover(button, h('div', { class: 'choices-pop' }, search, list), { label: t('Choose an area') });
  });
}

/** Which level a click means, where a draft has several. */
export function levelChoice(root, { levels, current, onPick }) {
  const editable = levels.filter((level) => level.editable);
  if (editable.length < 2) {
    root.replaceChildren(h('span', { class: 'muted' }, editable.length ? levelName(editable[0]) : ''));
    return;
  }
  root.replaceChildren(h('select', { class: 'input level-choice', 'aria-label': t('Level'), on: { change: ({ target }) => onPick(target.value) } },
    [...editable].reverse().map((level) => h('option', { value: level.code, selected: level.code === current }, levelName(level)))));
}

/** The phone's sheet shows one part at a time. */
export class Tabs {
  /** @param {HTMLElement} root @param {HTMLElement} panel @param {Array<[string, string]>} names */
  constructor(root, panel, names) {
    Object.assign(this, { root, panel });
    this.buttons = names.map(([key, word]) => h('button', { type: 'button', data: { key }, on: { click: () => this.show(key) } }, word));
    root.replaceChildren(...this.buttons);
    this.show('problems');
  }

  show(key) {
    this.panel.dataset.show = key;
    for (const button of this.buttons) button.setAttribute('aria-pressed', String(button.dataset.key === key));
  }
}
