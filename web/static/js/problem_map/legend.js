/** The legend: every symbol in words, the donut, the patch shade. It folds, and remembers it. */
import { h, icon, memory } from '../dom.js';
import { t } from '../i18n.js';
import { donutSvg, statusWord, sym } from '../symbols.js';
import { binLabels } from '../map/bins.js';
import { statusesOf } from './state.js';

const FOLDED = 'bp-legend-folded';

const meaning = (key) => ({
  over: t('past its deadline'), due: t('little of its limit is left'), prog: t('within its time limit'),
  new: t('reported, unverified'), check: t('handled, to verify'), susp: t('stopped by approval'), done: t('checked and closed'),
}[key]);

export class Legend {
  /** @param {HTMLElement} root @param {import('./state.js').Store} store */
  constructor(root, store) {
    Object.assign(this, { root, store, bins: [0, 3, 6, 10] });
    this.folded = memory.get(FOLDED, innerHeight < 720);
    this.build();
    this.render();
  }

  build() {
    this.fold = h('button', { type: 'button', class: 'fold', on: { click: () => this.toggle() } }, h('span', {}, t('Points: status of the finding')), icon('chevron-down', 14));
    this.list = h('ul');
    this.shade = ['open', 'over'].map((kind) => h('button', {
      type: 'button', data: { kind }, on: { click: () => this.store.set({ shade: kind }, 'replace') },
    }, kind === 'open' ? t('Open') : t('Overdue')));
    this.labels = [0, 1, 2, 3, 4].map(() => h('b'));
    this.content = h('div', { id: 'legend-content' },
      this.list,
      h('div', { class: 'cl' }, donutSvg({ over: 2, prog: 4, check: 3 }, 9), h('span', {}, t('Several findings: the ring is their mix, overdue sticks out'))),
      h('div', { class: 'shade-h' }, h('h3', {}, t('Patch shade')), h('span', { class: 'seg', role: 'group', 'aria-label': t('Patch shade') }, this.shade)),
      h('div', { class: 'ramp', role: 'img', 'aria-label': t('Darker means more findings') },
        [0, 1, 2, 3, 4].map((step) => h('i', { style: { background: `var(--map-${step})` } })), this.labels));
    this.fold.setAttribute('aria-controls', 'legend-content');
    this.root.replaceChildren(h('h2', { class: 'vh' }, t('Legend')), this.fold, this.content);
  }

  toggle() {
    this.folded = !this.folded;
    memory.set(FOLDED, this.folded);
    this.render();
    this.root.dispatchEvent(new Event('bp:furniture', { bubbles: true }));
  }

  setBins(bins) {
    this.bins = bins;
    this.render();
  }

  render() {
    const { filters, shade } = this.store.state;
    this.fold.setAttribute('aria-expanded', String(!this.folded));
    this.content.hidden = this.folded;
    this.list.replaceChildren(...statusesOf(filters).map((key) => h('li', {}, sym(key, 15), h('span', {}, statusWord(key)), h('span', {}, meaning(key)))));
    for (const button of this.shade) button.setAttribute('aria-pressed', String(button.dataset.kind === shade));
    binLabels(this.bins).forEach((text, i) => { this.labels[i].textContent = text; });
  }
}
