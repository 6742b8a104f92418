/**
 * How the rounds of a plan are told apart: a colour, a line pattern, a marker shape and a letter for each person.
 * Five colours and six patterns repeat together only after thirty people, which is the most that a plan has.
 */
import { svg } from '../dom.js';

const COLOURS = 5;
/** Dashes in px of a 4 px line with round ends; the shape of the same row marks its stops. */
const PATTERNS = [
  { dash: [], shape: 'disc' },
  { dash: [9, 9], shape: 'square' },
  { dash: [0.1, 8], shape: 'hexagon' },
  { dash: [14, 8, 0.1, 8], shape: 'diamond' },
  { dash: [22, 9], shape: 'pentagon' },
  { dash: [4, 8, 0.1, 8, 0.1, 8], shape: 'octagon' },
];
const CORNERS = {
  hexagon: [6, 0, 1.06], diamond: [4, -90, 1.2], pentagon: [5, -90, 1.12], octagon: [8, 22.5, 1.04],
};

/** The look of the person with this number from 0: `{letter, colour (CSS variable), dash, shape}`. */
export function lookOf(line) {
  const letter = line < 26 ? String.fromCharCode(65 + line) : `A${String.fromCharCode(65 + (line % 26))}`;
  return { letter, colour: `--bp-route-${(line % COLOURS) + 1}`, ...PATTERNS[line % PATTERNS.length] };
}

let cached = null;

/** The colours of the page's theme as canvases need them: `{of(look), on, over, ink, surface, accent}`. */
export function inks() {
  const root = document.documentElement;
  const key = root.dataset.bsTheme || 'light';
  if (cached?.key === key) return cached;
  const style = getComputedStyle(root);
  const read = (name) => style.getPropertyValue(name).trim();
  const colours = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`--bp-route-${n}`, read(`--bp-route-${n}`)]));
  const found = {
    key, of: (look) => colours[look.colour], on: read('--bp-on-route'), over: read('--bp-over'), ink: read('--bp-ink'),
    ink3: read('--bp-ink-3'), surface: read('--bp-surface'), accent: read('--bp-accent'),
  };
  if (found.ink) cached = found;
  return found;
}

/** Corners of a marker around 0, 0 with a radius, or null for the disc and the square. */
export function cornersOf(shape, r) {
  const kind = CORNERS[shape];
  if (!kind) return null;
  const [n, turn, scale] = kind;
  return Array.from({ length: n }, (_, i) => {
    const angle = ((turn + (i * 360) / n) * Math.PI) / 180;
    return [Math.cos(angle) * r * scale, Math.sin(angle) * r * scale];
  });
}

/** Adds a marker's outline to the path of a canvas. */
export function tracePath(ctx, shape, x, y, r) {
  const corners = cornersOf(shape, r);
  if (corners) {
    ctx.moveTo(x + corners[0][0], y + corners[0][1]);
    for (const [dx, dy] of corners.slice(1)) ctx.lineTo(x + dx, y + dy);
    ctx.closePath();
  } else if (shape === 'square') ctx.roundRect(x - r * 0.92, y - r * 0.92, r * 1.84, r * 1.84, 3);
  else ctx.arc(x, y, r, 0, Math.PI * 2);
}

/** A marker as SVG with its words inside, in the colour of `--route`. */
export function marker(look, text, size = 22) {
  const r = 9.5;
  const corners = cornersOf(look.shape, r);
  const shape = corners ? svg('polygon', { points: corners.map((p) => p.map((v) => v.toFixed(2)).join()).join(' ') })
    : look.shape === 'square' ? svg('rect', { x: -8.7, y: -8.7, width: 17.4, height: 17.4, rx: 3 }) : svg('circle', { r });
  shape.setAttribute('fill', `var(${look.colour})`);
  const words = svg('text', { y: 3.6, 'text-anchor': 'middle', fill: 'var(--bp-on-route)' });
  words.textContent = text;
  return svg('svg', { class: 'rt-mark', width: size, height: size, viewBox: '-11.5 -11.5 23 23', 'aria-hidden': 'true' }, shape, words);
}

/** A piece of a round's line as SVG. */
export function lineSample(look, width = 38) {
  const line = svg('line', {
    x1: 3, y1: 4, x2: width - 3, y2: 4, stroke: `var(${look.colour})`, 'stroke-width': 4, 'stroke-linecap': 'round',
    'stroke-dasharray': look.dash.map((d) => d * 0.8).join(' ') || 'none',
  });
  return svg('svg', { class: 'rt-line', width, height: 8, viewBox: `0 0 ${width} 8`, 'aria-hidden': 'true' }, line);
}
