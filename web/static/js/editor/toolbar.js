/** The tools over the map, as buttons with words: one of them is on. Arrow keys walk them; every one says its key. */
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';

export const TOOLS = {
  select: { icon: 'move', word: t('Select'), key: 'V', hint: '' },
  border: { icon: 'spline', word: t('Move a shared border'), key: 'B', hint: t('Click a border or an area, then drag its corners. Every area that has the corner follows.') },
  draw: { icon: 'square-pen', word: t('Draw a new area'), key: 'N', hint: t('Click corner by corner, double click to end. Ground up to the neighbours is filled in. Space sets a corner in the middle of the map, Enter ends.') },
  split: { icon: 'scissors', word: t('Split by a line'), key: 'S', needs: true, hint: t('Draw a line across {area}; double click to end. It may begin and end outside.') },
  cut: { icon: 'square-dashed', word: t('Cut a hole'), key: 'H', needs: true, hint: t('Draw the hole inside {area}, corner by corner; double click to end.') },
  merge: { icon: 'squares-unite', word: t('Merge with a neighbour'), key: 'M', needs: true, hint: t('Click the neighbour that {area} takes in.') },
  comment: { icon: 'message-square-plus', word: t('Comment here'), key: 'C', hint: t('Click the place on the map') },
};

const EDITING = ['border', 'draw', 'split', 'cut', 'merge'];

export class Toolbar {
  /** @param {HTMLElement} root @param {{mayEdit, mayComment, onTool, onSnap, onUndo, onRedo}} parts */
  constructor(root, parts) {
    Object.assign(this, { root, ...parts, snapping: true });
    const { mayEdit, mayComment } = this;
    const names = ['select', ...(mayEdit ? EDITING : []), ...(mayComment ? ['comment'] : [])];
    this.buttons = new Map(names.map((name) => [name, this.button(name)]));
    this.snap = this.plain('magnet', t('Snap to borders'), () => this.toggleSnap());
    this.snap.classList.add('snap');
    root.classList.toggle('may-edit', Boolean(mayEdit));
    this.undo = this.plain('undo-2', t('Undo (Ctrl Z)'), () => this.onUndo());
    this.redo = this.plain('redo-2', t('Redo (Ctrl Shift Z)'), () => this.onRedo());
    const rule = () => h('hr', { 'aria-hidden': 'true' });
    root.replaceChildren(...this.buttons.values(), ...(mayEdit ? [rule(), this.snap, rule(), this.undo, this.redo] : []));
    root.hidden = false;
    root.addEventListener('keydown', (event) => this.walk(event));
    L.DomEvent.disableClickPropagation(root);
    this.setSteps(null, null);
    this.showSnap();
  }

  button(name) {
    const tool = TOOLS[name];
    const label = `${tool.word} (${tool.key})`;
    return h('button', { type: 'button', class: 'ib', 'aria-pressed': 'false', 'aria-label': label, title: label, tabindex: '-1', data: { tool: name }, on: { click: () => this.onTool(name) } },
      icon(tool.icon, 16), h('span', { class: 'tool-word' }, tool.word));
  }

  plain(name, label, act) {
    return h('button', { type: 'button', class: 'ib', 'aria-label': label, title: label, tabindex: '-1', on: { click: act } }, icon(name, 16));
  }

  show(name) {
    for (const [key, button] of this.buttons) button.setAttribute('aria-pressed', String(key === name));
    this.stop(this.buttons.get(name));
  }

  toggleSnap() {
    this.snapping = !this.snapping;
    this.showSnap();
    this.onSnap(this.snapping);
  }

  showSnap() {
    const words = this.snapping ? t('Snap to borders: on (Alt lets go)') : t('Snap to borders: off');
    this.snap.setAttribute('aria-pressed', String(this.snapping));
    this.snap.setAttribute('aria-label', words);
    this.snap.title = words;
  }

  /** @param {?string} undo what the last step was called @param {?string} redo */
  setSteps(undo, redo) {
    this.undo.disabled = !undo;
    this.redo.disabled = !redo;
    this.undo.title = undo ? t('Undo: {step} (Ctrl Z)', { step: undo }) : t('Nothing to undo');
    this.redo.title = redo ? t('Redo: {step} (Ctrl Shift Z)', { step: redo }) : t('Nothing to redo');
  }

  all() {
    return [...this.root.querySelectorAll('button')].filter((button) => !button.disabled);
  }

  /** One stop for the Tab key. */
  stop(button) {
    for (const other of this.root.querySelectorAll('button')) other.tabIndex = other === button ? 0 : -1;
  }

  walk(event) {
    const all = this.all();
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || !all[to]) return;
    event.preventDefault();
    event.stopPropagation();
    this.stop(all[to]);
    all[to].focus();
  }
}
