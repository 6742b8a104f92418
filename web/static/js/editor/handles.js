/**
 * Handles of the border that is edited: Geoman's own markers on invisible lines. Only what is in view gets handles, and of
 * that the ones near the pointer (`limitMarkersToCount`), so that borders of 500 vertices stay fluid. What a handle does
 * is told to the page, which changes every area that has the vertex; then the handles are made anew from the areas.
 */
import { t } from '../i18n.js';
import { coarsePointer } from '../map/theme.js';
import { onGrid, placeKey } from './geometry.js';

const MOST_HANDLES = 80;
/** Between vertices nearer than this a handle for a new one would only be in the way. */
const ROOMY_PX = 28;
const FINGER_ROOMY_PX = 64;
const SNAP_PX = 12;
const STEP_PX = 1;
const LEAP_PX = 10;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

export class Handles {
  /**
   * @param {L.Map} map
   * @param {object} parts
   * @param {import('./snapping.js').SnapGuide} parts.guide
   * @param {(point) => ?string} parts.lockOf why a vertex stays where it is
   * @param {(a, b) => ?string} parts.lockOfEdge why an edge gets no vertex
   * @param {(point) => string} parts.ownersOf names of the areas that have a vertex
   * @param {object} parts.on `drag(from, to)`, `drop(from, to, {key})`, `insert(a, b, at)`, `remove(point)`, `refuse(words)`, `active(point)`
   */
  constructor(map, parts) {
    Object.assign(this, { map, ...parts, layers: [], lines: [], active: null, inserting: null, snapping: true });
    map.on('moveend', () => this.build());
  }

  /** @param {Array<Array>} lines closed ones end where they begin */
  show(lines) {
    this.lines = lines;
    this.build();
  }

  hide() {
    this.lines = [];
    this.active = null;
    this.build();
  }

  setSnapping(on) {
    this.snapping = on;
    this.build();
  }

  /** The parts of the lines that are in view, each with one vertex beyond the edge. */
  pieces() {
    const bounds = this.map.getBounds().pad(0.02);
    const found = [];
    for (const line of this.lines) {
      const seen = line.map(([lon, lat]) => bounds.contains([lat, lon]));
      if (!seen.includes(false)) {
        found.push(line);
        continue;
      }
      let piece = null;
      line.forEach((point, i) => {
        if (!seen[i]) {
          piece = null;
          return;
        }
        if (!piece) found.push(piece = []);
        piece.push(point);
      });
    }
    return found;
  }

  build() {
    if (this.dragging || this.busy) return;
    const focused = this.layers.length && this.map.getPane('markerPane').contains(document.activeElement);
    for (const layer of this.layers) {
      layer.pm.disable();
      layer.remove();
    }
    const pieces = this.pieces();
    const count = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.layers = pieces.map((piece) => this.layer(piece, count));
    this.onVertices?.(count > MOST_HANDLES / 2 ? pieces.flat() : []);
    if (focused && this.active && !this.focus(this.active)) this.focusNear(this.active);
  }

  layer(piece, count) {
    const closed = piece.length > 3 && placeKey(piece[0]) === placeKey(piece.at(-1));
    const latlngs = (closed ? piece.slice(0, -1) : piece).map(([lon, lat]) => L.latLng(lat, lon));
    const options = { stroke: false, fill: false, interactive: false, snapIgnore: true };
    const layer = (closed ? L.polygon(latlngs, options) : L.polyline(latlngs, options)).addTo(this.map);
    this.listen(layer);
    const limit = count > MOST_HANDLES / 2 ? Math.max(12, Math.round((MOST_HANDLES * piece.length) / count)) : -1;
    layer.pm.enable({
      snappable: this.snapping, snapDistance: SNAP_PX, snapMiddle: false, allowSelfIntersection: false, limitMarkersToCount: limit,
      removeLayerBelowMinVertexCount: false, preventMarkerRemoval: true,
      moveVertexValidation: ({ marker }) => this.mayMove(marker), addVertexValidation: ({ marker }) => this.mayAdd(marker),
    });
    this.dress(layer);
    if (limit > 0) layer.pm.applyLimitFilters({ latlng: this.activeLatLng() });
    return layer;
  }

  activeLatLng() {
    return this.active ? L.latLng(this.active[1], this.active[0]) : this.map.getCenter();
  }

  listen(layer) {
    layer.on('pm:vertexadded', ({ marker, latlng }) => this.added(layer, marker, latlng));
    layer.on('pm:markerdragstart', ({ markerEvent }) => this.started(markerEvent.target));
    layer.on('pm:markerdrag', ({ markerEvent }) => this.dragged(markerEvent.target));
    layer.on('pm:markerdragend', ({ markerEvent }) => this.dropped(markerEvent.target));
    layer.on('pm:vertexclick', ({ markerEvent }) => this.focus(place(markerEvent.target)));
  }

  /** Gives the markers their names, keys and looks; Geoman adds and takes them as the pointer moves. */
  dress(layer) {
    for (const marker of markersOf(layer)) {
      marker.on('add', () => this.dressOne(marker));
      if (marker._icon) this.dressOne(marker);
    }
  }

  dressOne(marker) {
    const element = marker._icon;
    if (marker.leftM) {
      const ends = [marker.leftM, marker.rightM].map((one) => this.map.latLngToContainerPoint(one.getLatLng()));
      element.removeAttribute('role');
      element.removeAttribute('tabindex');
      element.title = t('Drag to add a vertex');
      element.hidden = ends[0].distanceTo(ends[1]) < (coarsePointer() ? FINGER_ROOMY_PX : ROOMY_PX) || Boolean(this.lockOfEdge(place(marker.leftM), place(marker.rightM)));
      return;
    }
    const point = place(marker);
    const lock = this.lockOf(point);
    const words = lock || t('Vertex of {areas}', { areas: this.ownersOf(point) });
    element.classList.toggle('is-locked', Boolean(lock));
    element.title = words;
    element.setAttribute('aria-label', lock || t('{vertex}. Arrow keys move it, Delete takes it out', { vertex: words }));
    if (element.dataset.dressed) return;
    element.dataset.dressed = '1';
    element.addEventListener('focus', () => this.activate(place(marker)));
    element.addEventListener('keydown', (event) => this.pressed(event, marker));
    element.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      this.on.remove(place(marker));
    });
    element.classList.toggle('is-active', Boolean(this.active) && placeKey(this.active) === placeKey(point));
  }

  activate(point) {
    this.active = point;
    const key = placeKey(point);
    for (const layer of this.layers) for (const marker of markersOf(layer)) marker._icon?.classList.toggle('is-active', !marker.leftM && placeKey(place(marker)) === key);
    this.on.active(point);
  }

  /** Puts the focus on the handle of a place, if it has one. */
  focus(point) {
    this.active = point;
    const key = placeKey(point);
    for (const layer of this.layers) {
      const marker = markersOf(layer).find((one) => !one.leftM && placeKey(place(one)) === key);
      if (!marker) continue;
      if (!marker._icon) layer.pm.applyLimitFilters({ latlng: marker.getLatLng() });
      marker._icon?.focus({ preventScroll: true });
      this.activate(point);
      return true;
    }
    return false;
  }

  /** Puts the focus on the handle nearest to the middle of the map. */
  focusNearest() {
    const { lat, lng } = this.map.getCenter();
    return this.focusNear([lng, lat]);
  }

  focusNear([lon, lat]) {
    const middle = L.latLng(lat, lon);
    const all = this.layers.flatMap(markersOf).filter((marker) => !marker.leftM);
    const [nearest] = all.sort((a, b) => a.getLatLng().distanceTo(middle) - b.getLatLng().distanceTo(middle));
    return nearest ? this.focus(place(nearest)) : false;
  }

  pressed(event, marker) {
    const step = ARROWS[event.key];
    if (step) {
      const far = event.shiftKey ? LEAP_PX : STEP_PX;
      const from = place(marker);
      const at = this.map.latLngToContainerPoint(marker.getLatLng()).add([step[0] * far, step[1] * far]);
      const { lat, lng } = this.map.containerPointToLatLng(at);
      this.on.drop(from, onGrid([lng, lat]), { byKey: true });
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      this.on.remove(place(marker));
    } else if (event.key === 'Insert' || event.key === '+') {
      this.insertAfter(place(marker));
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** A vertex halfway to the next one of the line, by key. */
  insertAfter(point) {
    const key = placeKey(point);
    for (const line of this.lines) {
      const i = line.findIndex((one) => placeKey(one) === key);
      const [a, b] = i < 0 ? [] : i < line.length - 1 ? [line[i], line[i + 1]] : [line[i - 1], line[i]];
      if (a) {
        this.on.insert(a, b, onGrid([(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]));
        return;
      }
    }
  }

  mayMove(marker) {
    const why = this.inserting?.marker === marker ? null : this.lockOf(place(marker));
    if (why) this.on.refuse(why);
    return !why;
  }

  mayAdd(marker) {
    if (!marker.leftM) return true;
    const why = this.lockOfEdge(place(marker.leftM), place(marker.rightM));
    if (why) this.on.refuse(why);
    return !why;
  }

  /** A handle between two vertices became one: by a click it stays, by a drag it goes on moving. */
  added(layer, marker, latlng) {
    const at = onGrid([latlng.lng, latlng.lat]);
    marker.setLatLng([at[1], at[0]]);
    const row = layer.pm._markers.flat(3);
    const i = row.indexOf(marker);
    const [a, b] = [row[(i + row.length - 1) % row.length], row[(i + 1) % row.length]].map(place);
    this.inserting = { marker, at };
    this.active = at;
    this.later();
    this.on.insert(a, b, at);
  }

  /** Geoman is still at work on the old handles: the new ones come when it is done. */
  later() {
    this.busy = true;
    setTimeout(() => {
      this.busy = false;
      this.inserting = null;
      this.build();
      if (this.active && !this.dragging) this.focus(this.active);
    });
  }

  started(marker) {
    this.dragging = { from: this.inserting?.marker === marker ? this.inserting.at : place(marker) };
    this.inserting = null;
    this.activate(this.dragging.from);
    this.guide.show(this.dragging.from, this.dragging.from);
  }

  dragged(marker) {
    if (!this.dragging) return;
    const to = onGrid(place(marker));
    this.guide.follow(to);
    this.on.drag(this.dragging.from, to);
  }

  dropped(marker) {
    if (!this.dragging) return;
    const { from } = this.dragging;
    const to = onGrid(place(marker));
    const edge = marker._snapped ? this.guide.edgeUnder(to) : null;
    this.dragging = null;
    this.guide.hide();
    this.active = to;
    this.later();
    this.on.drop(from, to, { edge });
  }
}

const place = (marker) => {
  const { lat, lng } = marker.getLatLng();
  return [lng, lat];
};

const markersOf = (layer) => [...new Set([...layer.pm._markerGroup.getLayers(), ...(layer.pm.markerCache || [])])];
