/** What differs between two maps, drawn over the later one: hatched ground, the old line dashed, the new one solid. */
import { CanvasPane, createPane } from '../map/pane.js';
import { Group, feature, ringsOf } from '../map/frame.js';
import { theme } from '../map/theme.js';

const PANE = 'bp-ground';
const STEP_PX = 8;

export class GroundLayer {
  /** @param {object} view the map's view, whose frame of projection is used */
  constructor(map, view) {
    Object.assign(this, { map, view, data: null, made: null, code: null });
    createPane(map, PANE, 330);
    this.canvas = new CanvasPane({ pane: PANE, padding: 0.15, live: true, paint: (ctx, seen) => this.paint(ctx, seen) }).addTo(map);
  }

  /** @param {object} data an answer of /map/areas-difference.json */
  set(data) {
    this.data = data;
    this.made = null;
    this.canvas.redraw();
  }

  /** Brings out what one area (code; null: none) got and gave up. */
  focus(code) {
    this.code = code;
    this.canvas.redraw();
  }

  /** Features in the frame of this moment: another base map brings another one. */
  features() {
    const { frame } = this.view.scene;
    if (this.made?.frame !== frame) {
      const lines = (list) => new Group(list.map((line) => feature(frame, [line], false)));
      this.made = {
        frame,
        ground: this.data.ground.map((one) => ({ ...one, ...feature(frame, ringsOf(one.g), true) })),
        old: lines(this.data.old_lines), fresh: lines(this.data.new_lines),
      };
    }
    return this.made;
  }

  paint(ctx, { bounds }) {
    if (!this.data) return;
    const { ground, old, fresh } = this.features();
    const tokens = theme();
    const place = this.made.frame.now();
    ctx.lineJoin = ctx.lineCap = 'round';
    for (const piece of ground) this.hatch(ctx, place, bounds, piece, tokens);
    this.stroke(ctx, place, fresh.whole, tokens.surface, 6, 0.85);
    this.stroke(ctx, place, fresh.whole, tokens.accent, 3.5);
    this.stroke(ctx, place, old.whole, tokens.surface, 4, 0.8);
    this.stroke(ctx, place, old.whole, tokens.ink, 2, 1, [6, 5]);
  }

  /** How a piece looks: what was got leans right in the accent, what was given up leans left in ink. */
  lookOf(piece, tokens) {
    if (this.code) {
      if (piece.to === this.code) return { colour: tokens.accent, lean: 1, fill: 0.16 };
      if (piece.from === this.code) return { colour: tokens.ink, lean: -1, fill: 0.08 };
      return { colour: tokens.accent, lean: 1, fill: 0.03, faint: true };
    }
    return piece.to === null ? { colour: tokens.ink, lean: -1, fill: 0.08 } : { colour: tokens.accent, lean: 1, fill: 0.1 };
  }

  hatch(ctx, { k, x, y }, bounds, piece, tokens) {
    const { colour, lean, fill, faint } = this.lookOf(piece, tokens);
    ctx.save();
    ctx.translate(x, y);
    ctx.scale(k, k);
    ctx.clip(piece.path, 'evenodd');
    ctx.scale(1 / k, 1 / k);
    ctx.translate(-x, -y);
    const [west, north, east, south] = [
      Math.max(piece.box[0] * k + x, bounds.min.x), Math.max(piece.box[1] * k + y, bounds.min.y),
      Math.min(piece.box[2] * k + x, bounds.max.x), Math.min(piece.box[3] * k + y, bounds.max.y),
    ];
    if (east > west && south > north) {
      ctx.globalAlpha = fill;
      ctx.fillStyle = colour;
      ctx.fillRect(west, north, east - west, south - north);
      ctx.globalAlpha = faint ? 0.35 : 0.9;
      ctx.strokeStyle = colour;
      ctx.lineWidth = faint ? 0.8 : 1.4;
      ctx.beginPath();
      // Lines of one slope on a grid of the whole plane, so that neighbouring pieces run on.
      const height = south - north;
      const first = Math.floor((lean > 0 ? west + north : west - south) / STEP_PX) * STEP_PX;
      for (let at = first; at < east - west + first + height + STEP_PX * 2; at += STEP_PX) {
        if (lean > 0) {
          ctx.moveTo(at - north, north);
          ctx.lineTo(at - south, south);
        } else {
          ctx.moveTo(at + north, north);
          ctx.lineTo(at + south, south);
        }
      }
      ctx.stroke();
    }
    ctx.restore();
  }

  stroke(ctx, { k, x, y }, path, colour, width, alpha = 1, dash = []) {
    ctx.save();
    ctx.translate(x, y);
    ctx.scale(k, k);
    ctx.globalAlpha = alpha;
    ctx.strokeStyle = colour;
    ctx.lineWidth = width / k;
    ctx.setLineDash(dash.map((length) => length / k));
    ctx.stroke(path);
    ctx.restore();
  }

  /** Bounds of the ground that changed, of one area's where a code is given; null where there is none. */
  bounds(code = null) {
    const pieces = (this.data?.ground || []).filter((one) => !code || one.from === code || one.to === code);
    const points = pieces.flatMap(({ g }) => g.flat(2));
    return points.length ? L.latLngBounds(points.map(([lon, lat]) => [lat, lon])) : null;
  }
}
