/** Elements from data. Text goes in as text only: nothing here reads HTML. */
import { lang } from './i18n.js';

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An element. Properties: `on` holds listeners, `data` the dataset, `style` custom properties and values;
 * everything else is an attribute (true: without a value; false, null: left out). Children: elements, texts, null.
 * @param {string} name
 * @param {Object} [properties]
 * @param {...(Node|string|number|null|false)} children
 */
export function h(name, properties = {}, ...children) {
  const element = document.createElement(name);
  const { on = {}, data = {}, style = {}, ...attributes } = properties;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value === true ? '' : value);
  }
  for (const [type, listener] of Object.entries(on)) element.addEventListener(type, listener);
  Object.assign(element.dataset, data);
  for (const [key, value] of Object.entries(style)) element.style.setProperty(key, value);
  element.append(...children.flat().filter((child) => child !== null && child !== false && child !== undefined));
  return element;
}

/** An SVG element with its attributes. */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** A Lucide icon: decoration, the word or the label says it. */
export function icon(name, size = 16) {
  const use = svg('use', { href: `${document.documentElement.dataset.icons}#${name}` });
  return svg('svg', { class: 'ic', width: size, height: size, viewBox: '0 0 24 24', 'aria-hidden': 'true' }, use);
}

/** A button that shows an icon alone, with its words for everybody else. */
export function iconButton(name, label, properties = {}, size = 16) {
  return h('button', { type: 'button', class: 'ib', 'aria-label': label, title: label, ...properties }, icon(name, size));
}

const CHINESE = /[㐀-鿿]/;

/** The `lang` of a text that somebody wrote, where it is not the page's; else null. */
export function langOf(text) {
  const written = CHINESE.test(text) ? 'zh' : /[A-Za-z]{3}/.test(text) ? 'en' : lang;
  return written === lang ? null : written;
}

/** A text that somebody wrote, marked with its own language. */
export function said(text, properties = {}) {
  return h('span', { lang: langOf(text), ...properties }, text);
}

/** Puts what there is between the non-empty parts: `A · B · C`. Parts may be elements. */
export function joined(parts, between = ' · ') {
  return parts.filter(Boolean).flatMap((part, i) => (i ? [between, part] : [part]));
}

let toastTimer = 0;

/** A short word at the foot of the page, spoken too; gone after some seconds. */
export function toast(text) {
  document.querySelector('.toast')?.remove();
  document.body.append(h('div', { class: 'toast show', role: 'status' }, text));
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => document.querySelector('.toast')?.remove(), 5000);
}

/** Remembers a choice in this browser. */
export const memory = {
  get(key, fallback) {
    try {
      return JSON.parse(localStorage.getItem(key)) ?? fallback;
    } catch {
      return fallback;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // Storage is off: the choice lasts for this page only.
    }
  },
};
