/** Covering parts of a photo: rectangles drawn with mouse, pen or finger, or moved and sized with the keys. */
import { h, icon } from './dom.js';
import { t } from './i18n.js';

const CELLS = 5; // as coarse as the server makes it
const LEAST = 0.01;
const STEP = 0.01;
const config = JSON.parse(document.getElementById('bp-cover').textContent);
const canvas = document.getElementById('cover-canvas');
const list = document.getElementById('cover-list');
const form = document.getElementById('cover-form');
const said = document.getElementById('cover-said');
const small = document.createElement('canvas');
const image = new Image();

let rects = config.regions.map(([x, y, w, h_]) => ({ x, y, w, h: h_ }));
let chosen = -1;
let drag = null;

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const percent = (value) => Math.round(value * 100);

/** Within the picture, never smaller than can be hit. */
function fit(rect) {
  rect.w = clamp(rect.w, LEAST, 1);
  rect.h = clamp(rect.h, LEAST, 1);
  rect.x = clamp(rect.x, 0, 1 - rect.w);
  rect.y = clamp(rect.y, 0, 1 - rect.h);
}

function mosaic(pen, { x, y, w, h: high }) {
  const [left, top, wide, tall] = [x * canvas.width, y * canvas.height, w * canvas.width, high * canvas.height];
  const longer = Math.max(wide, tall);
  small.width = Math.max(1, Math.round((CELLS * wide) / longer));
  small.height = Math.max(1, Math.round((CELLS * tall) / longer));
  small.getContext('2d').drawImage(image, x * image.naturalWidth, y * image.naturalHeight, w * image.naturalWidth, high * image.naturalHeight, 0, 0, small.width, small.height);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(small, left, top, wide, tall);
  pen.imageSmoothingEnabled = true;
}

function paint() {
  if (!image.naturalWidth) return;
  const pen = canvas.getContext('2d');
  const style = getComputedStyle(document.documentElement);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  rects.forEach((rect, n) => {
    mosaic(pen, rect);
    const [x, y, w, high] = [rect.x * canvas.width, rect.y * canvas.height, rect.w * canvas.width, rect.h * canvas.height];
    const line = canvas.width / 400;
    pen.setLineDash(n === chosen ? [] : [6 * line, 4 * line]);
    pen.lineWidth = line * 4;
    pen.strokeStyle = style.getPropertyValue('--bp-surface');
    pen.strokeRect(x, y, w, high);
    pen.lineWidth = line * 2;
    pen.strokeStyle = style.getPropertyValue(n === chosen ? '--bp-accent' : '--bp-ink');
    pen.strokeRect(x, y, w, high);
    pen.setLineDash([]);
    pen.font = `600 ${14 * line}px sans-serif`;
    pen.textBaseline = 'top';
    pen.lineWidth = line * 4;
    pen.strokeStyle = style.getPropertyValue('--bp-surface');
    pen.fillStyle = style.getPropertyValue('--bp-ink');
    pen.strokeText(String(n + 1), x + 5 * line, y + 4 * line);
    pen.fillText(String(n + 1), x + 5 * line, y + 4 * line);
  });
}

const words = (rect, n) => t('Rectangle {n}: {x} % from the left, {y} % from the top, {w} % × {h} %', {
  n: n + 1, x: percent(rect.x), y: percent(rect.y), w: percent(rect.w), h: percent(rect.h),
});

function remove(n) {
  rects.splice(n, 1);
  chosen = Math.min(n, rects.length - 1);
  said.textContent = t('Rectangle {n} is taken away', { n: n + 1 });
  show();
  (list.children[chosen]?.querySelector('button') || document.getElementById('cover-add')).focus();
}

function keyed(event, n) {
  const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (event.key === 'Delete' || event.key === 'Backspace') {
    event.preventDefault();
    remove(n);
  } else if (move) {
    event.preventDefault();
    const rect = rects[n];
    rect[event.shiftKey ? 'w' : 'x'] += move[0] * STEP;
    rect[event.shiftKey ? 'h' : 'y'] += move[1] * STEP;
    fit(rect);
    label(n);
    paint();
    fill();
    said.textContent = words(rect, n);
  }
}

function label(n) {
  const button = list.children[n]?.querySelector('.rect');
  if (button) button.textContent = words(rects[n], n);
}

function choose(n) {
  chosen = n;
  [...list.children].forEach((item, at) => item.querySelector('.rect').setAttribute('aria-pressed', String(at === n)));
  paint();
}

function fill() {
  form.elements.regions.value = JSON.stringify(rects.map((rect) => [rect.x, rect.y, rect.w, rect.h].map((part) => Number(part.toFixed(4)))));
}

function show() {
  list.replaceChildren(...rects.map((rect, n) => h('li', {},
    h('button', { type: 'button', class: 'btn btn-default rect', 'aria-pressed': String(n === chosen), on: { click: () => choose(n), focus: () => choose(n), keydown: (event) => keyed(event, n) } }, words(rect, n)),
    h('button', { type: 'button', class: 'ib', 'aria-label': t('Take rectangle {n} away', { n: n + 1 }), on: { click: () => remove(n) } }, icon('x', 15)))));
  document.getElementById('cover-none').hidden = rects.length > 0;
  document.getElementById('cover-add').disabled = rects.length >= config.most;
  form.querySelector('button').disabled = rects.length === 0;
  fill();
  paint();
}

function at(event) {
  const box = canvas.getBoundingClientRect();
  return [clamp((event.clientX - box.left) / box.width, 0, 1), clamp((event.clientY - box.top) / box.height, 0, 1)];
}

const hit = ([x, y]) => rects.findLastIndex((rect) => x >= rect.x && x <= rect.x + rect.w && y >= rect.y && y <= rect.y + rect.h);

canvas.addEventListener('pointerdown', (event) => {
  const place = at(event);
  const found = hit(place);
  if (event.button !== 0 || (found < 0 && rects.length >= config.most)) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  if (found >= 0) {
    drag = { moved: rects[found], n: found, dx: place[0] - rects[found].x, dy: place[1] - rects[found].y };
    choose(found);
  } else {
    drag = { from: place, n: rects.length };
  }
});
canvas.addEventListener('pointermove', (event) => {
  if (!drag) return;
  const [x, y] = at(event);
  if (drag.moved) {
    drag.moved.x = x - drag.dx;
    drag.moved.y = y - drag.dy;
    fit(drag.moved);
  } else {
    rects[drag.n] = { x: Math.min(x, drag.from[0]), y: Math.min(y, drag.from[1]), w: Math.abs(x - drag.from[0]), h: Math.abs(y - drag.from[1]) };
    chosen = drag.n;
  }
  paint();
});
function drop() {
  if (!drag) return;
  const rect = rects[drag.n];
  // A tap is no rectangle.
  if (rect && (rect.w < LEAST || rect.h < LEAST)) rects.splice(drag.n, 1);
  drag = null;
  chosen = Math.min(chosen, rects.length - 1);
  show();
}
canvas.addEventListener('pointerup', drop);
canvas.addEventListener('pointercancel', drop);

document.getElementById('cover-add').addEventListener('click', () => {
  rects.push({ x: 0.4, y: 0.4, w: 0.2, h: 0.2 });
  chosen = rects.length - 1;
  show();
  list.lastElementChild.querySelector('button').focus();
});
form.addEventListener('submit', fill);
image.addEventListener('load', () => {
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.classList.add('ready');
  paint();
});
image.addEventListener('error', () => {
  document.getElementById('cover-how').textContent = t('The photo cannot be shown');
});
new MutationObserver(paint).observe(document.documentElement, { attributes: true, attributeFilter: ['data-bs-theme'] });
image.src = config.src;
show();
