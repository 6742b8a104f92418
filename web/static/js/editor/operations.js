/** Tools that need the server's geometry: a new area filled up to its neighbours, a split, a hole, a merger. */
import { boxOf, boxesMeet, geometryOf, partsOf } from './geometry.js';
import { areaAt } from './selecting.js';

/** Shapes of the areas of all levels that a box meets, as the page holds them. */
function shapesIn(coverage, box) {
  return Object.fromEntries(coverage.list().filter((area) => boxesMeet(area.box, box)).map((area) => [area.key, geometryOf(area.parts)]));
}

const joinedBox = (areas) => boxOf(areas.flatMap(({ box: [west, south, east, north] }) => [[west, south], [east, north]]));

export class Operations {
  /** @param {import('./draft.js').Draft} draft @param {object} server */
  constructor(draft, server) {
    Object.assign(this, { draft, server });
  }

  /**
   * What an answer changes: shapes of known areas, and new ones with facts of their own.
   * @returns {{changes: Map, fresh: string[]}} `fresh`: keys of the new areas
   */
  read({ shapes }, facts) {
    const { coverage } = this.draft;
    const changes = new Map();
    const fresh = [];
    for (const [key, geometry] of Object.entries(shapes)) {
      if (coverage.get(key)) {
        if (coverage.get(key).editable) changes.set(key, geometry ? { parts: partsOf(geometry) } : { removed: true });
      } else if (geometry) {
        const own = { key: `n${Number(coverage.freshKey().slice(1)) + fresh.length}`, was: null, editable: true, removed: false, leader: null, ...facts(), parts: partsOf(geometry) };
        fresh.push(own.key);
        changes.set(own.key, own);
      }
    }
    return { changes, fresh };
  }

  /** The parent of a new area: what lies around its middle one level up. */
  parentAt(level, [lon, lat]) {
    const { coverage } = this.draft;
    const above = coverage.levels.filter((one) => one.position < coverage.level(level).position).at(-1);
    return above ? areaAt(coverage, above.code, [lon, lat])?.key || null : null;
  }

  async trace(level, drawn) {
    const { coverage } = this.draft;
    const ring = drawn.coordinates[0];
    const box = boxOf(ring);
    const parent = this.parentAt(level, [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
    const around = parent ? joinedBox([coverage.get(parent), { box }]) : box;
    const answer = await this.server.tool('trace', { shapes: shapesIn(coverage, around), drawn, key: parent, level });
    return this.read(answer, () => this.draft.freshFacts(level, parent));
  }

  async split(key, line) {
    const area = this.draft.coverage.get(key);
    const answer = await this.server.tool('split', { shapes: shapesIn(this.draft.coverage, area.box), line, key, level: area.level });
    return this.read(answer, () => this.draft.freshFacts(area.level, area.parent));
  }

  async cut(key, hole) {
    const area = this.draft.coverage.get(key);
    const answer = await this.server.tool('cut', { shapes: shapesIn(this.draft.coverage, area.box), hole, key, level: area.level });
    return this.read(answer, () => this.draft.freshFacts(area.level, area.parent));
  }

  /** The first area takes the other in. */
  async merge(key, other) {
    const { coverage } = this.draft;
    const [area, gone] = [coverage.get(key), coverage.get(other)];
    const answer = await this.server.tool('merge', { shapes: shapesIn(coverage, joinedBox([area, gone])), keys: [key, other], key, level: area.level });
    const { changes } = this.read(answer, () => ({}));
    changes.set(other, { removed: true });
    return { changes, fresh: [] };
  }
}
