/** Choosing a category: those used lately, a search by word or code, all of them as a tree. The select holds the choice. */
import { h, icon, memory } from '../dom.js';
import { lang, number, t } from '../i18n.js';

const SHOWN = 6;
const KEPT = 12;

const word = (item) => (lang === 'zh' ? item.zh || item.en : item.en || item.zh);
const plain = (text) => text.toLowerCase().normalize('NFKC').replace(/\s+/g, ' ').trim();

export class Categories {
  /**
   * @param {{root: HTMLElement, select: HTMLSelectElement, all: HTMLButtonElement, categories: Array<{code, parent, zh, en}>, user: string, onChange: (code: string) => void}} parts
   */
  constructor({ root, select, all, categories, user, onChange }) {
    Object.assign(this, { root, select, all, onChange, memoryKey: `bp-categories-${user}`, open: false });
    const parents = new Set(categories.map(({ parent }) => parent));
    this.choices = categories.filter(({ code }) => !parents.has(code));
    this.groups = categories.filter(({ code }) => parents.has(code));
    this.byCode = new Map(categories.map((item) => [item.code, item]));
    select.hidden = true;
    all.hidden = root.hidden = false;
    all.addEventListener('click', () => this.toggle(!this.open));
    this.build();
    this.show();
  }

  build() {
    this.field = h('input', { type: 'search', class: 'input', autocomplete: 'off', enterkeyhint: 'search', placeholder: t('Word or code'), 'aria-label': t('Search a category by word or code') });
    this.field.addEventListener('input', () => this.showTree());
    this.field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      this.tree.querySelector('button')?.click();
    });
    this.chips = h('div', { class: 'cats' });
    this.tree = h('div', { class: 'cat-tree' });
    this.finder = h('div', { class: 'cat-find', hidden: true }, this.field, this.tree);
    this.root.replaceChildren(this.chips, this.finder);
  }

  get code() {
    return this.select.value;
  }

  toggle(open) {
    this.open = open;
    this.finder.hidden = !open;
    this.chips.hidden = open;
    if (open) {
      this.field.value = '';
      this.showTree();
      this.field.focus({ preventScroll: true });
      this.root.closest('section').scrollIntoView({ block: 'start' });
    }
    this.show();
  }

  choose(code) {
    this.select.value = code;
    memory.set(this.memoryKey, [code, ...this.recent.filter((other) => other !== code)].slice(0, KEPT));
    this.toggle(false);
    this.onChange(code);
  }

  /** Sets a choice without remembering it (a draft). */
  set(code) {
    if (this.byCode.has(code)) this.select.value = code;
    this.show();
  }

  get recent() {
    return memory.get(this.memoryKey, []).filter((code) => this.byCode.has(code));
  }

  /** The choice first where it is not among the chips, then recent ones, filled up with the first of the list. */
  get offered() {
    const codes = [...new Set([...this.recent, ...this.choices.map(({ code }) => code)])].slice(0, SHOWN);
    if (this.code && !codes.includes(this.code)) codes.splice(0, codes.length, this.code, ...codes.slice(0, SHOWN - 1));
    return codes.map((code) => this.byCode.get(code));
  }

  button(item, extra = {}) {
    return h('button', { type: 'button', 'aria-pressed': String(item.code === this.code), data: { code: item.code }, on: { click: () => this.choose(item.code) }, ...extra }, word(item));
  }

  show() {
    this.chips.replaceChildren(...this.offered.map((item) => this.button(item)));
    this.all.setAttribute('aria-expanded', String(this.open));
    this.all.replaceChildren(this.open ? t('Fold') : t('All {n}', { n: number(this.choices.length) }), icon(this.open ? 'chevron-up' : 'chevron-right', 13));
  }

  matches(item, wanted) {
    const parent = this.byCode.get(item.parent);
    const texts = [item.code, item.zh, item.en, parent?.zh, parent?.en].filter(Boolean).map(plain);
    return wanted.every((part) => texts.some((text) => text.includes(part)));
  }

  showTree() {
    const wanted = plain(this.field.value).split(' ').filter(Boolean);
    const found = this.choices.filter((item) => this.matches(item, wanted));
    const parents = [...new Set(found.map(({ parent }) => parent))];
    const groups = parents.map((parent) => {
      const head = this.byCode.get(parent);
      const members = found.filter((item) => item.parent === parent);
      return h('section', {}, head ? h('h3', {}, word(head)) : null, h('div', { class: 'cat-group' }, members.map((item) => this.button(item, { title: item.code }))));
    });
    this.tree.replaceChildren(...(groups.length ? groups : [h('p', { class: 'muted' }, t('No category is called that; another word or the code?'))]));
  }
}
