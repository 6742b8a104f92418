/**
 * One geometry for the status symbols: `shape` and `donut` on canvas, `sym` and `tag` in HTML.
 * Every status has a shape, a word and a colour; the outline carries the contrast.
 */
import { t } from './i18n.js';
import { theme } from './map/theme.js';

/** The statuses in the order that every chip row, legend, donut and bar uses. */
export const ORDER = ['over', 'due', 'prog', 'new', 'check', 'susp', 'done'];

const WORDS = {
  over: t('Overdue'),
  due: t('Due soon'),
  prog: t('In progress'),
  new: t('To be filed'),
  check: t('To be checked'),
  susp: t('Suspended'),
  done: t('Closed'),
};

/** The word for a status in the page's language. */
export const statusWord = (key) => WORDS[key] || key;

const FULL = Math.PI * 2;
const TRIANGLE = [[0, -1.18], [1.14, 0.86], [-1.14, 0.86]];
const DIAMOND = [[0, -1.12], [1.12, 0], [0, 1.12], [-1.12, 0]];

function polygon(ctx, p, r, corners) {
  ctx.moveTo(p.x + corners[0][0] * r, p.y + corners[0][1] * r);
  for (const [x, y] of corners.slice(1)) ctx.lineTo(p.x + x * r, p.y + y * r);
  ctx.closePath();
}

function square(ctx, p, half, corner) {
  ctx.roundRect(p.x - half, p.y - half, half * 2, half * 2, corner);
}

function disc(ctx, p, r) {
  ctx.arc(p.x, p.y, r, 0, FULL);
}

const OUTLINES = {
  over: (ctx, p, r) => polygon(ctx, p, r, TRIANGLE),
  due: (ctx, p, r) => disc(ctx, p, r * 1.02),
  prog: (ctx, p, r) => disc(ctx, p, r * 0.92),
  new: (ctx, p, r) => disc(ctx, p, r * 0.92),
  check: (ctx, p, r) => polygon(ctx, p, r, DIAMOND),
  susp: (ctx, p, r) => square(ctx, p, r * 0.9, 2),
  done: (ctx, p, r) => square(ctx, p, r * 0.52, 1.2),
};

function strokeLine(ctx, colour, width, ...points) {
  ctx.beginPath();
  for (const [x, y] of points) ctx.lineTo(x, y);
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.stroke();
}

const MARKS = {
  due(ctx, p, r, tokens) {
    strokeLine(ctx, tokens.line, 1.5, [p.x, p.y - r * 0.52], [p.x, p.y], [p.x + r * 0.42, p.y + r * 0.26]);
  },
  over(ctx, p, r) {
    strokeLine(ctx, '#fff', 1.7, [p.x, p.y - r * 0.36], [p.x, p.y + r * 0.22]);
    ctx.beginPath();
    disc(ctx, { x: p.x, y: p.y + r * 0.55 }, 1);
    ctx.fillStyle = '#fff';
    ctx.fill();
  },
  susp(ctx, p, r) {
    for (const x of [p.x - r * 0.3, p.x + r * 0.3]) {
      strokeLine(ctx, '#191c20', 1.5, [x, p.y - r * 0.36], [x, p.y + r * 0.36]);
    }
  },
};

function selectionRing(ctx, p, r, tokens) {
  ctx.beginPath();
  disc(ctx, p, r + 9);
  ctx.globalAlpha = 0.15;
  ctx.fillStyle = tokens.accent;
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.lineWidth = 5;
  ctx.strokeStyle = tokens.statusHalo;
  ctx.stroke();
  ctx.lineWidth = 2.5;
  ctx.strokeStyle = tokens.accent;
  ctx.stroke();
}

/**
 * Draws a status symbol on a canvas.
 * @param {CanvasRenderingContext2D} ctx
 * @param {{x: number, y: number}} p centre, in the context's units
 * @param {string} key one of ORDER
 * @param {number} r nominal radius in px: 7 on the map, 8 under a finger, 10 when selected
 * @param {boolean} selected adds the accent ring
 * @param {object} tokens from `theme()`
 */
export function shape(ctx, p, key, r, selected = false, tokens = theme()) {
  const outline = OUTLINES[key] || OUTLINES.prog;
  ctx.save();
  ctx.lineJoin = ctx.lineCap = 'round';
  if (selected) selectionRing(ctx, p, r, tokens);
  ctx.beginPath();
  outline(ctx, p, r);
  ctx.lineWidth = key === 'done' ? 2 : 4;
  ctx.strokeStyle = tokens.statusHalo;
  ctx.globalAlpha = tokens.dark ? 0.35 : 0.95;
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.fillStyle = tokens[key];
  ctx.fill();
  if (key !== 'done') {
    ctx.lineWidth = key === 'new' ? 2 : 1.4;
    ctx.strokeStyle = tokens.line;
    ctx.stroke();
  }
  if (MARKS[key]) MARKS[key](ctx, p, r, tokens);
  ctx.restore();
}

/** Radius in px of the donut for n findings. */
export const donutRadius = (n) => (n < 4 ? 11.5 : Math.min(25, 12 + 2.1 * Math.sqrt(n)));

/** A count that fits into a donut: 9999, then 12k (1.2万 in Chinese). */
export function countLabel(n, lang = 'en') {
  if (n < 10_000) return String(n);
  const [unit, word] = lang === 'zh' ? [10_000, '万'] : [n < 1e6 ? 1000 : 1e6, n < 1e6 ? 'k' : 'M'];
  const value = n / unit;
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)}${word}`;
}

function sector(ctx, p, r, from, to) {
  ctx.beginPath();
  ctx.arc(p.x, p.y, r, from, to);
  ctx.lineTo(p.x, p.y);
  ctx.closePath();
}

/**
 * Draws findings at one place: a ring of their statuses from 12 o'clock, the overdue arc 3 px further out
 * so that it shows without colour, and the number in the middle.
 * @param {Object<string, number>} mix findings by status
 */
export function donut(ctx, p, mix, n, r = donutRadius(n), text = countLabel(n), tokens = theme()) {
  ctx.save();
  ctx.beginPath();
  disc(ctx, p, r + 1.5);
  ctx.globalAlpha = 0.9;
  ctx.fillStyle = ctx.strokeStyle = tokens.line;
  ctx.fill();
  ctx.globalAlpha = 1;
  let angle = -Math.PI / 2;
  for (const key of ORDER.filter((status) => mix[status])) {
    const end = angle + (mix[key] / n) * FULL;
    sector(ctx, p, r + (key === 'over' ? 3 : 0), angle, end);
    if (key === 'over') { ctx.lineWidth = 2; ctx.stroke(); }
    ctx.fillStyle = tokens[key];
    ctx.fill();
    ctx.lineWidth = 1;
    ctx.stroke();
    angle = end;
  }
  ctx.beginPath();
  disc(ctx, p, r - (r < 12 ? 4 : 5.5));
  ctx.fillStyle = tokens.surface;
  ctx.fill();
  ctx.stroke();
  ctx.font = `600 ${r > 19 && text.length < 4 ? 14 : text.length > 4 ? 11 : 12}px ${tokens.fontEn}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = tokens.ink;
  ctx.fillText(text, p.x, p.y + 0.5);
  ctx.restore();
}

const SVG = 'http://www.w3.org/2000/svg';
const LINE = 'var(--bp-st-line)';
const EDGE = { stroke: LINE, 'stroke-width': 1.3, 'stroke-linejoin': 'round' };
const stroke = (colour, width, d) => ['path', { d, fill: 'none', stroke: colour, 'stroke-width': width, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' }];
const box = (inset, rx) => ({ x: inset, y: inset, width: 16 - 2 * inset, height: 16 - 2 * inset, rx });

const PARTS = {
  new: [['circle', { cx: 8, cy: 8, r: 5.2, ...EDGE, 'stroke-width': 1.7 }]],
  prog: [['circle', { cx: 8, cy: 8, r: 5.6, ...EDGE }]],
  due: [['circle', { cx: 8, cy: 8, r: 6.2, ...EDGE }], stroke(LINE, 1.5, 'M8 4.6V8l2.4 1.6')],
  over: [['path', { d: 'M8 1.5 15 13.8H1Z', ...EDGE }], stroke('#fff', 1.6, 'M8 6v3.6'), ['circle', { cx: 8, cy: 11.7, r: 0.95, fill: '#fff' }]],
  check: [['path', { d: 'M8 1.4 14.6 8 8 14.6 1.4 8Z', ...EDGE }]],
  susp: [['rect', { ...box(2.4, 2), ...EDGE }], stroke('#191c20', 1.7, 'M6.3 5.4v5.2M9.7 5.4v5.2')],
  done: [['rect', box(3.4, 1.6)], stroke('var(--bp-surface)', 1.4, 'm5.7 8.2 1.6 1.6 3-3.4')],
};

function svgElement(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** The symbol of a status as an `<svg class="sym">` of `size` px; decoration, the word stands beside it. */
export function sym(key, size = 16) {
  const svg = svgElement('svg', { class: 'sym', width: size, height: size, viewBox: '0 0 16 16', 'aria-hidden': 'true' });
  for (const [name, attributes] of PARTS[key] || PARTS.prog) {
    svg.append(svgElement(name, { fill: `var(--bp-${key})`, ...attributes }));
  }
  return svg;
}

/** Symbol and word on the status's soft ground. */
export function tag(key) {
  const element = document.createElement('span');
  element.className = `tag tag-${key}`;
  element.append(sym(key, 14), statusWord(key));
  return element;
}

/** A donut as an `<svg>` for the legend, drawn as on the map. */
export function donutSvg(mix, n, size = 34) {
  const svg = svgElement('svg', { width: size, height: size, viewBox: '-17 -17 34 34', 'aria-hidden': 'true' });
  svg.append(svgElement('circle', { r: 14.4, fill: LINE }));
  let angle = -Math.PI / 2;
  for (const key of ORDER.filter((status) => mix[status])) {
    const end = angle + (mix[key] / n) * FULL;
    const r = key === 'over' ? 16.4 : 13.4;
    const at = (a) => `${(Math.cos(a) * r).toFixed(2)} ${(Math.sin(a) * r).toFixed(2)}`;
    const d = `M0 0L${at(angle)}A${r} ${r} 0 ${end - angle > Math.PI ? 1 : 0} 1 ${at(end)}Z`;
    svg.append(svgElement('path', { d, fill: `var(--bp-${key})`, stroke: LINE, 'stroke-width': 0.8 }));
    angle = end;
  }
  svg.append(svgElement('circle', { r: 8, fill: 'var(--bp-surface)', stroke: LINE, 'stroke-width': 0.8 }));
  const text = svgElement('text', { y: 4, 'text-anchor': 'middle', 'font-size': 11, 'font-weight': 600, fill: 'var(--bp-ink)' });
  text.textContent = n;
  svg.append(text);
  return svg;
}
