/** Tools that need the server's geometry: a new area filled up to its neighbours, a split, a hole, a merger. */
import { boxOf, geometryOf, partsOf } from './geometry.js';
import { areaAt } from './selecting.js';

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

  /** Asks with what the server does not have yet; everything else it knows by the draft. */
  async ask(name, body) {
    const { saver, coverage } = this.draft;
    await saver.flush();
    const keys = [...saver.dirty, ...saver.sending];
    const shapes = Object.fromEntries(keys.map((key) => coverage.get(key)).map((area) => [area.key, area.removed ? null : geometryOf(area.parts)]));
    return this.server.tool(name, { shapes, ...body });
  }

  async trace(level, drawn) {
    const box = boxOf(drawn.coordinates[0]);
    const parent = this.parentAt(level, [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]);
    const answer = await this.ask('trace', { drawn, parent, level });
    return this.read(answer, () => this.draft.freshFacts(level, parent));
  }

  async split(key, line) {
    const { level, parent } = this.draft.coverage.get(key);
    return this.read(await this.ask('split', { line, key, level }), () => this.draft.freshFacts(level, parent));
  }

  async cut(key, hole) {
    const { level, parent } = this.draft.coverage.get(key);
    return this.read(await this.ask('cut', { hole, key, level }), () => this.draft.freshFacts(level, parent));
  }

  /** The first area takes the other in. */
  async merge(key, other) {
    const answer = await this.ask('merge', { keys: [key, other], key, level: this.draft.coverage.get(key).level });
    return this.read(answer, () => ({}));
  }
}
