/**
 * Findings that a draft moves, on the map: the status as everywhere, and around it what happens to the finding. A thin
 * ring: another patch; a square: another bureau as well; a square with a cross: no patch at all.
 */
import { shape } from '../symbols.js';
import { colours } from './colours.js';

const REACH_PX = 14;

function frame(ctx, { x, y }, kind, tokens) {
  ctx.lineWidth = 4;
  ctx.strokeStyle = tokens.statusHalo;
  const trace = () => {
    ctx.beginPath();
    if (kind === 'patch') ctx.arc(x, y, 10.5, 0, Math.PI * 2);
    else ctx.rect(x - 10, y - 10, 20, 20);
    if (kind === 'none') {
      ctx.moveTo(x - 10, y - 10);
      ctx.lineTo(x + 10, y + 10);
      ctx.moveTo(x + 10, y - 10);
      ctx.lineTo(x - 10, y + 10);
    }
  };
  trace();
  ctx.globalAlpha = 0.6;
  ctx.stroke();
  ctx.globalAlpha = 1;
  ctx.lineWidth = 1.8;
  ctx.strokeStyle = kind === 'none' ? tokens.ink : tokens.accent;
  trace();
  ctx.stroke();
}

/** What a finding's change is called: 'patch', 'bureau' or 'none'. */
export function changeOf({ to, bureau_from: before, bureau_to: after }) {
  if (!to) return 'none';
  return JSON.stringify(before ?? null) === JSON.stringify(after ?? null) ? 'patch' : 'bureau';
}

export class MovedPoints {
  constructor() {
    this.items = [];
    this.places = new Set();
    this.selected = null;
  }

  /** @param {Array<{id, lon, lat, key}>} findings rows of the preview @param {Array} points [lon, lat, kind] of all */
  read(findings, points) {
    const listed = new Set(findings.map(({ lon, lat }) => `${lon},${lat}`));
    const rest = points.filter(([lon, lat]) => !listed.has(`${lon},${lat}`)).map(([lon, lat, kind]) => ({ lon, lat, kind }));
    this.places = new Set(points.map(([lon, lat]) => `${lon},${lat}`).concat([...listed]));
    this.items = [...rest, ...findings.map((row) => ({ ...row, kind: changeOf(row) }))];
  }

  paint(ctx, { map, bounds }) {
    const tokens = colours();
    const origin = map.getPixelOrigin();
    const close = map.getZoom() >= 15.5;
    for (const item of this.items) {
      const at = map.project([item.lat, item.lon]).subtract(origin);
      item.at = at;
      if (at.x < bounds.min.x - 20 || at.x > bounds.max.x + 20 || at.y < bounds.min.y - 20 || at.y > bounds.max.y + 20) continue;
      if (close && item.kind !== 'patch') frame(ctx, at, item.kind, tokens);
      if (item.key) shape(ctx, at, item.key, 6.5, item.id === this.selected, tokens);
      else frame(ctx, at, item.kind, tokens);
    }
  }

  /** The listed finding under a layer point, or null. */
  hit(point) {
    const near = this.items.filter((item) => item.id && item.at && item.at.distanceTo(point) < REACH_PX);
    return near.sort((a, b) => a.at.distanceTo(point) - b.at.distanceTo(point))[0] || null;
  }
}
