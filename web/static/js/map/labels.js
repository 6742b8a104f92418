/**
 * All names on one canvas, in the order of their weight: selected patch, patches by findings, streets, places,
 * neighbours. A name that finds no room is left out.
 */
import { meets } from './frame.js';
import { Placer, haloText, textWidth } from './placer.js';
import { labelStreets } from './street-labels.js';
import { Scene, localName } from './scene.js';
import { theme } from './theme.js';

const LEADERS_FROM = 14;
const NEAR = [[0, 0], [0, -26], [0, 26]];
const AROUND = [...NEAR, [-40, 0], [40, 0], [0, -48], [0, 48], [-50, -30], [50, 30]];
/** The selected patch must have its name: look further and further from its middle. */
const EVERYWHERE = AROUND.concat(spiral(160, 10));

/** Shares of a box, the middle first. */
const GRID = spiral(5, 1).map(([x, y]) => [0.5 + x / 12, 0.5 + y / 12]);

function spiral(reach, step) {
  const offsets = [];
  for (let x = -reach; x <= reach; x += step) for (let y = -reach; y <= reach; y += step) offsets.push([x, y]);
  return offsets.sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
}

/** Draws the labels of one view; `look` as for the base, with `lang` and `obstacles` in layer points. */
export class LabelPainter {
  constructor(ctx, { zoom, map }, scene, look) {
    Object.assign(this, { ctx, zoom, scene, look, tokens: theme() });
    this.place = scene.frame.now();
    const corner = map.containerPointToLayerPoint([0, 0]);
    const size = map.getSize();
    this.view = [corner.x, corner.y, corner.x + size.x, corner.y + size.y];
    this.placer = new Placer(this.view, look.obstacles);
  }

  paint() {
    const { ctx, look, scene, zoom } = this;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    this.patches(true);
    if (look.layers.subdistricts && zoom < LEADERS_FROM) this.coarser();
    this.patches(false);
    if (look.tiles) return;
    if (look.layers.streets) {
      const { place, placer, tokens } = this;
      labelStreets(ctx, this.inView(scene.streets), zoom, { place, placer, tokens, lang: look.lang });
    }
    this.places();
    this.neighbours();
  }

  inView(items) {
    const { k, x, y } = this.place;
    const [west, north, east, south] = this.view;
    const box = [(west - x) / k, (north - y) / k, (east - x) / k, (south - y) / k];
    return items.filter((item) => meets(item.box, box));
  }

  at(point) {
    return { x: point.x * this.place.k + this.place.x, y: point.y * this.place.k + this.place.y };
  }

  font(weight, size) {
    this.ctx.font = `${weight} ${size}px ${this.tokens.font}`;
  }

  /** Names of patches, the highlighted ones or the others. */
  patches(highlighted) {
    const { look, scene } = this;
    if (!look.layers.labels) return;
    const count = (item) => look.counts.get(item.code) || 0;
    const items = highlighted
      ? look.highlights.map((code) => scene.byCode.get(code)).filter(Boolean)
      : scene.patches.filter((item) => !look.highlights.includes(item.code));
    this.inView(items)
      .sort((a, b) => count(b) - count(a) || (b.area.km2 || 0) - (a.area.km2 || 0))
      .forEach((item) => this.patch(item, highlighted));
  }

  patch(item, highlighted) {
    const { ctx, zoom, look, tokens } = this;
    const near = zoom >= LEADERS_FROM;
    const name = localName(item.area, look.lang);
    const leader = near && item.area.leader ? item.area.leader[look.lang === 'zh' ? 0 : 1] || '' : '';
    const size = near ? 13 : 12;
    this.font(600, size);
    const nameWidth = textWidth(ctx, name);
    this.font(400, 12);
    const halfWidth = Math.max(nameWidth, leader ? textWidth(ctx, leader) : 0) / 2 + 4;
    const halfHeight = leader ? 18 : 10;
    // A name much wider than its patch would seem to belong to the neighbours.
    const patchWidth = (item.box[2] - item.box[0]) * this.place.k;
    if (!highlighted && halfWidth * 2 > patchWidth * 1.15 + 16) return;
    const { x, y } = this.at(item.at);
    const offsets = highlighted ? EVERYWHERE : near ? AROUND : NEAR;
    const half = [halfWidth, halfHeight];
    const { k, x: left, y: top } = this.place;
    // A name that moves aside stays in its own patch; the selected one has its colour to tell.
    const own = ([cx, cy]) => highlighted || Scene.contains(item, (cx - left) / k, (cy - top) / k);
    const spot = offsets.map(([dx, dy]) => [x + dx, y + dy]).find((centre) => own(centre) && this.takeAround(centre, half))
      || (near ? this.elsewhere(item, half) : null);
    if (!spot) return;
    const [cx, cy] = spot;
    this.font(600, size);
    haloText(ctx, name, cx, cy - (leader ? 8 : 0), highlighted ? tokens.accent : tokens.patchText, tokens.halo);
    if (!leader) return;
    this.font(400, 12);
    haloText(ctx, leader, cx, cy + 9, tokens.ink2, tokens.halo);
  }

  takeAround([x, y], [halfWidth, halfHeight]) {
    return this.placer.take([x - halfWidth, y - halfHeight, x + halfWidth, y + halfHeight]);
  }

  /** A free place in what is visible of a large patch whose middle lies outside the view or under something. */
  elsewhere(item, half) {
    const { k, x, y } = this.place;
    const [west, north, east, south] = this.view;
    const w = Math.max(west, item.box[0] * k + x);
    const e = Math.min(east, item.box[2] * k + x);
    const n = Math.max(north, item.box[1] * k + y);
    const s = Math.min(south, item.box[3] * k + y);
    if (e - w < half[0] * 4 || s - n < half[1] * 4) return null;
    const inside = ([cx, cy]) => [-half[0], 0, half[0]].every(
      (dx) => Scene.contains(item, (cx + dx - x) / k, (cy - y) / k),
    );
    const spots = GRID.map(([u, v]) => [w + (e - w) * u, n + (s - n) * v]);
    return spots.find((spot) => inside(spot) && this.takeAround(spot, half)) || null;
  }

  /** Names of sub-districts while patches are small. */
  coarser() {
    const { tokens, look } = this;
    this.font(600, 14);
    for (const items of this.scene.between) {
      for (const item of this.inView(items)) this.word(localName(item.area, look.lang), this.at(item.at), tokens.border);
    }
  }

  places() {
    const { scene, tokens, look, zoom } = this;
    this.font(500, 12);
    if (look.layers.labels && zoom >= 13) {
      for (const { item, at } of scene.places) this.word(localName(item, look.lang), this.at(at), tokens.ink2);
    }
    for (const { item, lines } of scene.rivers.features) this.river(localName(item, look.lang), lines[0]);
  }

  /** The river's name at a few places of its course, spaced out in Chinese. */
  river(name, flat) {
    if (!name) return;
    const text = this.look.lang === 'zh' ? [...name].join(' ') : name;
    for (const share of [0.12, 0.3, 0.5, 0.7]) {
      const i = Math.floor((flat.length / 2) * share) * 2;
      this.word(text, this.at({ x: flat[i], y: flat[i + 1] }), this.tokens.waterText);
    }
  }

  neighbours() {
    const { ctx, scene, tokens, look } = this;
    this.font(500, 13);
    for (const { item, at } of scene.neighbours) {
      const name = localName(item, look.lang);
      const p = this.at(at);
      if (!this.takeWord(name, p)) continue;
      ctx.fillStyle = tokens.outsideText;
      ctx.fillText(name, p.x, p.y);
    }
  }

  takeWord(text, { x, y }) {
    const half = textWidth(this.ctx, text) / 2 + 6;
    return text && this.placer.take([x - half, y - 9, x + half, y + 9]);
  }

  word(text, p, colour) {
    if (this.takeWord(text, p)) haloText(this.ctx, text, p.x, p.y, colour, this.tokens.halo);
  }
}
