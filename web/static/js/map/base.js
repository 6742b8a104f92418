/**
 * The ground of the map, from below: outside, land, patch shade, hills, parks, water, border band, streets,
 * rail, patch line, district line, selection.
 */
import { binOf } from './bins.js';
import { theme } from './theme.js';
import { Scene } from './scene.js';

const TILE_SHADE_ALPHA = 0.35;

/** Street widths in px by class. */
const streetWidths = (zoom) => ({
  a: Math.max(1.2, 4.6 * 1.55 ** (zoom - 14)),
  b: Math.max(0.9, 3 * 1.6 ** (zoom - 14)),
  c: Math.max(0.5, 1.9 * 1.65 ** (zoom - 14)),
});

/** Draws one view; `look` is `{layers, tiles, bins, counts, highlights}` of the map view. */
export class BasePainter {
  constructor(ctx, { bounds, zoom }, scene, look) {
    Object.assign(this, { ctx, zoom, bounds, scene, look, tokens: theme() });
    this.place = scene.frame.now();
    const { k, x, y } = this.place;
    const { min, max } = bounds;
    const margin = 20;
    this.box = [(min.x - x - margin) / k, (min.y - y - margin) / k, (max.x - x + margin) / k, (max.y - y + margin) / k];
  }

  paint() {
    const { ctx, look, tokens, bounds } = this;
    ctx.lineJoin = ctx.lineCap = 'round';
    if (!look.tiles) {
      const size = bounds.getSize();
      ctx.fillStyle = tokens.outside;
      ctx.fillRect(bounds.min.x, bounds.min.y, size.x, size.y);
    }
    ctx.translate(this.place.x, this.place.y);
    ctx.scale(this.place.k, this.place.k);
    if (!look.tiles) {
      this.neighbours();
      this.land();
    }
    ctx.save();
    this.clipToOutline();
    this.shade();
    if (!look.tiles) this.nature();
    if (look.layers.borders) this.band();
    if (!look.tiles && look.layers.streets) this.streets();
    if (look.layers.borders) this.patchLines();
    ctx.restore();
    this.coarserLines();
    this.districtLine();
    this.highlights();
  }

  /** Strokes with a width and dashes in screen px. */
  stroke(path, colour, width, { alpha = 1, dash = [] } = {}) {
    const { ctx } = this;
    const { k } = this.place;
    ctx.globalAlpha = alpha;
    ctx.strokeStyle = colour;
    ctx.lineWidth = width / k;
    ctx.setLineDash(dash.map((length) => length / k));
    ctx.stroke(path);
    ctx.globalAlpha = 1;
    ctx.setLineDash([]);
  }

  fill(path, colour, alpha = 1) {
    this.ctx.globalAlpha = alpha;
    this.ctx.fillStyle = colour;
    this.ctx.fill(path, 'evenodd');
    this.ctx.globalAlpha = 1;
  }

  get riverWidth() {
    return Math.max(3, 7 * 2 ** (this.zoom - 14));
  }

  /** Borders of the neighbouring districts, faint on the outside grey. */
  neighbours() {
    const { neighbourShapes } = this.scene;
    if (!neighbourShapes.empty) this.stroke(neighbourShapes.pathIn(this.box), this.tokens.outsideText, 1, { alpha: 0.3 });
  }

  land() {
    const { scene, tokens } = this;
    const ground = Scene.visible(scene.ground, this.box);
    if (!scene.rivers.empty) {
      this.stroke(scene.rivers.pathIn(this.box), tokens.water, this.riverWidth, { alpha: 0.55 });
    }
    for (const { path } of tokens.dark ? [] : ground) {
      this.stroke(path, tokens.border, 16, { alpha: 0.03 });
      this.stroke(path, tokens.border, 10, { alpha: 0.05 });
    }
    for (const { path } of ground) {
      this.fill(path, tokens.land);
      // Neighbours that were simplified apart would let the shadow through.
      if (!scene.outline) this.stroke(path, tokens.land, 1);
    }
  }

  clipToOutline() {
    if (this.scene.outline) this.ctx.clip(this.scene.outline.whole, 'evenodd');
  }

  shade() {
    const { look, tokens, scene } = this;
    if (look.tiles && !look.layers.shade) return;
    const alpha = look.tiles ? TILE_SHADE_ALPHA : 1;
    for (const item of Scene.visible(scene.patches, this.box)) {
      const step = look.layers.shade ? binOf(look.counts.get(item.code) || 0, look.bins) : 0;
      this.fill(item.path, tokens.shades[step], alpha);
    }
  }

  nature() {
    const { ctx, scene, tokens, box } = this;
    if (!scene.hills.empty) {
      ctx.globalCompositeOperation = tokens.dark ? 'screen' : 'multiply';
      this.fill(scene.hills.pathIn(box), tokens.hill);
      ctx.globalCompositeOperation = 'source-over';
    }
    if (!scene.greens.empty) this.fill(scene.greens.pathIn(box), tokens.green);
    if (!scene.rivers.empty) this.stroke(scene.rivers.pathIn(box), tokens.water, this.riverWidth);
  }

  /** A soft band along the patch borders, so that they read under the streets. */
  band() {
    if (this.zoom <= 13.6) return;
    const width = Math.min(14, 6 * 1.4 ** (this.zoom - 14)) + 3;
    const alpha = this.zoom < 14.6 ? 0.15 : 0.22;
    this.stroke(this.scene.patchBorders.pathIn(this.box), this.tokens.patchLine, width, { alpha });
  }

  streets() {
    const { scene, tokens, zoom, box } = this;
    const { a, b, c } = scene.streetGroups;
    const width = streetWidths(zoom);
    if (zoom >= 12.4 && !c.empty) this.stroke(c.pathIn(box), tokens.streetC, width.c);
    if (zoom >= 11.8 && !b.empty) {
      if (zoom > 13) this.stroke(b.pathIn(box), tokens.streetBCase, width.b + 1.6);
      this.stroke(b.pathIn(box), tokens.streetB, width.b);
    }
    if (!a.empty) {
      this.stroke(a.pathIn(box), tokens.streetACase, width.a + (zoom < 12.4 ? 0.8 : 2));
      this.stroke(a.pathIn(box), tokens.streetA, width.a);
    }
    if (!scene.rails.empty) this.rails();
  }

  rails() {
    const { ctx, scene, tokens, zoom } = this;
    const path = scene.rails.pathIn(this.box);
    ctx.lineCap = 'butt';
    this.stroke(path, tokens.rail, zoom > 13 ? 2.4 : 1.4);
    if (zoom > 13) this.stroke(path, tokens.land, 1.2, { dash: [7, 7] });
    ctx.lineCap = 'round';
  }

  patchLines() {
    const { scene, tokens, zoom } = this;
    if (scene.patchBorders.empty) return;
    const far = zoom < 13;
    const alpha = zoom < 12 ? 0.45 : far ? 0.8 : 0.9;
    this.ctx.lineCap = 'butt';
    const path = scene.patchBorders.pathIn(this.box);
    this.stroke(path, tokens.patchLine, far ? 0.8 : 1.2, { alpha, dash: far ? [] : [5, 3] });
    this.ctx.lineCap = 'round';
  }

  /** Borders of sub-districts, when asked for. */
  coarserLines() {
    const { scene, tokens, look } = this;
    if (!look.layers.subdistricts) return;
    for (const group of scene.betweenBorders) {
      const path = group.pathIn(this.box);
      this.stroke(path, tokens.border, 5, { alpha: 0.12 });
      this.stroke(path, tokens.border, 1.5, { alpha: 0.85 });
    }
  }

  districtLine() {
    const { ctx, scene, tokens } = this;
    ctx.save();
    if (!scene.outline) this.clipToOutside();
    for (const { path } of scene.ground) {
      this.stroke(path, tokens.border, 7, { alpha: 0.16 });
      this.stroke(path, tokens.border, scene.outline ? 1.8 : 3);
    }
    ctx.restore();
  }

  /** Without an outline the coarsest areas make it: what their lines leave outside all of them. */
  clipToOutside() {
    const [west, north, east, south] = this.box;
    const outside = new Path2D();
    outside.rect(west, north, east - west, south - north);
    for (const { path } of Scene.visible(this.scene.ground, this.box)) outside.addPath(path);
    this.ctx.clip(outside, 'evenodd');
  }

  highlights() {
    const { scene, tokens, look } = this;
    for (const code of look.highlights) {
      const item = scene.byCode.get(code);
      if (!item) continue;
      this.stroke(item.path, tokens.surface, 6, { alpha: 0.9 });
      this.fill(item.path, tokens.accent, 0.06);
      this.stroke(item.path, tokens.accent, 2.5);
    }
  }
}
