/**
 * Texts of the page's language. The English text is the key; the page inlines the other language's texts
 * as JSON in `#bp-texts`. A text that is missing there shows in English.
 */

const source = document.getElementById('bp-texts');
const texts = source ? JSON.parse(source.textContent) : {};

/** 'zh' or 'en': the language of the page. */
export const lang = document.documentElement.lang.startsWith('zh') ? 'zh' : 'en';

const fill = (text, params) =>
  text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? String(params[name]) : whole));

/**
 * The text for `key` in the page's language, each `{name}` replaced from `params`.
 * @param {string} key English text
 * @param {Object<string, string|number>} [params]
 */
export function t(key, params = {}) {
  return fill(texts[key] || key, params);
}

/** The page's language out of a `[zh, en]` pair, or the one that is there. */
export function local(pair) {
  if (!pair) return '';
  return (lang === 'zh' ? pair[0] || pair[1] : pair[1] || pair[0]) || '';
}

/** A count as people read it: 12,345. */
export function number(n) {
  return n.toLocaleString(lang === 'zh' ? 'zh-CN' : 'en');
}
