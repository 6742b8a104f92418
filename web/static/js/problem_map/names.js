/** Names of what filters hold as codes: categories, bureaus, areas. They come after the first view. */
import { lang, t } from '../i18n.js';

/** 1, 2, 10 and not 1, 10, 2. */
const { compare } = new Intl.Collator('en', { numeric: true });

const word = (item, field = '') => item[`${field}${lang}`] || item[`${field}${lang === 'zh' ? 'en' : 'zh'}`] || item.code;

export class Names {
  constructor() {
    this.categories = [];
    this.bureaus = [];
    this.areas = [];
    this.levels = [];
    this.patchLevel = 'patch';
  }

  /** @param {object} options /map/options.json */
  takeOptions({ categories, bureaus }) {
    this.categories = categories.map((item) => ({ ...item, word: word(item) }));
    this.bureaus = bureaus.map((item) => ({ ...item, word: word(item, 'short_') || word(item), full: word(item) }));
  }

  /** @param {object} answer /map/areas.json */
  takeAreas({ areas, levels, patch_level: patchLevel }) {
    this.levels = [...levels].sort((a, b) => a.position - b.position).map((item) => ({ ...item, word: word(item) }));
    this.areas = areas.map(({ code, level, parent, leader, zh, en }) => ({ code, level, parent, leader, zh, en, word: word({ code, zh, en }) }))
      .sort((a, b) => compare(a.code, b.code));
    this.patchLevel = patchLevel;
  }

  list(filter) {
    return { category: this.categories, bureau: this.bureaus, area: this.areas }[filter] || [];
  }

  /** The name behind a code; the code itself while the names are on their way. */
  of(filter, code) {
    return this.list(filter).find((item) => item.code === code)?.word || code;
  }

  /** What people call a filter. */
  label(filter) {
    return {
      category: t('Category'), bureau: t('Bureau'), area: t('Patch'), dates: t('Reported'), overdue: t('Only overdue'), q: t('Text'),
    }[filter];
  }
}
