/** Street names along their streets; steep ones in Chinese stand upright, character by character. */
import { haloText, textWidth } from './placer.js';
import { localName } from './scene.js';

const FIRST = 50;
const STEP = 14;
const REPEAT = 440;
const STEEP = 1.0;
const MAX_BEND = 2.5;
const UPRIGHT_PITCH = 15;

/** A street on the screen with the way to every vertex. */
class Course {
  constructor(flat, { k, x, y }) {
    this.points = [];
    this.ways = [];
    let way = 0;
    for (let i = 0; i < flat.length; i += 2) {
      const point = { x: flat[i] * k + x, y: flat[i + 1] * k + y };
      const last = this.points[this.points.length - 1];
      if (last) way += Math.hypot(point.x - last.x, point.y - last.y);
      this.points.push(point);
      this.ways.push(way);
    }
    this.length = way;
  }

  at(way) {
    let i = 1;
    while (i < this.points.length - 1 && this.ways[i] < way) i += 1;
    const a = this.points[i - 1];
    const b = this.points[i];
    const share = (way - this.ways[i - 1]) / (this.ways[i] - this.ways[i - 1] || 1);
    return { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
  }

  /** Where a text of this width lies straight enough around `way`: {x, y, angle}, or null. */
  spot(way, width) {
    const a = this.at(way - width / 2);
    const b = this.at(way + width / 2);
    const middle = this.at(way);
    const x = (a.x + b.x) / 2;
    const y = (a.y + b.y) / 2;
    const straight = Math.hypot(b.x - a.x, b.y - a.y);
    if (Math.hypot(middle.x - x, middle.y - y) > MAX_BEND || straight < width * 0.95) return null;
    let angle = Math.atan2(b.y - a.y, b.x - a.x);
    if (angle > Math.PI / 2) angle -= Math.PI;
    if (angle < -Math.PI / 2) angle += Math.PI;
    return { x, y, angle };
  }
}

/** Boxes along the text: one box around a slanting name would claim far too much. */
function boxesOf({ x, y, angle }, width) {
  const count = Math.max(1, Math.ceil(width / 18));
  return Array.from({ length: count }, (_, i) => {
    const along = ((i + 0.5) / count - 0.5) * width;
    const cx = x + Math.cos(angle) * along;
    const cy = y + Math.sin(angle) * along;
    const half = width / count / 2;
    const ex = Math.abs(Math.cos(angle)) * half + 7;
    const ey = Math.abs(Math.sin(angle)) * half + 7;
    return [cx - ex, cy - ey, cx + ex, cy + ey];
  });
}

function draw(ctx, text, spot, chinese, tokens) {
  ctx.save();
  ctx.translate(spot.x, spot.y);
  if (chinese && Math.abs(spot.angle) > STEEP) {
    ctx.rotate(spot.angle > 0 ? spot.angle - Math.PI / 2 : spot.angle + Math.PI / 2);
    [...text].forEach((character, i) => {
      haloText(ctx, character, 0, (i - (text.length - 1) / 2) * UPRIGHT_PITCH, tokens.streetText, tokens.halo);
    });
  } else {
    ctx.rotate(spot.angle);
    ctx.letterSpacing = chinese ? '3px' : '0.3px';
    haloText(ctx, text, chinese ? 1.5 : 0, 0, tokens.streetText, tokens.halo);
    ctx.letterSpacing = '0px';
  }
  ctx.restore();
}

function labelStreet(ctx, street, { place, placer, lang, tokens }) {
  const text = localName(street.item, lang);
  if (!text) return;
  const chinese = lang === 'zh' && /[\u3400-\u9fff]/.test(text);
  ctx.font = `400 ${street.item.cls === 'a' ? 12 : 11.5}px ${tokens.font}`;
  const width = textWidth(ctx, text) + (chinese ? text.length * 3 : 0);
  for (const flat of street.lines) {
    const course = new Course(flat, place);
    let next = FIRST;
    for (let way = FIRST; way < course.length - width; way += STEP) {
      if (way < next) continue;
      const spot = course.spot(way, width);
      if (!spot || !placer.takeAll(boxesOf(spot, width))) continue;
      draw(ctx, text, spot, chinese, tokens);
      next = way + REPEAT;
    }
  }
}

/** Names of the visible streets, main streets first; small streets have none, middle ones from zoom 14. */
export function labelStreets(ctx, streets, zoom, setting) {
  if (zoom < 12.6) return;
  const classes = zoom < 14 ? ['a'] : ['a', 'b'];
  for (const cls of classes) {
    for (const street of streets) {
      if (street.item.cls === cls) labelStreet(ctx, street, setting);
    }
  }
}
