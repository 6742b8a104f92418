/** Open findings near the border, as small grey dots: one sees where they lie before the line passes over them. */
import { askView, superseded } from '../problem_map/data.js';
import { colours } from './colours.js';

const FROM_ZOOM = 14.5;
const SETTLE_MS = 250;
/** A zoom at which the server makes no donuts. */
const SINGLE_ZOOM = 19;

export class Around {
  /** @param {L.Map} map @param {() => void} onChange */
  constructor(map, onChange) {
    Object.assign(this, { map, onChange, places: [] });
    map.on('moveend', () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), SETTLE_MS);
    });
  }

  async ask() {
    const { map } = this;
    if (map.getZoom() < FROM_ZOOM) {
      this.places = [];
      this.onChange();
      return;
    }
    const bounds = map.getBounds().pad(0.1);
    const bbox = [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()];
    try {
      const { points } = await askView({}, { bbox, zoom: SINGLE_ZOOM }, null);
      this.places = points.map(([, lon, lat]) => [lon, lat]);
      this.onChange();
    } catch (error) {
      // Dots are a help, not the work: without them one draws all the same.
      if (!superseded(error)) this.places = [];
    }
  }

  /** @param {Set<string>} taken places that are drawn with their status */
  paint(ctx, taken) {
    const tokens = colours();
    const origin = this.map.getPixelOrigin();
    ctx.fillStyle = tokens.ink3;
    ctx.globalAlpha = 0.6;
    for (const [lon, lat] of this.places) {
      if (taken.has(`${lon},${lat}`)) continue;
      const { x, y } = this.map.project([lat, lon]).subtract(origin);
      ctx.beginPath();
      ctx.arc(x, y, 2.8, 0, Math.PI * 2);
      ctx.fill();
    }
    ctx.globalAlpha = 1;
  }
}
