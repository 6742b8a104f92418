/** Keeps labels apart: boxes [west, north, east, south] in layer points that may not meet. */
import { meets } from './frame.js';

const EDGE = 2;

export class Placer {
  /**
   * @param {number[]} view box of the visible map; a label that its edge would cut is left out
   * @param {number[][]} taken boxes of symbols and controls
   */
  constructor(view, taken = []) {
    this.view = [view[0] + EDGE, view[1] + EDGE, view[2] - EDGE, view[3] - EDGE];
    this.taken = taken.filter((box) => meets(box, view));
  }

  inside(box) {
    const [west, north, east, south] = this.view;
    return box[0] > west && box[1] > north && box[2] < east && box[3] < south;
  }

  free(box) {
    return this.inside(box) && !this.taken.some((other) => meets(box, other));
  }

  /** Takes the boxes of one label when all are free and in view, and says whether. */
  takeAll(boxes) {
    if (!boxes.every((box) => this.free(box))) return false;
    this.taken.push(...boxes);
    return true;
  }

  take(box) {
    return this.takeAll([box]);
  }
}

const widths = new Map();

/** Width in px of a text in the context's font, remembered. */
export function textWidth(ctx, text) {
  const key = `${ctx.font}\n${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > 5000) widths.clear();
    width = ctx.measureText(text).width;
    widths.set(key, width);
  }
  return width;
}

/** Text with a halo, centred on x, y. */
export function haloText(ctx, text, x, y, colour, halo) {
  ctx.lineWidth = 3;
  ctx.lineJoin = 'round';
  ctx.strokeStyle = halo;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}
