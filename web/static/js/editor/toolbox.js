/** Which tool is on, what its click means, and the keys of the page. */
import { t } from '../i18n.js';
import { closePopover } from '../problem_map/popover.js';
import { Operations } from './operations.js';
import { areaAt } from './selecting.js';
import { TOOLS } from './toolbar.js';
import { nameOf } from './words.js';

const KINDS = { draw: 'area', split: 'line', cut: 'hole' };
const WRITING = 'input, textarea, select, [contenteditable]';

export class ToolBox {
  /** @param {import('./page.js').EditorPage} page */
  constructor(page) {
    Object.assign(this, { page, name: null, hintLine: document.getElementById('hint') });
    this.operations = new Operations(page.draft, page.server);
    document.addEventListener('keydown', (event) => this.pressed(event));
  }

  /** The tool that one comes back to. */
  get home() {
    return this.page.may.edit ? 'border' : 'select';
  }

  set(name) {
    const { page } = this;
    if (TOOLS[name].needs && !page.selection.area_) {
      page.say(t('Choose an area first: click it, or take it from the list'));
      return;
    }
    if (TOOLS[name].needs && !page.selection.isEditable()) return;
    page.drawing.stop();
    this.name = name;
    if (TOOLS[name].needs && page.selection.kind === 'border') page.selection.area(page.selection.keys[0]);
    page.toolbar.show(name);
    page.map.getContainer().dataset.tool = name;
    if (name !== 'comment' && page.comments.placing) page.comments.askPlace(false);
    if (KINDS[name]) page.drawing.start(KINDS[name]);
    if (name === 'comment') page.tabs.show('comments');
    page.selection.show();
  }

  hint() {
    const { page, hintLine } = this;
    const area = page.selection.area_;
    const words = this.name === 'border' && area ? '' : TOOLS[this.name]?.hint || '';
    hintLine.textContent = words.replace('{area}', area ? nameOf(area) : '');
    hintLine.hidden = !words;
  }

  /** Whether the tool took the click for itself. */
  clicked(point) {
    const { page } = this;
    if (KINDS[this.name]) return true;
    if (this.name === 'comment') {
      page.comments.markPlace(point);
      page.comments.text.focus();
      this.set(this.home);
      return true;
    }
    if (this.name !== 'merge') return false;
    const other = areaAt(page.coverage, page.level, point);
    const { key } = page.selection.area_;
    if (!other || other.key === key) return true;
    if (page.selection.isNeighbour(other.key)) this.run(t('merge areas'), () => this.operations.merge(key, other.key));
    else page.say(t('{other} is no neighbour of {area}', { other: nameOf(other), area: nameOf(page.selection.area_) }));
    return true;
  }

  /** Something was drawn to its end. */
  drawn(kind, geometry) {
    const { page, operations } = this;
    const key = page.selection.area_?.key;
    const act = {
      area: [t('draw an area'), () => operations.trace(page.level, geometry)],
      line: [t('split an area'), () => operations.split(key, geometry)],
      hole: [t('cut a hole'), () => operations.cut(key, geometry)],
    }[kind];
    return this.run(...act);
  }

  /** Asks the server for a tool's outcome and makes it one step. */
  async run(word, act) {
    const { page } = this;
    page.map.getContainer().classList.add('bp-busy');
    try {
      const { changes, fresh } = await act();
      page.draft.commit(word, changes);
      this.set(this.home);
      if (fresh.length) page.selection.area(fresh[0], { open: true });
    } catch (error) {
      page.say(error.body ? error.message : t('The server does not answer: nothing was changed'));
      if (!error.body && error.constructor.name !== 'Unreachable') throw error;
      this.set(this.home);
    } finally {
      page.map.getContainer().classList.remove('bp-busy');
    }
  }

  pressed(event) {
    const { page } = this;
    if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
    const writing = event.target.closest?.(WRITING);
    if ((event.ctrlKey || event.metaKey) && !writing) {
      if (this.stepKey(event)) event.preventDefault();
      return;
    }
    if (writing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (this.plainKey(event)) {
      event.preventDefault();
      closePopover();
    } else if (event.key === 'Escape') {
      this.escape();
    } else if (event.target === page.map.getContainer() && page.handles.active && (event.key === 'Delete' || event.key === 'Backspace')) {
      page.edits.remove(page.handles.active);
    }
  }

  stepKey({ key, shiftKey }) {
    const { page } = this;
    const letter = key.toLowerCase();
    if (!page.may.edit || (letter !== 'z' && letter !== 'y')) return false;
    if (letter === 'y' || shiftKey) page.redo();
    else page.undo();
    return true;
  }

  plainKey({ key, target }) {
    const { page } = this;
    // Letters are keys only where one draws: elsewhere they belong to whoever types or reads aloud.
    if (target !== document.body && !page.map.getContainer().closest('.mapbox').contains(target)) return false;
    if (KINDS[this.name] && page.drawing.pressed(key)) return true;
    if (key === 'Enter' && target === page.map.getContainer()) return page.handles.focusNearest();
    const name = Object.keys(TOOLS).find((one) => TOOLS[one].key === key.toUpperCase() && page.toolbar.buttons.has(one));
    if (name) this.set(name);
    return Boolean(name);
  }

  /** Leaves what is under way: a proposal, the tool, then the selection. */
  escape() {
    const { page } = this;
    if (page.proposal.differences) page.proposal.close();
    else if (this.name !== this.home) this.set(this.home);
    else page.selection.clear();
  }
}
