/** What follows from the draft as it is saved: problems, preview, publishing; and when somebody else was quicker. */
import { h, icon, toast } from '../dom.js';
import { moment } from '../format.js';
import { local, t } from '../i18n.js';
import { Coverage } from './coverage.js';
import { clashDialog, conflictDialog, PublishDialog } from './publish.js';
import { changeOf } from './saving.js';
import { geometryOf } from './geometry.js';
import { nameOf } from './words.js';

const PREVIEW_MS = 500;

export class Outcome {
  /** @param {import('./page.js').EditorPage} page */
  constructor(page) {
    Object.assign(this, { page, state: { kind: 'saved' }, preview: null, asked: 0, stale: page.draft.facts.stale });
    this.button = document.getElementById('publish');
  }

  begin() {
    const { page } = this;
    document.getElementById('acts').hidden = false;
    this.button.hidden = !page.may.publish || page.draft.facts.status !== 'open';
    if (this.stale) this.showStale({});
    this.check([]);
    this.askPreview();
    this.showButton();
  }

  setState(state) {
    this.state = state;
    this.showButton();
  }

  /** Areas changed on this page; what is known of them is from before. */
  changed() {
    if (!this.page.draft.differing) this.forget();
    else this.page.preview.busy();
    this.showButton();
  }

  forget() {
    this.preview = null;
    this.page.preview.clear();
    this.page.showFooter(null);
  }

  /** The server has the draft as it is here. */
  saved(answer) {
    const { page } = this;
    if (answer.problems && !page.draft.saver.dirty.size) this.takeProblems(answer);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.askPreview(), PREVIEW_MS);
  }

  takeProblems({ problems }) {
    this.page.problems.show(problems);
    this.showButton();
  }

  /** Problems of what is not saved; a later question makes an earlier answer void. */
  async check(changes) {
    this.asked += 1;
    const mine = this.asked;
    try {
      const answer = await this.page.server.check(changes);
      if (mine === this.asked) this.takeProblems(answer);
    } catch (error) {
      if (!error.body && error.constructor.name !== 'Unreachable') throw error;
    }
  }

  /** While a vertex rests in the hand. */
  checkLive(parts) {
    const { coverage, saver } = this.page.draft;
    const keys = new Set([...parts.keys(), ...saver.dirty, ...saver.sending]);
    this.check([...keys].map((key) => changeOf({ ...coverage.get(key), ...(parts.has(key) ? { parts: parts.get(key) } : {}) })));
  }

  async askPreview() {
    const { page } = this;
    const { draft, server } = page;
    if (!draft.differing) {
      this.forget();
      this.showButton();
      return;
    }
    page.preview.busy();
    const { revision } = draft.saver;
    try {
      const answer = await server.preview(revision);
      if (revision !== draft.saver.revision) return;
      this.preview = answer;
      this.previewed = revision;
      page.preview.show(answer, page.clock);
      page.showFooter(answer);
    } catch (error) {
      if (error.status !== 409) page.preview.fail(error.body ? error.message : t('The server does not answer: what publishing would do is not known just now'));
      if (!error.body && error.constructor.name !== 'Unreachable') throw error;
    }
    this.showButton();
  }

  /** The one primary button says why it is off. */
  showButton() {
    const why = this.whyNot();
    this.button.disabled = Boolean(why);
    this.button.textContent = why || t('Publish');
  }

  whyNot() {
    const { page, state } = this;
    const { blocking } = page.problems;
    if (!page.draft.differing) return t('Nothing to publish yet');
    if (this.stale) return t('Publish: take the new map in first');
    if (blocking) return blocking === 1 ? t('Publish: 1 problem left') : t('Publish: {n} problems left', { n: blocking });
    if (state.kind === 'pending' || state.kind === 'saving') return t('Publish: saving first');
    if (state.kind !== 'saved') return t('Publish: not saved yet');
    return this.preview ? '' : t('Publish: working out what moves');
  }

  async propose(wanted) {
    const { page } = this;
    await page.draft.saver.flush();
    try {
      const { differences } = await page.server.fix(page.draft.saver.revision, wanted);
      if (!differences.length) page.say(t('There is nothing to repair here any more'));
      else page.proposal.show(differences, (key) => nameOf(page.coverage.get(key) || {}));
    } catch (error) {
      page.say(error.body ? error.message : t('The server does not answer: nothing was changed'));
      if (!error.body && error.constructor.name !== 'Unreachable') throw error;
    }
  }

  async publish() {
    const { page } = this;
    await page.draft.saver.flush();
    if (this.whyNot()) return;
    new PublishDialog(this.preview, page.draft.differing, {
      server: page.server, revision: () => page.draft.saver.revision,
      onDone: () => this.published(), onStale: (body) => this.showStale(body),
    });
  }

  published() {
    this.page.draft.saver.stopped = true;
    this.page.draft.saver.forget();
    this.button.disabled = true;
    this.button.textContent = t('Published');
    for (const button of document.querySelectorAll('#tools button, #properties input, #properties select')) button.disabled = true;
    this.page.handles.hide();
  }

  /** The map in force is no longer the one that this draft began from. */
  showStale({ who, when, detail }) {
    const { page } = this;
    this.stale = true;
    const banner = document.getElementById('banner');
    const told = who && when ? t('{name} published new borders {time}.', { name: local(who), time: moment(when, page.clock) }) : detail || t('New borders were published since this draft began.');
    const rebase = h('button', { type: 'button', class: 'btn btn-primary', on: { click: () => this.rebase() } }, icon('refresh-cw', 14), t('Take the new map in'));
    banner.replaceChildren(h('div', { class: 'banner stale' }, icon('triangle-alert', 16), h('b', {}, told), h('span', { class: 'sec' }, t('Your draft stays; what clashes is listed.')), h('span', { class: 'grow' }), page.may.edit ? rebase : null));
    this.showButton();
  }

  /** @param {{mine?: string[], theirs?: string[]}} choice for areas that both changed */
  async rebase(choice = {}) {
    const { page } = this;
    await page.draft.saver.flush();
    try {
      const { clashes } = await page.server.rebase(page.draft.saver.revision, choice);
      await this.reload();
      if (clashes.length) {
        clashDialog(clashes, { now: page.clock, onChoice: (chosen) => this.rebase(chosen) });
      } else {
        this.stale = false;
        document.getElementById('banner').replaceChildren();
        toast(t('The new map is taken in'));
      }
    } catch (error) {
      page.say(error.body ? error.message : t('The server does not answer: nothing was changed'));
      if (!error.body && error.constructor.name !== 'Unreachable') throw error;
    }
    this.showButton();
  }

  /** Takes the draft from the server anew; steps of this page can no longer be undone. */
  async reload() {
    const { page } = this;
    const data = await page.server.data();
    page.draft.take(data);
    page.draft.history.clear();
    page.versions.show(page.draft.facts, data.publications || []);
    page.changed();
    this.check([]);
    this.askPreview();
    return data;
  }

  /** Somebody saved in between: shows who changed what, and drops nobody's work unasked. */
  async conflict(body) {
    const { page } = this;
    const before = page.coverage;
    const mine = body.changes;
    let data;
    try {
      data = await page.server.data();
    } catch {
      page.say(t('Somebody else saved in between, and the server does not answer now. Your steps are kept in this browser.'));
      return;
    }
    const theirs = new Coverage(data);
    // After a visit long ago nobody knows which changes came since: then nothing is put together unseen.
    const known = body.since !== null;
    const touched = known ? changedBetween(page.draft.base, theirs) : [];
    const clash = mine.map(({ key }) => key).filter((key) => !known || touched.includes(key));
    const names = (keys, coverage) => keys.map((key) => nameOf(coverage.get(key) || before.get(key) || {}));
    const go = (keys) => {
      page.draft.take(data);
      page.draft.history.clear();
      page.versions.show(page.draft.facts, data.publications || []);
      if (keys.length) page.draft.lay(mine);
      page.draft.saver.resume(data.draft.revision, keys, data.draft.updated_at);
      page.changed();
      this.check([]);
      this.askPreview();
    };
    conflictDialog({ who: body.who, when: body.when, theirs: names(touched, theirs), mine: names(mine.map(({ key }) => key), before), clash }, {
      now: page.clock, onTheirs: () => go([]), onBoth: () => go(mine.map(({ key }) => key)), onOwn: () => this.keepOwn(mine),
    });
  }

  async keepOwn(mine) {
    const { page } = this;
    try {
      const id = await page.draft.keepAsNew(t('{title} (mine)', { title: page.draft.facts.title || t('Draft') }), mine);
      location.assign(`/areas/drafts/${id}`);
    } catch {
      page.say(t('The server does not answer. Your steps are kept in this browser.'));
    }
  }
}

/** Keys of areas that somebody else changed since this page last had the server's state. */
function changedBetween(base, theirs) {
  const keys = new Set([...base.keys(), ...theirs.areas.keys()]);
  const text = (area) => (area && !area.removed ? JSON.stringify([geometryOf(area.parts), area.name_zh, area.name_en, area.code, area.parent]) : 'gone');
  return [...keys].filter((key) => text(base.get(key)) !== text(theirs.get(key)));
}
