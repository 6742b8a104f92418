/** What looking back draws on the map: hatched patches that nobody ever saw; a round's planned way and the recorded one. */
import { CanvasPane, createPane } from '../map/pane.js';
import { Group, feature } from '../map/frame.js';
import { theme } from '../map/theme.js';

const PANE = 'bp-walked';
const STEP_PX = 9;

export class WalkedPainter {
  /** @param {object} view the map's view, whose frame of projection is used */
  constructor(map, view) {
    Object.assign(this, { view, never: [], others: [], round: null, made: null });
    createPane(map, PANE, 330);
    this.canvas = new CanvasPane({ pane: PANE, padding: 0.15, live: true, paint: (ctx, seen) => this.paint(ctx, seen) }).addTo(map);
  }

  redraw() {
    this.canvas.redraw();
  }

  /** @param {string[]} codes of patches that nobody ever visited */
  showNever(codes) {
    this.never = codes;
    this.redraw();
  }

  /** @param {string[]} codes of patches that one is told nothing about */
  showOthers(codes) {
    this.others = codes;
    this.redraw();
  }

  /** @param {?{planned: Array, walked: Array}} round ways as lists of [lon, lat] */
  showRound(round) {
    this.round = round;
    this.made = null;
    this.redraw();
  }

  paint(ctx, { bounds }) {
    if (this.round) return this.paintRound(ctx);
    this.veil(ctx);
    for (const code of this.never) this.hatch(ctx, bounds, this.view.scene.byCode.get(code));
    return undefined;
  }

  /** Other people's patches recede: they are not "seen lately". */
  veil(ctx) {
    const { scene } = this.view;
    const { k, x, y } = scene.frame.now();
    ctx.save();
    ctx.translate(x, y);
    ctx.scale(k, k);
    ctx.fillStyle = theme().outside;
    ctx.globalAlpha = 0.86;
    for (const code of this.others) {
      const item = scene.byCode.get(code);
      if (item) ctx.fill(item.path, 'evenodd');
    }
    ctx.restore();
  }

  hatch(ctx, bounds, item) {
    if (!item) return;
    const { k, x, y } = this.view.scene.frame.now();
    const tokens = theme();
    ctx.save();
    ctx.translate(x, y);
    ctx.scale(k, k);
    ctx.clip(item.path, 'evenodd');
    ctx.scale(1 / k, 1 / k);
    ctx.translate(-x, -y);
    const west = Math.max(item.box[0] * k + x, bounds.min.x);
    const north = Math.max(item.box[1] * k + y, bounds.min.y);
    const east = Math.min(item.box[2] * k + x, bounds.max.x);
    const south = Math.min(item.box[3] * k + y, bounds.max.y);
    ctx.strokeStyle = tokens.patchLine;
    ctx.globalAlpha = 0.75;
    ctx.lineWidth = 1.2;
    ctx.beginPath();
    // Lines of one slope on a grid of the whole plane, so that neighbouring patches run on.
    for (let at = Math.floor((west + north) / STEP_PX) * STEP_PX; at < east + south && east > west; at += STEP_PX) {
      ctx.moveTo(at - north, north);
      ctx.lineTo(at - south, south);
    }
    ctx.stroke();
    ctx.restore();
  }

  lines() {
    const { frame } = this.view.scene;
    if (this.made?.frame !== frame) {
      const group = (ways) => new Group(ways.filter((way) => way.length > 1).map((way) => feature(frame, [way], false)));
      this.made = { frame, planned: group(this.round.planned), walked: group(this.round.walked) };
    }
    return this.made;
  }

  paintRound(ctx) {
    const { planned, walked } = this.lines();
    const place = this.made.frame.now();
    const tokens = theme();
    const colour = getComputedStyle(document.documentElement).getPropertyValue('--bp-route-1').trim();
    ctx.lineJoin = ctx.lineCap = 'round';
    const stroke = (path, style, width, dash = []) => {
      ctx.save();
      ctx.translate(place.x, place.y);
      ctx.scale(place.k, place.k);
      ctx.strokeStyle = style;
      ctx.lineWidth = width / place.k;
      ctx.setLineDash(dash.map((length) => length / place.k));
      ctx.stroke(path);
      ctx.restore();
    };
    stroke(walked.whole, tokens.surface, 9);
    stroke(walked.whole, colour, 6);
    if (walked.empty) stroke(planned.whole, tokens.surface, 4.5);
    stroke(planned.whole, tokens.ink, 2, [7, 5]);
  }
}
