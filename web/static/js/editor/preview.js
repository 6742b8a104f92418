/** What publishing would do: counts, who passes what to whom, the findings that change, and them on the map. */
import { h, icon, joined, said } from '../dom.js';
import { duration, findings as countWord } from '../format.js';
import { lang, local, number, t } from '../i18n.js';
import { statusWord, sym } from '../symbols.js';
import { changeOf } from './moved_points.js';
import { difference_km2 } from './words.js';

const named = (one) => (one ? local([one.zh, one.en]) || one.code : t('no patch'));
const bureauName = (one) => (one ? local(one.short) || named(one) : t('no bureau'));
const arrow = () => [icon('arrow-right', 13), h('span', { class: 'vh' }, t('to'))];

function late(row, now) {
  if (!row.due) return { text: '', late: false };
  const left_ms = new Date(row.due) - new Date(now);
  if (row.key === 'over' || left_ms < 0) return { text: t('{time} late', { time: duration(left_ms) }), late: row.key === 'over' };
  return { text: t('{time} left', { time: duration(left_ms) }), late: false };
}

export class PreviewPanel {
  /** @param {HTMLElement} root @param {{view, onPick: (row) => void, areaName: (key) => string, levelName: (code) => string}} parts */
  constructor(root, parts) {
    Object.assign(this, { root, ...parts, answer: null, state: 'none' });
    this.render();
  }

  /** Nothing differs from the map in force. */
  clear() {
    Object.assign(this, { answer: null, state: 'none' });
    this.view.setPreview([], []);
    this.render();
  }

  busy() {
    this.root.setAttribute('aria-busy', 'true');
  }

  fail(words) {
    this.root.removeAttribute('aria-busy');
    this.state = words;
    this.render();
  }

  show(answer, now) {
    Object.assign(this, { answer, now: answer.now || now, state: 'there' });
    this.root.removeAttribute('aria-busy');
    this.view.setPreview(answer.findings || [], answer.points || []);
    this.render();
  }

  render() {
    const { answer } = this;
    const head = (note) => h('h3', { class: 'grp' }, t('Once published'), h('span', { class: 'n' }, note));
    if (!answer) {
      const words = this.state === 'none' ? t('Nothing differs from the map in force yet. Drag a border, and this says which findings move.') : this.state;
      this.root.replaceChildren(head(''), h('p', { class: 'quiet' }, words));
      return;
    }
    const moved = answer.area_changes || answer.bureau_changes || answer.no_patch;
    this.root.replaceChildren(
      head(t('compared with the map in force')),
      ...(this.state === 'there' ? [] : [h('p', { class: 'note warn' }, icon('triangle-alert', 15), h('span', {}, this.state))]),
      ...[this.figures(answer), this.flows(answer), this.leaders(answer)].filter(Boolean),
      ...(moved ? [h('p', { class: 'note' }, icon('users', 15), h('span', {}, t('Deadlines stay as they are. Publishing can be taken back: that makes a new version.')))] : []),
      ...this.rows(answer),
    );
  }

  figures({ area_changes: areas, bureau_changes: bureaus, no_patch: lost }) {
    const figure = (n, word, name) => h('div', { data: { figure: name } }, h('b', { class: 'num' }, number(n)), h('span', {}, word));
    return h('div', { class: 'imp' },
      figure(areas, areas === 1 ? t('changes patch') : t('change patch'), 'area'),
      figure(bureaus, bureaus === 1 ? t('changes bureau') : t('change bureau'), 'bureau'),
      lost ? figure(lost, lost === 1 ? t('leaves every patch') : t('leave every patch'), 'none') : null);
  }

  flows(answer) {
    const line = (from, to, n, quiet = false) => h('li', { class: quiet ? 'sec' : null }, h('span', {}, ...(to ? [from, ' ', ...arrow(), ' ', to].flat() : [from])), h('span', { class: 'num' }, n));
    const finest = answer.flows?.[0]?.level;
    const level = (flow) => (flow.level === finest ? null : h('span', { class: 'muted' }, ` ${this.levelName(flow.level)}`));
    const flows = (answer.flows || []).slice(0, 12).flatMap((flow) => [
      line(named(flow.from), [named(flow.to), level(flow)], countWord(flow.findings)),
      ...(flow.overdue ? [h('li', { class: 'sec in' }, h('span', {}, t('of these overdue, deadline unchanged')), h('span', { class: 'num' }, countWord(flow.overdue)))] : []),
    ]);
    const bureaus = (answer.bureau_flows || []).slice(0, 8).map((flow) => line(bureauName(flow.from), bureauName(flow.to), countWord(flow.findings)));
    const rest = [
      answer.pinned_released ? line(t('settled by a person for a patch that ends, located anew'), null, countWord(answer.pinned_released), true) : null,
      answer.pinned_kept ? line(t('settled by a person, stay where they are'), null, countWord(answer.pinned_kept), true) : null,
      answer.closed_kept ? line(t('closed, stay with their patch'), null, countWord(answer.closed_kept), true) : null,
    ];
    const sizes = (answer.areas || []).filter((area) => Math.abs((area.after_km2 || 0) - (area.before_km2 || 0)) >= 5e-5).slice(0, 6)
      .map((area) => `${this.areaName(area.key)} ${difference_km2((area.after_km2 || 0) - (area.before_km2 || 0))}`);
    return h('ul', { class: 'mv' }, flows, bureaus, rest, sizes.length ? h('li', { class: 'sec' }, h('span', {}, t('Ground: {sizes}', { sizes: sizes.join(lang === 'zh' ? '，' : ', ') }))) : null);
  }

  leaders({ leaders = [] }) {
    const some = leaders.filter(({ gains, loses }) => gains || loses);
    if (!some.length) return null;
    const row = (one) => h('tr', {}, h('th', { scope: 'row' }, local([one.zh, one.en]) || t('no leader')), h('td', { class: 'r num' }, one.gains ? `+${number(one.gains)}` : ''), h('td', { class: 'r num' }, one.loses ? `−${number(one.loses)}` : ''));
    return h('table', { class: 'tb by-leader' }, h('caption', { class: 'vh' }, t('By leader')),
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('Leader')), h('th', { scope: 'col', class: 'r' }, t('Takes over')), h('th', { scope: 'col', class: 'r' }, t('Hands over')))),
      h('tbody', {}, some.slice(0, 20).map(row)));
  }

  rows({ findings = [], more = 0 }) {
    if (!findings.length) return [];
    const head = h('h3', { class: 'grp' }, t('Findings that change'), h('span', { class: 'n' }, t('{n}, overdue first', { n: countWord(findings.length + more) })));
    return [head, h('div', { class: 'moved' }, findings.map((row) => this.row(row))), more ? h('p', { class: 'quiet' }, t('and {n} more', { n: number(more) })) : null].filter(Boolean);
  }

  /** Brings the list of findings into sight. */
  reveal() {
    const list = this.root.querySelector('.moved');
    list?.scrollIntoView({ block: 'start' });
    list?.querySelector('.item')?.focus({ preventScroll: true });
  }

  row(row) {
    const { text, late: isLate } = late(row, this.now);
    const kind = changeOf(row);
    const change = kind === 'none' ? t('leaves every patch') : kind === 'bureau' ? [bureauName(row.bureau_from), ' ', ...arrow(), ' ', bureauName(row.bureau_to)] : null;
    return h('button', { type: 'button', class: 'item', data: { id: row.id }, on: { click: () => this.onPick(row) } },
      sym(row.key, 17),
      h('span', { class: 'ti ell' }, h('span', { class: 'vh' }, `${statusWord(row.key)}: `), local(row.category)),
      h('span', { class: `dl${isLate ? ' late' : ''}` }, text),
      h('span', { class: 'su ell' }, joined([row.subject && said(row.subject), row.place && said(row.place), change && h('span', {}, change)])));
  }
}
