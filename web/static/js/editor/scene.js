/** The ground of the drawing page: the problem map's scene and painter over areas that change while one looks. */
import { BasePainter } from '../map/base.js';
import { Group, feature } from '../map/frame.js';
import { Scene } from '../map/scene.js';
import { colours } from './colours.js';
import { contains, ringsOf } from './geometry.js';

const STEPS = 9;

/** The roomiest of some places inside an area: where its name stands. */
export function labelPlace({ parts, box }) {
  const [west, south, east, north] = box;
  const vertices = ringsOf(parts).flat();
  let best = [(west + east) / 2, (south + north) / 2];
  let most = -1;
  for (let i = 1; i < STEPS; i += 1) {
    for (let j = 1; j < STEPS; j += 1) {
      const place = [west + ((east - west) * i) / STEPS, south + ((north - south) * j) / STEPS];
      if (!contains(parts, place)) continue;
      const room = Math.min(...vertices.map(([x, y]) => (x - place[0]) ** 2 + (y - place[1]) ** 2));
      if (room > most) [best, most] = [place, room];
    }
  }
  return best;
}

/** Drawable features of areas, made anew only where the shape is another. */
export class Features {
  constructor() {
    this.kept = new Map();
    this.shapes = new WeakMap();
  }

  /** The feature of an area as `Scene` has them; its key stands for the code: two levels may use one code. */
  of(frame, area) {
    const kept = this.kept.get(area.key);
    if (kept?.frame === frame && kept.area === area) return kept.item;
    const shape = this.shape(frame, area.parts);
    const named = { zh: area.name_zh, en: area.name_en, leader: area.leader, km2: area.box ? (area.box[2] - area.box[0]) * (area.box[3] - area.box[1]) : 0 };
    const at = kept?.frame === frame && kept.area.parts === area.parts ? kept.item.at : frame.point(labelPlace(area));
    const item = { ...shape, area: named, code: area.key, level: area.level, at };
    this.kept.set(area.key, { frame, area, item });
    return item;
  }

  /** Path, lines and box of parts; remembered as long as the parts are. */
  shape(frame, parts) {
    const kept = this.shapes.get(parts);
    if (kept?.frame === frame) return kept.shape;
    const shape = feature(frame, ringsOf(parts), true);
    this.shapes.set(parts, { frame, shape });
    return shape;
  }
}

export class EditScene extends Scene {
  /** @param {{levels, areas, patch_level, features: Features}} areas the areas as the coverage holds them */
  readAreas({ levels, areas, patch_level: level, features }) {
    const all = areas.map((area) => features.of(this.frame, area));
    this.patchLevel = level;
    this.byCode = new Map(all.map((item) => [item.code, item]));
    this.patches = all.filter((item) => item.level === level);
    const positions = [...levels].sort((a, b) => a.position - b.position).map(({ code }) => code);
    const ofLevel = (code) => all.filter((item) => item.level === code);
    const coarsest = positions.find((code) => ofLevel(code).length);
    this.coarsest = coarsest ? ofLevel(coarsest) : [];
    // No mesh: a solid line may be drawn twice, and a mesh of 300 areas of 500 vertices takes longer than a frame.
    this.patchBorders = new Group(this.patches);
    this.between = positions.filter((code) => code !== level).map(ofLevel).filter((items) => items.length > 1);
    this.betweenBorders = this.between.map((items) => new Group(items));
  }
}

export class GroundPainter extends BasePainter {
  /** Only what is being edited is tinted. */
  shade() {
    const { look, scene } = this;
    const tokens = colours();
    const alpha = look.tiles ? 0.35 : 1;
    for (const item of Scene.visible(scene.patches, this.box)) {
      const step = look.tinted.indexOf(item.code);
      this.fill(item.path, step === 0 ? tokens.accentSoft : step > 0 ? tokens.shades[2] : tokens.shades[0], alpha);
    }
  }

  patchLines() {
    const { scene, tokens, zoom } = this;
    if (scene.patchBorders.empty) return;
    const path = scene.patchBorders.pathIn(this.box);
    this.stroke(path, tokens.patchLine, zoom < 13 ? 0.8 : 1.1, { alpha: zoom < 12 ? 0.5 : 0.75 });
  }

  /** What is selected is drawn above the names, where its handles are. */
  highlights() {}
}
