/** What is wrong with the draft: numbered as on the map, with who is affected, where it is and how it can be mended. */
import { h, icon } from '../dom.js';
import { number, t } from '../i18n.js';
import { ground, isOfGround, problemTitle } from './words.js';

export class ProblemsPanel {
  /**
   * @param {HTMLElement} root
   * @param {object} parts `flags`, `view`, `onFix(problem, fix)`, `onFixAll()`, `onGo(problem)`, `mayEdit`
   */
  constructor(root, parts) {
    Object.assign(this, { root, ...parts, problems: [], lists: [] });
  }

  get blocking() {
    return this.problems.filter((problem) => problem.blocking).length;
  }

  /** @param {Array} problems blocking ones first */
  show(problems) {
    this.problems = [...problems].sort((a, b) => Number(b.blocking) - Number(a.blocking));
    this.view.setProblems(this.problems);
    this.flag();
    this.render();
  }

  flag() {
    this.flags.show(this.problems.filter(({ at }) => at).map((problem, i) => ({
      at: problem.at, number: i + 1, text: problemTitle(problem), kind: problem.blocking ? 'blocking' : 'minor',
      label: problem.text, onPick: () => this.onGo(problem, { reveal: true }),
    })));
  }

  count() {
    const { blocking, problems } = this;
    if (!problems.length) return t('none');
    if (!blocking) return t('{n} to look at', { n: number(problems.length) });
    return blocking === 1 ? t('1 to solve first') : t('{n} to solve first', { n: number(blocking) });
  }

  render() {
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    const head = h('h3', { class: 'grp' }, t('Problems'), h('span', { class: 'n' }, this.count()));
    const fixable = this.mayEdit && this.problems.filter(({ fixes }) => fixes?.length).length > 1;
    const rows = this.problems.map((problem, i) => this.row(problem, i));
    const none = h('p', { class: 'all-well' }, icon('circle-check', 15), t('No gaps, no overlaps, every border fits'));
    const all = h('div', { class: 'prob-all' }, h('button', { type: 'button', class: 'btn btn-default sm', on: { click: () => this.onFixAll() } }, t('Propose repairs for all')));
    this.root.replaceChildren(head, rows.length ? h('ol', { class: 'probs' }, rows) : none, ...(fixable ? [all] : []));
    if (focused) this.root.querySelector(`[data-focus="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  row(problem, i) {
    const fixes = this.mayEdit ? problem.fixes || [] : [];
    return h('li', { class: 'prob', data: { problem: problem.id } },
      h('span', { class: `k${problem.blocking ? '' : ' w'}`, 'aria-hidden': 'true' }, i + 1),
      h('b', {}, h('span', { class: 'vh' }, `${i + 1}. `), problemTitle(problem), problem.blocking ? null : h('span', { class: 'badge0' }, problem.known && isOfGround(problem) ? t('stood before') : t('may stay'))),
      h('p', { class: 'sec' }, problem.text),
      h('div', { class: 'bt' },
        fixes.map((fix, k) => h('button', { type: 'button', class: `btn sm ${k ? 'btn-default' : 'btn-primary'}`, data: { focus: `${problem.id}-${fix.id}` }, on: { click: () => this.onFix(problem, fix) } }, fix.text)),
        h('button', { type: 'button', class: 'btn sm btn-quiet', data: { focus: `${problem.id}-go` }, on: { click: () => this.onGo(problem) } }, t('Locate'), h('span', { class: 'vh' }, ` ${problemTitle(problem)}`))),
    );
  }

  /** Brings a problem's row into sight. */
  reveal(problem) {
    const row = this.root.querySelector(`[data-problem="${CSS.escape(String(problem.id))}"]`);
    row?.scrollIntoView({ block: 'nearest' });
    row?.classList.add('is-hot');
    setTimeout(() => row?.classList.remove('is-hot'), 1500);
  }
}

/** A proposed repair as what it adds and takes away: nothing happens until it is accepted. */
export class Proposal {
  /** @param {HTMLElement} root @param {{view, onAccept: (differences) => void}} parts */
  constructor(root, parts) {
    Object.assign(this, { root, ...parts, differences: null });
    root.hidden = true;
  }

  show(differences, nameOf) {
    this.differences = differences;
    const own = (name) => differences.map((one) => one[name]).filter(Boolean);
    this.view.setProposal({ added: own('added'), removed: own('removed') });
    const line = (one) => h('li', {},
      one.text ? h('b', {}, one.text) : h('b', {}, nameOf(one.key)),
      one.text ? null : h('span', { class: 'sec num' }, [one.added_m2 >= 0.05 ? `+${ground(one.added_m2)}` : null, one.removed_m2 >= 0.05 ? `−${ground(one.removed_m2)}` : null].filter(Boolean).join(' ')));
    const accept = h('button', { type: 'button', class: 'btn btn-primary sm', on: { click: () => this.accept() } }, icon('check', 14), t('Mend it so'));
    this.root.replaceChildren(
      h('h3', {}, t('Proposed repair')),
      h('p', { class: 'sec' }, t('Hatched ground is added, crossed ground is taken away. Nothing has changed yet.')),
      h('ul', {}, differences.map(line)),
      h('div', { class: 'bt' }, accept, h('button', { type: 'button', class: 'btn btn-default sm', on: { click: () => this.close() } }, t('Leave it'))),
    );
    this.root.hidden = false;
    accept.focus({ preventScroll: true });
    this.root.scrollIntoView({ block: 'nearest' });
  }

  accept() {
    const { differences } = this;
    this.close();
    this.onAccept(differences);
  }

  close() {
    this.differences = null;
    this.root.hidden = true;
    this.root.replaceChildren();
    this.view.setProposal(null);
  }
}
