/** Steps that can be undone. A step is two maps of changes: forth and back. */

const MERGE_MS = 1200;

export class History {
  /** @param {() => void} onChange the two stacks are others now */
  constructor(onChange) {
    Object.assign(this, { onChange, done: [], undone: [] });
  }

  get canUndo() {
    return this.done.length > 0;
  }

  get canRedo() {
    return this.undone.length > 0;
  }

  /**
   * @param {string} word what the step is called
   * @param {Map} forth changes that make it
   * @param {Map} back changes that undo it
   * @param {?string} merge steps in a row with the same mark, soon after each other, are one: an arrow key held down
   */
  push(word, forth, back, merge = null) {
    const last = this.done.at(-1);
    const now = performance.now();
    if (merge && last?.merge === merge && now - last.at < MERGE_MS) {
      last.forth = new Map([...last.forth, ...forth]);
      last.back = new Map([...back, ...last.back]);
      last.at = now;
    } else {
      this.done.push({ word, forth, back, merge, at: now });
    }
    this.undone = [];
    this.onChange();
  }

  undo() {
    const step = this.done.pop();
    if (!step) return null;
    this.undone.push({ ...step, merge: null });
    this.onChange();
    return step;
  }

  redo() {
    const step = this.undone.pop();
    if (!step) return null;
    this.done.push({ ...step, merge: null });
    this.onChange();
    return step;
  }

  clear() {
    this.done = [];
    this.undone = [];
    this.onChange();
  }
}
