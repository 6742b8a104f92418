/** Hot spots on the canvas: hatched fields, crossed where it is surer, in ink, so that they read without colour. */
import { theme } from './theme.js';

const GAP_PX = 7;

/** Draws `cells` ([west, south, east, north, level]) of a /map/hotspots answer into one view. */
export function paintHotspots(ctx, { bounds, map }, cells) {
  if (!cells?.length) return;
  const tokens = theme();
  const boxes = cells.map(([west, south, east, north, level]) => {
    const a = map.latLngToLayerPoint([north, west]);
    const b = map.latLngToLayerPoint([south, east]);
    return { x: a.x, y: a.y, w: Math.max(b.x - a.x, 2), h: Math.max(b.y - a.y, 2), level };
  }).filter(({ x, y, w, h }) => x + w >= bounds.min.x && x <= bounds.max.x && y + h >= bounds.min.y && y <= bounds.max.y);
  for (const level of [1, 2]) {
    const path = new Path2D();
    for (const box of boxes) if (box.level === level) path.rect(box.x, box.y, box.w, box.h);
    hatch(ctx, bounds, path, tokens, level === 2 ? [1, -1] : [1]);
  }
  edges(ctx, boxes, tokens);
}

function hatch(ctx, { min, max }, path, tokens, slants) {
  ctx.save();
  ctx.clip(path);
  ctx.globalAlpha = 0.34;
  ctx.fillStyle = tokens.surface;
  ctx.fill(path);
  ctx.globalAlpha = 0.75;
  ctx.strokeStyle = tokens.ink;
  ctx.lineWidth = 1;
  ctx.beginPath();
  const height = max.y - min.y;
  for (const slant of slants) {
    for (let x = Math.floor((min.x - height) / GAP_PX) * GAP_PX; x < max.x + height; x += GAP_PX) {
      ctx.moveTo(x, slant > 0 ? max.y : min.y);
      ctx.lineTo(x + height, slant > 0 ? min.y : max.y);
    }
  }
  ctx.stroke();
  ctx.restore();
}

/** The outline of what is marked: only the sides that no marked field is beyond. */
function edges(ctx, boxes, tokens) {
  const key = (x, y) => `${Math.round(x / 2)}:${Math.round(y / 2)}`;
  const middles = new Set(boxes.map(({ x, y, w, h }) => key(x + w / 2, y + h / 2)));
  const near = (x, y) => [-1, 0, 1].some((dx) => [-1, 0, 1].some((dy) => middles.has(`${Math.round(x / 2) + dx}:${Math.round(y / 2) + dy}`)));
  ctx.beginPath();
  for (const { x, y, w, h } of boxes) {
    const middle = { x: x + w / 2, y: y + h / 2 };
    if (!near(middle.x - w, middle.y)) line(ctx, x, y, x, y + h);
    if (!near(middle.x + w, middle.y)) line(ctx, x + w, y, x + w, y + h);
    if (!near(middle.x, middle.y - h)) line(ctx, x, y, x + w, y);
    if (!near(middle.x, middle.y + h)) line(ctx, x, y + h, x + w, y + h);
  }
  for (const [colour, width] of [[tokens.surface, 5], [tokens.ink, 2]]) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke();
  }
}

function line(ctx, x0, y0, x1, y1) {
  ctx.moveTo(x0, y0);
  ctx.lineTo(x1, y1);
}
