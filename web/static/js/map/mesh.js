/**
 * Borders of a coverage, each shared edge once, joined into lines between junctions.
 * Drawn polygon by polygon every shared border would be dashed twice, out of step.
 */

/**
 * @param {Array<Array<[number, number]>>} rings closed rings; neighbours share equal vertices
 * @returns {Array<Array<[number, number]>>} lines
 */
export function mesh(rings) {
  const graph = new Graph();
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i += 1) graph.add(ring[i - 1], ring[i]);
  }
  return graph.lines();
}

class Graph {
  constructor() {
    this.ids = new Map();
    this.points = [];
    this.neighbours = [];
  }

  node(point) {
    const key = `${point[0]},${point[1]}`;
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.points.push(point) - 1;
      this.ids.set(key, id);
      this.neighbours.push(new Set());
    }
    return id;
  }

  add(from, to) {
    const a = this.node(from);
    const b = this.node(to);
    if (a === b) return;
    this.neighbours[a].add(b);
    this.neighbours[b].add(a);
  }

  /** Walks every edge once: from the junctions first, so that no line is cut in its middle, then closed loops. */
  lines() {
    const degrees = this.neighbours.map((set) => set.size);
    const found = [];
    const walkAll = (start) => {
      while (this.neighbours[start].size) found.push(this.walk(start, degrees));
    };
    degrees.forEach((degree, id) => { if (degree !== 2) walkAll(id); });
    degrees.forEach((_, id) => walkAll(id));
    return found;
  }

  walk(start, degrees) {
    const line = [this.points[start]];
    let here = start;
    do {
      const [next] = this.neighbours[here];
      this.neighbours[here].delete(next);
      this.neighbours[next].delete(here);
      line.push(this.points[next]);
      here = next;
    } while (degrees[here] === 2 && this.neighbours[here].size);
    return line;
  }
}
