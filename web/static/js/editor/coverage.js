/**
 * The areas of a draft with what they share. A vertex belongs to every area that has the same place in its outline, at
 * any level: moving, adding and deleting it is one change of all of them. Nothing is changed in place: a change is a map
 * of area keys to their new `parts`, which `apply` takes over and answers with what was before.
 */
import { area_m2, boxOf, distanceToEdge_m, edgeKey, partsOf, placeKey, ringsOf } from './geometry.js';

/** A vertex this near to another level's line lies on it: half a step of the grid, with room for rounding. */
const ON_LINE_M = 0.02;

/** Why an edit is not made; `code` says which words to use. */
export class RefusedEdit extends Error {
  constructor(code, area = null) {
    super(code);
    Object.assign(this, { code, area });
  }
}

/** An area as the page holds it. */
function held(area, editable) {
  const parts = partsOf(area.geometry);
  const was = area.was === undefined || (area.was && !area.changed) ? parts : area.was && partsOf(area.was);
  return { ...area, parts, box: boxOf(ringsOf(parts).flat()), editable, was, removed: Boolean(area.removed), renamed: Boolean(area.changed && was) };
}

export class Coverage {
  /** @param {{levels: Array, areas: Array}} data as `/areas/drafts/<id>/data` */
  constructor({ levels, areas }) {
    this.levels = [...levels].sort((a, b) => a.position - b.position);
    this.editable = new Set(levels.filter((level) => level.editable).map((level) => level.code));
    this.areas = new Map();
    this.places = new Map();
    this.compared = new WeakMap();
    for (const area of areas) this.put(held(area, this.editable.has(area.level)));
  }

  get(key) {
    return this.areas.get(key);
  }

  level(code) {
    return this.levels.find((level) => level.code === code);
  }

  /** Areas that are there, of one level or of all. */
  list(level = null) {
    return [...this.areas.values()].filter((area) => !area.removed && area.parts.length && (!level || area.level === level));
  }

  /** Area keys that have a vertex at this place. */
  ownersAt(point) {
    return [...(this.places.get(placeKey(point)) || [])];
  }

  /** Takes an area as it is from now on. */
  put(area) {
    this.forget(this.areas.get(area.key));
    this.areas.set(area.key, area);
    if (area.removed) return;
    for (const point of ringsOf(area.parts).flat()) {
      const key = placeKey(point);
      const owners = this.places.get(key);
      if (owners) owners.add(area.key);
      else this.places.set(key, new Set([area.key]));
    }
  }

  forget(area) {
    if (!area || area.removed) return;
    for (const point of ringsOf(area.parts).flat()) {
      const key = placeKey(point);
      const owners = this.places.get(key);
      if (!owners) continue;
      owners.delete(area.key);
      if (!owners.size) this.places.delete(key);
    }
  }

  /** Area keys that have the edge a–b. */
  edgeOwners(a, b) {
    const key = edgeKey(a, b);
    const ends = this.places.get(placeKey(b));
    return this.ownersAt(a).filter((owner) => ends?.has(owner) && hasEdge(this.get(owner).parts, key));
  }

  /** The area of a level that is not in the draft and holds this place fast, or null. */
  lockAt(point) {
    const owner = this.ownersAt(point).map((key) => this.get(key)).find((area) => !area.editable);
    return owner || this.fixed().find((area) => area.box && near(area.box, point) && onOutline(area.parts, point)) || null;
  }

  /** The area that keeps an edge as it is: no vertex may appear on it. */
  lockOn(a, b) {
    const owner = this.edgeOwners(a, b).map((key) => this.get(key)).find((area) => !area.editable);
    if (owner) return owner;
    const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
    return this.fixed().find((area) => area.box && near(area.box, middle) && onOutline(area.parts, middle) && onOutline(area.parts, a)) || null;
  }

  /** Areas of coarser levels that are not in the draft: finer ones lie inside and follow no line. */
  fixed() {
    const finest = Math.max(...this.levels.filter((level) => level.editable).map((level) => level.position));
    return this.list().filter((area) => !area.editable && this.level(area.level).position < finest);
  }

  /** Every area with this vertex has it at another place. Raises RefusedEdit. */
  moved(from, to) {
    const lock = this.lockAt(from);
    if (lock) throw new RefusedEdit('locked', lock);
    return this.redrawn(from, (ring) => replaced(ring, placeKey(from), to));
  }

  /** A new vertex on the edge a–b in every area that has the edge. Raises RefusedEdit. */
  inserted(a, b, at) {
    const lock = this.lockOn(a, b);
    if (lock) throw new RefusedEdit('locked', lock);
    return this.withVertex(a, b, at, this.edgeOwners(a, b));
  }

  /** The same, only in areas that may change: for a corner that was dropped onto a line. */
  joined(a, b, at) {
    return this.withVertex(a, b, at, this.edgeOwners(a, b).filter((key) => this.get(key).editable));
  }

  withVertex(a, b, at, owners) {
    const edge = edgeKey(a, b);
    return new Map(owners.map((key) => [key, this.get(key).parts.map((rings) => rings.map((ring) => split(ring, edge, at)))]));
  }

  /** No area has this vertex any more. Raises RefusedEdit at a corner where three lines meet, and for the last three. */
  without(point) {
    const lock = this.lockAt(point);
    if (lock) throw new RefusedEdit('locked', lock);
    if (this.neighboursOf(point).size > 2) throw new RefusedEdit('junction');
    return this.redrawn(point, (ring) => dropped(ring, placeKey(point)));
  }

  /** Places at the other ends of the edges that meet here. */
  neighboursOf(point) {
    const key = placeKey(point);
    const found = new Map();
    for (const owner of this.ownersAt(point)) {
      for (const ring of ringsOf(this.get(owner).parts)) {
        ring.forEach((one, i) => {
          if (placeKey(one) !== key) return;
          for (const other of [ring[(i + 1) % ring.length], ring[(i + ring.length - 1) % ring.length]]) found.set(placeKey(other), other);
        });
      }
    }
    return found;
  }

  redrawn(point, change) {
    return new Map(this.ownersAt(point).map((owner) => {
      const area = this.get(owner);
      const parts = area.parts.map((rings) => rings.map(change));
      const lost = parts.some(([outer]) => outer.length < 3);
      if (lost) throw new RefusedEdit('too-small', area);
      return [owner, parts.map((rings) => rings.filter((ring) => ring.length > 2))];
    }));
  }

  /**
   * Takes changes over and answers with those that undo them.
   * @param {Map<string, object>} changes area key -> any of parts, removed, name_zh, name_en, code, parent; or a whole new area
   */
  apply(changes) {
    const before = new Map();
    for (const [key, change] of changes) {
      const area = this.get(key);
      before.set(key, area ? pick(area, change) : { removed: true });
      this.put(reshaped(area || { key, was: null, editable: true, removed: false, parts: [] }, change));
    }
    return before;
  }

  /** Whether an area is not as it is in force. */
  isChanged(area) {
    if (!area.was) return !area.removed;
    return area.removed || this.differs(area.parts, area.was);
  }

  /** Asked for every frame of a drag: two shapes are compared once. */
  differs(parts, was) {
    if (parts === was) return false;
    const known = this.compared.get(parts);
    if (known?.was === was) return known.differs;
    const differs = !sameParts(parts, was);
    this.compared.set(parts, { was, differs });
    return differs;
  }

  /** The area of a level around a place, or null. */
  at(level, point, inside) {
    return this.list(level).find((area) => near(area.box, point) && inside(area.parts, point)) || null;
  }

  /** A key that no area of the draft has. */
  freshKey() {
    let n = 1;
    while (this.areas.has(`n${n}`)) n += 1;
    return `n${n}`;
  }

  /** Ground of an area in m². */
  size_m2(area) {
    return area_m2(area.parts);
  }
}

function pick(area, change) {
  return Object.fromEntries(Object.keys(change).map((name) => [name, area[name]]));
}

function reshaped(area, change) {
  const next = { ...area, ...change };
  if (change.parts) next.box = boxOf(ringsOf(next.parts).flat());
  return next;
}

function near([west, south, east, north], [lon, lat]) {
  const margin = 1e-6;
  return lon >= west - margin && lon <= east + margin && lat >= south - margin && lat <= north + margin;
}

function onOutline(parts, point) {
  return ringsOf(parts).some((ring) => ring.some((a, i) => {
    const b = ring[(i + 1) % ring.length];
    return near(boxOf([a, b]), point) && distanceToEdge_m(a, b, point) < ON_LINE_M;
  }));
}

function hasEdge(parts, key) {
  return ringsOf(parts).some((ring) => ring.some((point, i) => edgeKey(point, ring[(i + 1) % ring.length]) === key));
}

function tidy(ring) {
  return ring.filter((point, i) => placeKey(point) !== placeKey(ring[(i + 1) % ring.length]));
}

function replaced(ring, key, to) {
  if (!ring.some((point) => placeKey(point) === key)) return ring;
  return tidy(ring.map((point) => (placeKey(point) === key ? to : point)));
}

function dropped(ring, key) {
  return ring.some((point) => placeKey(point) === key) ? tidy(ring.filter((point) => placeKey(point) !== key)) : ring;
}

function split(ring, edge, at) {
  const i = ring.findIndex((point, k) => edgeKey(point, ring[(k + 1) % ring.length]) === edge);
  return i < 0 ? ring : [...ring.slice(0, i + 1), at, ...ring.slice(i + 1)];
}

function sameParts(a, b) {
  if (a === b) return true;
  const text = (parts) => JSON.stringify(parts.map((rings) => rings.map(turned)).sort());
  return text(a) === text(b);
}

/** A ring from its smallest place on, towards the smaller neighbour: the server may turn it round or begin elsewhere. */
function turned(ring) {
  const keys = ring.map(placeKey);
  const first = keys.indexOf(keys.reduce((least, key) => (key < least ? key : least)));
  const [start, ...rest] = [...keys.slice(first), ...keys.slice(0, first)];
  return [start, ...(rest[0] < rest.at(-1) ? rest : rest.reverse())];
}
