/** What a draft shows above the ground: changed ground, old and new lines, the selection, problems, proposals. */
import { feature, meets } from '../map/frame.js';
import { colours } from './colours.js';
import { partsOf, ringsOf } from './geometry.js';

const HATCH_PX = 8;

/** Paints one view; `look` is `{frame, features, changed, live, selected, border, problems, proposal, vertices}`. */
export class OverlayPainter {
  constructor(ctx, { bounds }, look) {
    Object.assign(this, { ctx, look, bounds, tokens: colours() });
    this.place = look.frame.now();
    const { k, x, y } = this.place;
    const { min, max } = bounds;
    this.box = [(min.x - x) / k, (min.y - y) / k, (max.x - x) / k, (max.y - y) / k];
  }

  paint() {
    const { ctx, look } = this;
    ctx.lineJoin = ctx.lineCap = 'round';
    for (const change of look.changed) this.gained(change);
    if (look.selected) this.outline(look.selected);
    for (const { lines } of look.changed) if (lines.old) this.oldLine(lines.old);
    if (look.border) this.line(look.border, 4);
    for (const { lines } of look.changed) if (lines.now) this.line(lines.now, 4);
    for (const problem of look.problems) this.problem(problem);
    if (look.proposal) this.proposal(look.proposal);
    this.dots(look.vertices);
  }

  /** Draws in the frame's coordinates. */
  within(draw) {
    const { ctx, place } = this;
    ctx.save();
    ctx.translate(place.x, place.y);
    ctx.scale(place.k, place.k);
    draw(ctx);
    ctx.restore();
  }

  stroke(path, colour, width, { alpha = 1, dash = [] } = {}) {
    const { k } = this.place;
    this.within((ctx) => {
      ctx.globalAlpha = alpha;
      ctx.strokeStyle = colour;
      ctx.lineWidth = width / k;
      ctx.setLineDash(dash.map((length) => length / k));
      ctx.stroke(path);
    });
  }

  /** A tint and slanting lines inside a path; the lines keep their distance at every zoom and lie in step. */
  hatch(path, box, { rule = 'evenodd', clip = null, colour, tint = 0.13, lines = 0.55, gap = HATCH_PX, slant = 1 }) {
    if (!meets(box, this.box)) return;
    const { ctx, place } = this;
    const { k, x, y } = place;
    const [west, north, east, south] = [Math.max(box[0], this.box[0]) * k + x, Math.max(box[1], this.box[1]) * k + y, Math.min(box[2], this.box[2]) * k + x, Math.min(box[3], this.box[3]) * k + y];
    ctx.save();
    ctx.translate(x, y);
    ctx.scale(k, k);
    if (clip) ctx.clip(clip, 'evenodd');
    ctx.clip(path, rule);
    ctx.scale(1 / k, 1 / k);
    ctx.translate(-x, -y);
    ctx.fillStyle = ctx.strokeStyle = colour;
    ctx.globalAlpha = tint;
    ctx.fillRect(west, north, east - west, south - north);
    ctx.globalAlpha = lines;
    ctx.lineWidth = 1.2;
    ctx.beginPath();
    // Lines where x ± y is a whole number of gaps from the map's own origin: neighbouring pieces join without a seam.
    const origin = x + slant * y;
    const [least, most] = slant > 0 ? [west + north, east + south] : [west - south, east - north];
    for (let sum = Math.ceil((least - origin) / gap) * gap + origin; sum < most; sum += gap) {
      ctx.moveTo(sum - slant * south, south);
      ctx.lineTo(sum - slant * north, north);
    }
    ctx.stroke();
    ctx.restore();
  }

  /** Ground that an area has now and had not: each piece of changed ground once. */
  gained({ shape, was }) {
    if (!shape) return;
    const path = new Path2D(shape.path);
    if (was) path.addPath(was.path);
    this.hatch(path, shape.box, { clip: shape.path, colour: this.tokens.accent });
  }

  oldLine({ path, box }) {
    if (!meets(box, this.box)) return;
    this.stroke(path, this.tokens.surface, 5, { alpha: 0.85 });
    this.stroke(path, this.tokens.ink2, 2.2, { dash: [7, 5] });
  }

  line({ path, box }, width) {
    if (!meets(box, this.box)) return;
    this.stroke(path, this.tokens.surface, width + 4);
    // A line that would run over itself is dotted and in the colour of what is wrong, before it is let go.
    if (this.look.crosses) this.stroke(path, this.tokens.over, width, { dash: [2, 7] });
    else this.stroke(path, this.tokens.accent, width);
  }

  outline({ path }) {
    this.stroke(path, this.tokens.surface, 5, { alpha: 0.8 });
    this.stroke(path, this.tokens.accent, 2, { alpha: 0.85 });
  }

  problem({ shape, blocking }) {
    if (!shape) return;
    const { tokens } = this;
    const colour = blocking ? tokens.over : tokens.due;
    // Under a proposal only the outline is left, or its hatching could not be read.
    if (shape.closed && !this.look.proposal) this.hatch(shape.path, shape.box, { colour, tint: 0.4, lines: 1, gap: 4 });
    this.stroke(shape.path, blocking ? tokens.overText : tokens.line, 2);
  }

  /** A proposed repair: what an area would get hatched, what it would lose crossed. */
  proposal({ added, removed }) {
    for (const shape of added) {
      this.hatch(shape.path, shape.box, { colour: this.tokens.accent, tint: 0.3, lines: 1, gap: 5 });
      this.stroke(shape.path, this.tokens.accent, 2.5);
    }
    for (const shape of removed) {
      for (const slant of [1, -1]) this.hatch(shape.path, shape.box, { colour: this.tokens.ink, tint: 0.1, lines: 0.7, gap: 6, slant });
      this.stroke(shape.path, this.tokens.ink, 2, { dash: [3, 4] });
    }
  }

  /** Vertices that have no handle just now. */
  dots(points) {
    const { ctx, tokens, place, look } = this;
    ctx.fillStyle = tokens.surface;
    ctx.strokeStyle = tokens.accent;
    ctx.lineWidth = 1.2;
    for (const point of points) {
      const { x, y } = look.frame.point(point);
      ctx.beginPath();
      ctx.rect(x * place.k + place.x - 2, y * place.k + place.y - 2, 4, 4);
      ctx.fill();
      ctx.stroke();
    }
  }
}

/** A GeoJSON geometry as something to draw; null where there is nothing. */
export function drawable(frame, geometry) {
  if (!geometry) return null;
  const kinds = { Polygon: true, MultiPolygon: true, LineString: false, MultiLineString: false };
  if (geometry.type === 'GeometryCollection') return drawable(frame, geometry.geometries.find((one) => one.type in kinds));
  if (!(geometry.type in kinds)) return null;
  const closed = kinds[geometry.type];
  const lines = closed ? ringsOf(partsOf(geometry)) : [geometry.coordinates].flat(geometry.type === 'LineString' ? 0 : 1);
  return lines.length ? { ...feature(frame, lines, closed), closed } : null;
}
