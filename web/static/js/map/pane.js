/** A canvas in a Leaflet pane that follows the map and is painted by a function. */

const MAX_DENSITY = 3;

/**
 * Options: `pane`, `padding` (share of the view painted beyond each edge), `live` (paint again while the map
 * is dragged past the margin), `paint(ctx, view)` with `view = {bounds, zoom, map}`; the context is in CSS px of
 * Leaflet's layer points.
 */
export const CanvasPane = L.Renderer.extend({
  getEvents() {
    const events = L.Renderer.prototype.getEvents.call(this);
    return { ...events, move: this._onMove };
  },

  _initContainer() {
    this._container = L.DomUtil.create('canvas', 'bp-canvas');
    this._container.setAttribute('aria-hidden', 'true');
    this._context = this._container.getContext('2d');
  },

  _destroyContainer() {
    cancelAnimationFrame(this._frame);
    this._container.remove();
    this._container = this._context = this._frame = null;
  },

  _update() {
    if (!this._map || (this._map._animatingZoom && this._bounds)) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize();
    this._density = Math.min(window.devicePixelRatio || 1, MAX_DENSITY);
    const width = Math.round(size.x * this._density);
    const height = Math.round(size.y * this._density);
    const canvas = this._container;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    }
    L.DomUtil.setPosition(canvas, this._bounds.min);
    this._paintNow();
  },

  /** Paints again before the next frame, once however often it is asked for. */
  redraw() {
    if (this._frame || !this._map || !this._bounds) return;
    this._frame = requestAnimationFrame(() => {
      this._frame = null;
      // A moved or zoomed view is painted by its own event.
      if (this._map && !this._map._animatingZoom) this._update();
    });
  },

  _paintNow() {
    const { _context: ctx, _bounds: bounds, _map: map, _density: density } = this;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, ctx.canvas.width, ctx.canvas.height);
    ctx.setTransform(density, 0, 0, density, -bounds.min.x * density, -bounds.min.y * density);
    ctx.save();
    this.options.paint(ctx, { bounds, zoom: map.getZoom(), map });
    ctx.restore();
  },

  /** While dragging, the margin is used up before anything is painted again. */
  _onMove() {
    const map = this._map;
    if (!this.options.live || !this._bounds || map._animatingZoom || map.getZoom() !== this._zoom) return;
    const corner = map.containerPointToLayerPoint([0, 0]);
    const view = L.bounds(corner, corner.add(map.getSize()));
    if (!this._bounds.contains(view)) this.redraw();
  },
});

/** Creates a Leaflet pane above `zIndex`, out of the pointer's way. */
export function createPane(map, name, zIndex) {
  const pane = map.getPane(name) || map.createPane(name);
  pane.style.zIndex = zIndex;
  pane.style.pointerEvents = 'none';
  return pane;
}
