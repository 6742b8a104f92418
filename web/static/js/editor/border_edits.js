/** What handles do to the draft: a vertex is dragged, dropped, added, taken out. A step that may not be made says why and is taken back. */
import { t } from '../i18n.js';
import { RefusedEdit } from './coverage.js';
import { crossing, placeKey } from './geometry.js';

const REST_MS = 350;

export class BorderEdits {
  /** @param {{draft, view, handles: () => object, refuse: (error) => void, onLive: (changes) => void, onDone: (words) => void}} parts */
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Shows where a dragged vertex takes its areas; only the overlay is painted. */
  drag(from, to) {
    clearTimeout(this.rest);
    let changes;
    try {
      changes = this.draft.coverage.moved(from, to);
    } catch (error) {
      if (error instanceof RefusedEdit) return;
      throw error;
    }
    const crosses = placeKey(from) !== placeKey(to) && [...changes.values()].some((parts) => crossing(parts, [to]));
    this.view.setLive(changes, { crosses, from });
    if (!crosses) this.rest = setTimeout(() => this.onLive(changes), REST_MS);
  }

  drop(from, to, { edge = null, byKey = false } = {}) {
    clearTimeout(this.rest);
    this.view.setLive(new Map());
    if (placeKey(from) === placeKey(to)) return;
    const done = this.attempt(() => this.draft.commit(t('move a corner'), this.draft.move(from, to, edge), { at: [to], merge: byKey ? `key ${this.keyRun(from)}` : this.mergeMark(from) }));
    if (!byKey) return;
    this.lastTo = done ? placeKey(to) : null;
    this.handles().active = done ? to : from;
    this.handles().focus(done ? to : from);
  }

  /** Steps of one vertex by arrow keys in a row are one step to undo. */
  keyRun(from) {
    if (this.lastTo !== placeKey(from)) this.run = (this.run || 0) + 1;
    return this.run;
  }

  /** A vertex that was added by dragging is one step, not two. */
  mergeMark(from) {
    return this.added === placeKey(from) ? `add ${this.added}` : null;
  }

  insert(a, b, at) {
    this.added = placeKey(at);
    const done = this.attempt(() => this.draft.commit(t('add a corner'), this.draft.insert(a, b, at), { at: [at], merge: `add ${this.added}` }));
    if (done && !this.handles().busy) this.handles().focus(at);
  }

  remove(point) {
    this.attempt(() => {
      const { changes, neighbours } = this.draft.remove(point);
      this.draft.commit(t('take a corner out'), changes, { at: neighbours });
      this.handles().focusNear(point);
    });
  }

  attempt(act) {
    try {
      act();
      return true;
    } catch (error) {
      if (!(error instanceof RefusedEdit)) throw error;
      this.refuse(error);
      return false;
    }
  }
}
