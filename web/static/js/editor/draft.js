/** One draft while it is open: its areas, the steps that were made, and their saving. Everything that changes an area comes through `commit`. */
import { memory } from '../dom.js';
import { Coverage, RefusedEdit } from './coverage.js';
import { crossing, partsOf } from './geometry.js';
import { History } from './history.js';
import { changeOf, Saver } from './saving.js';
import { newDraft } from './server.js';

const asParts = (changes) => new Map([...changes].map(([key, parts]) => [key, { parts }]));

export class Draft {
  /**
   * @param {number} id
   * @param {object} parts `server`, and what is told: `onChange(keys)`, `onSteps()`, `onState(state)`, `onSaved(answer)`, `onConflict(body)`
   */
  constructor(id, parts) {
    Object.assign(this, { id, ...parts });
    this.history = new History(() => this.onSteps());
    this.saver = new Saver(id, {
      server: this.server, area: (key) => this.coverage.get(key),
      onState: (state) => this.onState(state), onSaved: (answer, areas) => this.saved(answer, areas), onConflict: (body) => this.onConflict(body),
    });
  }

  /** Takes the server's draft; what an earlier visit could not send is put on top of it when nobody saved since. */
  take(data) {
    this.data = data;
    this.facts = data.draft;
    this.coverage = new Coverage(data);
    this.base = new Map(this.coverage.areas);
    this.saver.start(data.draft.revision, data.draft.updated_at);
  }

  /** What the server has now: what somebody else changes later is told apart by it. */
  saved(answer, areas) {
    for (const area of areas) this.base.set(area.key, area);
    this.onSaved(answer);
  }

  get mayEdit() {
    return this.facts.may_edit && this.facts.status === 'open';
  }

  /** Steps of an earlier visit that are not saved: 'none', 'back' (they are on the map again) or 'clash'. */
  recover() {
    const left = this.saver.left();
    if (!left?.changes?.length || !this.mayEdit) return 'none';
    // A page that went away may have been heard all the same.
    left.changes = left.changes.filter((change) => !this.has(change));
    if (!left.changes.length) {
      this.saver.forget();
      return 'none';
    }
    if (left.revision !== this.facts.revision) {
      this.onConflict({ who: this.facts.updated_by, when: this.facts.updated_at, revision: this.facts.revision, changes: left.changes, since: null });
      return 'clash';
    }
    this.lay(left.changes);
    this.saver.resume(left.revision, left.changes.map(({ key }) => key));
    return 'back';
  }

  /** Whether the server's draft has a change already. */
  has({ key, geometry, removed, ...facts }) {
    const area = this.coverage.get(key);
    if (!area) return Boolean(removed) || !geometry;
    const sameFacts = ['name_zh', 'name_en', 'code', 'parent'].every((name) => facts[name] === undefined || facts[name] === area[name]);
    if (area.removed || removed) return area.removed === Boolean(removed) && sameFacts;
    return sameFacts && !this.coverage.differs(partsOf(geometry), area.parts);
  }

  /** Puts changes in the server's form onto the areas. */
  lay(changes) {
    const laid = new Map(changes.map((change) => {
      const { geometry, ...facts } = change;
      const known = this.coverage.get(change.key);
      const whole = known ? {} : { key: change.key, was: null, editable: true, leader: null };
      return [change.key, { ...whole, ...facts, ...(geometry ? { parts: partsOf(geometry) } : {}) }];
    }));
    this.coverage.apply(laid);
    this.onChange([...laid.keys()]);
  }

  /**
   * Makes one step.
   * @param {string} word what it is called in "Undo: …"
   * @param {Map} changes area key -> what is other
   * @param {{merge?: string, at?: Array}} options `at`: the vertices that moved, whose areas are looked at for crossings
   * Raises RefusedEdit when an outline would run over itself: then nothing is changed.
   */
  commit(word, changes, { merge = null, at = null } = {}) {
    if (at) this.refuseCrossing(changes, at);
    const back = this.coverage.apply(changes);
    this.history.push(word, changes, back, merge);
    this.changed([...changes.keys()]);
  }

  refuseCrossing(changes, at) {
    for (const [key, { parts }] of changes) {
      if (parts && crossing(parts, at)) throw new RefusedEdit('crossing', this.coverage.get(key));
    }
  }

  /** A vertex at another place, in every area that has it; dropped onto a line it becomes a corner of that line. */
  move(from, to, edge = null) {
    const changes = asParts(this.coverage.moved(from, to));
    if (edge) {
      const before = this.coverage.apply(changes);
      const joined = this.coverage.joined(...edge, to);
      this.coverage.apply(before);
      for (const [key, parts] of joined) changes.set(key, { parts });
    }
    return changes;
  }

  insert(a, b, at) {
    return asParts(this.coverage.inserted(a, b, at));
  }

  remove(point) {
    const neighbours = [...this.coverage.neighboursOf(point).values()];
    return { changes: asParts(this.coverage.without(point)), neighbours };
  }

  undo() {
    return this.step(this.history.undo(), 'back');
  }

  redo() {
    return this.step(this.history.redo(), 'forth');
  }

  step(step, way) {
    if (!step) return null;
    this.coverage.apply(step[way]);
    this.changed([...step[way].keys()]);
    return step;
  }

  changed(keys) {
    this.saver.touch(keys);
    this.onChange(keys);
  }

  /** How many areas differ from the map in force. */
  get differing() {
    return [...this.coverage.areas.values()].filter((area) => area.editable && (this.coverage.isChanged(area) || area.renamed)).length;
  }

  /** Everything in which this page's draft differs from the map in force. */
  allChanges() {
    return [...this.coverage.areas.values()].filter((area) => area.editable && (this.coverage.isChanged(area) || area.renamed) && (area.was || !area.removed)).map(changeOf);
  }

  /** This page's draft, with these changes that are not saved, as a new one beside the other; its id. */
  async keepAsNew(title, unsaved) {
    const changes = [...new Map([...this.allChanges(), ...unsaved].map((change) => [change.key, change])).values()];
    const id = await newDraft(this.facts.levels, title);
    memory.set(`bp-draft-${id}`, { revision: 1, at: new Date().toISOString(), changes });
    this.saver.forget();
    return id;
  }

  /** Facts of a new area among others of its level: a name in both languages, and the next code. */
  freshFacts(levelCode, parent) {
    const level = this.coverage.level(levelCode);
    const all = [...this.coverage.areas.values()].filter((area) => area.level === levelCode);
    const n = all.filter((area) => !area.was && !area.removed).length + 1;
    return { level: levelCode, parent, code: nextCode(all, parent), name_zh: `新${level.zh}${n}`, name_en: `New ${level.en.toLowerCase()} ${n}` };
  }
}

/** The highest code among the siblings and one more. */
function nextCode(areas, parent) {
  const taken = new Set(areas.map((area) => area.code));
  const siblings = areas.filter((area) => area.parent === parent && area.code);
  const model = (siblings.length ? siblings : areas).map((area) => area.code || '').sort((a, b) => a.length - b.length || (a < b ? -1 : 1)).at(-1) || '';
  const [, stem, digits] = /^(.*?)(\d{0,9})$/.exec(model) || [null, `${model}-`, ''];
  let number = Number(digits || 0);
  let code;
  do {
    number += 1;
    code = `${stem}${String(number).padStart(digits.length, '0')}`;
  } while (taken.has(code));
  return code;
}

