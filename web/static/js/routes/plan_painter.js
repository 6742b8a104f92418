/** Rounds and stops on the map's canvas: lines with their pattern and direction, numbered marks, starts and ends. */
import { shape } from '../symbols.js';
import { theme } from '../map/theme.js';
import { inks, tracePath } from './plan_look.js';

const LINE_PX = 4;
/** Rounds keep to the right of their street, so that the way there and the way back are two lines. */
const RIGHT_PX = 2.6;
const ARROW_EVERY_PX = 92;
const FAINT = 0.28;
const CROWDED = 90;

/** Points of a line moved to the right of its direction by some px; equal neighbours are left out. */
function toTheRight(points, offset) {
  const line = points.filter((p, i) => !i || Math.hypot(p.x - points[i - 1].x, p.y - points[i - 1].y) > 0.3);
  if (line.length < 2) return line;
  const normals = line.slice(1).map((p, i) => {
    const [dx, dy] = [p.x - line[i].x, p.y - line[i].y];
    const size = Math.hypot(dx, dy);
    return [-dy / size, dx / size];
  });
  return line.map((p, i) => {
    const [a, b] = [normals[Math.max(0, i - 1)], normals[Math.min(i, normals.length - 1)]];
    const [nx, ny] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    const size = Math.max(0.5, Math.hypot(nx, ny));
    return { x: p.x + (nx / size) * offset, y: p.y + (ny / size) * offset };
  });
}

export class RoundsPainter {
  /**
   * @param {CanvasRenderingContext2D} ctx
   * @param {{map: L.Map, bounds: L.Bounds}} view
   * @param {{lines: Array, stops: Array, ends: Array, strong: (person: number) => boolean, crowd: number, picked: ?number, draft: boolean}} look
   */
  constructor(ctx, { map, bounds }, look) {
    Object.assign(this, { ctx, map, bounds, look, inks: inks(), origin: map.getPixelOrigin() });
  }

  at([lon, lat]) {
    const { x, y } = this.map.project(L.latLng(lat, lon));
    return { x: x - this.origin.x, y: y - this.origin.y };
  }

  paintLines() {
    const { ctx, look } = this;
    ctx.lineJoin = ctx.lineCap = 'round';
    const lines = look.lines.map((line) => ({ ...line, points: toTheRight(line.path.map((p) => this.at(p)), RIGHT_PX) }));
    for (const strong of [false, true]) {
      for (const line of lines.filter((one) => look.strong(one.person) === strong && one.points.length > 1)) {
        ctx.globalAlpha = strong ? 1 : FAINT;
        this.line(line);
        if (strong) this.arrows(line);
      }
    }
    ctx.globalAlpha = 1;
  }

  line({ points, look }) {
    const { ctx, inks: colours } = this;
    ctx.beginPath();
    points.forEach(({ x, y }, i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
    ctx.setLineDash([]);
    ctx.strokeStyle = colours.surface;
    ctx.lineWidth = LINE_PX + 3;
    ctx.stroke();
    ctx.setLineDash(look.dash);
    ctx.strokeStyle = colours.of(look);
    ctx.lineWidth = this.look.draft ? LINE_PX - 1.5 : LINE_PX;
    ctx.stroke();
    ctx.setLineDash([]);
  }

  /** Chevrons along a line: which way it is walked. */
  arrows({ points, look }) {
    let left = ARROW_EVERY_PX / 2;
    for (let i = 1; i < points.length; i += 1) {
      const [a, b] = [points[i - 1], points[i]];
      const size = Math.hypot(b.x - a.x, b.y - a.y);
      let gone = left;
      while (gone <= size) {
        const share = gone / size;
        this.arrow(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share, Math.atan2(b.y - a.y, b.x - a.x), look);
        gone += ARROW_EVERY_PX;
      }
      left = gone - size;
    }
  }

  arrow(x, y, angle, look) {
    const { min, max } = this.bounds;
    if (x < min.x || x > max.x || y < min.y || y > max.y) return;
    const { ctx } = this;
    ctx.save();
    ctx.translate(x, y);
    ctx.rotate(angle);
    ctx.beginPath();
    ctx.moveTo(-5, -6.5);
    ctx.lineTo(6.5, 0);
    ctx.lineTo(-5, 6.5);
    ctx.lineTo(-2, 0);
    ctx.closePath();
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = this.inks.surface;
    ctx.stroke();
    ctx.fillStyle = this.inks.of(look);
    ctx.fill();
    ctx.restore();
  }

  /** Marks of stops that are on the same spot stand around it; gives each `x, y, r` for the pointer. */
  placed() {
    const small = this.look.crowd > CROWDED && this.map.getZoom() < 14.5;
    const r = small ? 8 : 11;
    const taken = new Map();
    return this.look.stops.map((stop) => {
      const p = this.at(stop.at);
      const key = `${Math.round(p.x / 5)}/${Math.round(p.y / 5)}`;
      const n = taken.get(key) || 0;
      taken.set(key, n + 1);
      const turn = n * 2.4;
      const away = n ? r * 1.1 + n * 3 : 0;
      return { ...stop, x: p.x + Math.cos(turn) * away, y: p.y + Math.sin(turn) * away, r };
    });
  }

  paintStops() {
    const { ctx, look } = this;
    const marks = this.placed();
    for (const end of look.ends) this.end(end);
    const order = [...marks].sort((a, b) => Number(a.id === look.picked) - Number(b.id === look.picked) || Number(look.strong(a.person)) - Number(look.strong(b.person)) || b.n - a.n);
    for (const mark of order) {
      ctx.globalAlpha = mark.person === null || look.strong(mark.person) ? 1 : 0.45;
      if (mark.person === null) this.unserved(mark);
      else this.stop(mark);
    }
    ctx.globalAlpha = 1;
    return marks;
  }

  stop(mark) {
    const { ctx, inks: colours } = this;
    const { x, y, r } = mark;
    ctx.beginPath();
    tracePath(ctx, mark.look.shape, x, y, r);
    ctx.lineWidth = 3.5;
    ctx.lineJoin = 'round';
    ctx.strokeStyle = mark.id === this.look.picked ? colours.accent : colours.surface;
    if (mark.id === this.look.picked) ctx.lineWidth = 6;
    ctx.stroke();
    ctx.fillStyle = mark.done ? colours.surface : colours.of(mark.look);
    ctx.fill();
    if (mark.done) {
      ctx.lineWidth = 2;
      ctx.strokeStyle = colours.of(mark.look);
      ctx.stroke();
    }
    this.words(String(mark.n), x, y, r > 9 ? 12 : 9, mark.done ? colours.of(mark.look) : colours.on);
    if (r > 9) this.badges(mark);
  }

  words(text, x, y, size, colour) {
    const { ctx } = this;
    ctx.font = `700 ${text.length > 2 ? size - 2 : size}px ${theme().fontEn}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillStyle = colour;
    ctx.fillText(text, x, y + 0.5);
  }

  /** The finding's status above, a lock below where the stop is agreed. */
  badges({ x, y, r, key, lock }) {
    if (key) shape(this.ctx, { x: x + r * 0.85, y: y - r * 0.9 }, key, 5, false, theme());
    if (!lock) return;
    const { ctx, inks: colours } = this;
    const [cx, cy] = [x + r * 0.85, y + r * 0.8];
    ctx.beginPath();
    ctx.roundRect(cx - 4.5, cy - 2.5, 9, 7, 1.5);
    ctx.fillStyle = colours.ink;
    ctx.fill();
    ctx.lineWidth = 1.6;
    ctx.strokeStyle = colours.ink;
    ctx.beginPath();
    ctx.arc(cx, cy - 2.5, 2.6, Math.PI, 0);
    ctx.stroke();
  }

  /** In no round: a dashed ring with a question mark. */
  unserved(mark) {
    const { ctx, inks: colours } = this;
    const { x, y, r } = mark;
    ctx.beginPath();
    ctx.arc(x, y, r, 0, Math.PI * 2);
    ctx.fillStyle = colours.surface;
    ctx.fill();
    ctx.setLineDash([4, 3]);
    ctx.lineWidth = mark.id === this.look.picked ? 3 : 2;
    ctx.strokeStyle = mark.id === this.look.picked ? colours.accent : colours.ink;
    ctx.stroke();
    ctx.setLineDash([]);
    this.words('?', x, y, 13, colours.ink);
    if (r > 9) this.badges({ ...mark, lock: '' });
  }

  /** Where people set out (a house) and where they end, if that is elsewhere (a flag). */
  end({ at, kind, letters }) {
    const { ctx, inks: colours } = this;
    const { x, y } = this.at(at);
    ctx.lineJoin = 'round';
    ctx.beginPath();
    ctx.roundRect(x - 12, y - 12, 24, 24, 6);
    ctx.lineWidth = 3;
    ctx.strokeStyle = colours.surface;
    ctx.stroke();
    ctx.fillStyle = colours.ink;
    ctx.fill();
    ctx.beginPath();
    if (kind === 'start') for (const [dx, dy] of [[0, -7], [7, -0.5], [5, -0.5], [5, 6], [-5, 6], [-5, -0.5], [-7, -0.5]]) ctx.lineTo(x + dx, y + dy);
    else for (const [dx, dy] of [[-5, -7], [6, -3.5], [-3.2, 0], [-3.2, 7], [-5, 7]]) ctx.lineTo(x + dx, y + dy);
    ctx.closePath();
    ctx.fillStyle = colours.surface;
    ctx.fill();
    if (!letters) return;
    ctx.font = `700 11px ${theme().fontEn}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'top';
    ctx.lineWidth = 3;
    ctx.strokeStyle = colours.surface;
    ctx.strokeText(letters, x, y + 14);
    ctx.fillStyle = colours.ink;
    ctx.fillText(letters, x, y + 14);
  }
}
