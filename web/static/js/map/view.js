/** The map of the problem page: ground, names, findings, selection, kept in step with what the server says. */
import { t } from '../i18n.js';
import { BasePainter } from './base.js';
import { Basemap } from './basemap.js';
import { shadeBins } from './bins.js';
import { isHidden, layerBoxes, ownFurniture } from './clearance.js';
import { LabelPainter } from './labels.js';
import { Callout, Hover } from './overlay.js';
import { paintHotspots } from './hotspots.js';
import { CanvasPane, createPane } from './pane.js';
import { watchPointer } from './pointer.js';
import { Points } from './points.js';
import { Scene } from './scene.js';
import { forgetTheme, reducedMotion } from './theme.js';

const PANES = { base: ['bp-base', 250], hot: ['bp-hot', 410], labels: ['bp-labels', 420], points: ['bp-points', 430], overlay: ['bp-overlay', 640] };
const LAYERS = { points: true, shade: true, borders: true, subdistricts: false, labels: true, streets: true };

export { binLabels, shadeBins } from './bins.js';

/**
 * Draws the problem map into a Leaflet map.
 * @param {L.Map} map made by the Folium shell: zoomSnap .25, no zoom or attribution control
 * @param {object} options
 * @param {object|null} options.areas /map/areas.json, may come later through `setAreas`
 * @param {object|null} options.backdrop /map/backdrop.json, may come later through `setBackdrop`
 * @param {object} options.config the page's `bp-config` (city.bounds, basemaps)
 * @param {'zh'|'en'} options.lang
 * @param {(id: number) => void} options.onPick a finding was clicked
 * @param {(bounds: L.LatLngBounds, n: number) => boolean|void} options.onPickCluster a donut was clicked;
 *   return true to keep the map from zooming to its members
 * @param {(code: string|null) => void} options.onPickArea the ground was clicked: patch code or null
 * @param {(bins: number[]) => void} options.onBins the shade steps changed
 * @param {() => DOMRect[]} options.avoid client boxes of controls over the map
 * @param {?number[]} options.steps upper ends of the shade steps where they do not follow the counts
 */
export function createMapView(map, options) {
  return new MapView(map, options);
}

class MapView {
  constructor(map, { areas = null, backdrop = null, config = {}, lang = 'en', avoid = () => [], steps = null, ...callbacks }) {
    Object.assign(this, { map, areas, backdrop, config, lang, avoid, steps, callbacks });
    this.layers = { ...LAYERS };
    this.shadeKind = 'open';
    this.bins = steps || shadeBins([]);
    this.counts = new Map();
    this.shadeData = {};
    this.focused = null;
    this.points = new Points();
    if (reducedMotion()) {
      map._zoomAnimated = false;
      map.options.inertia = false;
    }
    this.basemap = new Basemap(map, config.basemaps);
    this.prepareContainer();
    this.buildPanes();
    this.rebuild();
    map.on('resize', this.redraw, this);
    // Chinese fonts may come after the first frame; names measured before would be cut.
    if (document.fonts) document.fonts.ready.then(() => this.redraw());
  }

  prepareContainer() {
    const container = this.map.getContainer();
    container.classList.add('bp-map');
    container.setAttribute('role', 'region');
    container.setAttribute('aria-label', t('Problem map; the list has the same content'));
    if (this.map.keyboard) this.map.keyboard.enable();
    container.tabIndex = 0;
  }

  buildPanes() {
    const { map } = this;
    Object.values(PANES).forEach(([name, zIndex]) => createPane(map, name, zIndex));
    const pane = ([name], padding, live, paint) => new CanvasPane({ pane: name, padding, live, paint }).addTo(map);
    this.callout = new Callout(map, PANES.overlay[0]);
    this.hover = new Hover(map, PANES.overlay[0]);
    this.scene = this.newScene();
    this.base = pane(PANES.base, 0.15, true, (ctx, view) => new BasePainter(ctx, view, this.scene, this.look()).paint());
    this.hot = pane(PANES.hot, 0.1, true, (ctx, view) => paintHotspots(ctx, view, this.hotCells));
    this.labels = pane(PANES.labels, 0, false, (ctx, view) => new LabelPainter(ctx, view, this.scene, this.labelLook()).paint());
    this.symbols = pane(PANES.points, 0.1, true, (ctx, view) => {
      if (this.layers.points) this.points.paint(ctx, view, this.lang);
    });
    this.pointer = watchPointer(map, {
      points: this.points, hover: this.hover, lang: this.lang,
      active: () => this.layers.points,
      onPoint: (item) => this.call('onPick', item.id),
      onCluster: (item) => this.openCluster(item),
      onGround: ({ lng, lat }) => {
        const patch = this.scene.patchAt(lng, lat);
        this.call('onPickArea', patch ? patch.code : null);
      },
    });
  }

  call(name, ...values) {
    return this.callbacks[name] ? this.callbacks[name](...values) : undefined;
  }

  newScene() {
    const { bounds } = (this.config.city || {});
    const middle = bounds ? L.latLngBounds(bounds).getCenter() : this.map.getCenter();
    return new Scene(this.map, this.areas, this.backdrop, [middle.lng, middle.lat]);
  }

  /** Projects everything anew: other data or another CRS. */
  rebuild() {
    this.scene = this.newScene();
    this.countShade();
    this.redraw();
  }

  look() {
    const { layers, bins, counts, basemap } = this;
    return { layers, bins, counts, tiles: basemap.tiles, highlights: this.highlights() };
  }

  labelLook() {
    return { ...this.look(), lang: this.lang, obstacles: this.obstacles() };
  }

  /** Codes of the areas drawn as selected: the patch of the selected finding, and the focused area. */
  highlights() {
    const { selected } = this.points;
    const codes = new Set();
    if (this.focused) codes.add(this.focused);
    if (selected) {
      const patch = selected.patch === undefined ? this.scene.patchAt(selected.lon, selected.lat) : { code: selected.patch };
      if (patch && patch.code) codes.add(patch.code);
    }
    return [...codes];
  }

  /** Boxes in layer points that labels keep clear of: symbols, controls, the callout. */
  obstacles() {
    const { map, layers, points } = this;
    const boxes = layerBoxes(map, [...this.avoid(), ...ownFurniture(map), this.callout.rect()]);
    return layers.points ? boxes.concat(points.boxes(map)) : boxes;
  }

  /** Counts per patch for the shade that is shown. Returns whether anything changed. */
  countShade() {
    const column = this.shadeKind === 'over' ? 1 : 0;
    const counts = new Map(Object.entries(this.shadeData).map(([code, pair]) => [code, pair[column]]));
    const bins = this.steps || shadeBins([...counts.values()]);
    const moved = bins.join() !== this.bins.join();
    const same = !moved && counts.size === this.counts.size && [...counts].every(([code, n]) => this.counts.get(code) === n);
    this.bins = bins;
    this.counts = counts;
    if (moved) this.call('onBins', bins);
    return !same;
  }

  openCluster({ bounds, n }) {
    if (this.call('onPickCluster', bounds, n)) return;
    const { map } = this;
    const zoom = Math.min(map.getMaxZoom(), Math.max(map.getZoom() + 1, map.getBoundsZoom(bounds, false, L.point(80, 80))));
    map.setView(bounds.getCenter(), Math.min(zoom, map.getZoom() + 4), { animate: !reducedMotion() });
  }

  /** Shows the findings, donuts and shade of a /map/view answer. */
  setView({ points, clusters, shade }) {
    this.pointer.forget();
    this.points.read({ points, clusters }, this.map);
    if (shade) this.shadeData = shade;
    // The ground is the dear part: it is drawn again only when its shade is another.
    if (this.countShade()) this.base.redraw();
    this.symbols.redraw();
    this.labels.redraw();
  }

  /** @param {Array|null} cells the fields of a /map/hotspots answer, or none */
  setHotspots(cells) {
    this.hotCells = cells;
    this.hot.redraw();
  }

  setAreas(areas) {
    this.areas = areas;
    this.rebuild();
  }

  setBackdrop(backdrop) {
    this.backdrop = backdrop;
    this.rebuild();
  }

  /**
   * Selects a finding, or none with null. The map pans only when it would be hidden.
   * @param {{id: number, lon: number, lat: number, label?: string, s?: string, patch?: string|null}|null} finding
   *   `patch` is the code of the responsible patch when known; otherwise the patch around the place is outlined
   */
  select(finding) {
    this.points.selected = finding;
    this.callout.set(finding);
    const latlng = finding && L.latLng(finding.lat, finding.lon);
    if (latlng && isHidden(this.map, latlng, this.avoid())) this.map.panTo(latlng, { animate: !reducedMotion() });
    this.redraw();
  }

  /** @param {'open'|'over'} kind what the patch shade counts */
  setShade(kind) {
    this.shadeKind = kind;
    this.countShade();
    this.redraw();
  }

  /** @param {object} layers any of points, shade, borders, subdistricts, labels, streets, true or false */
  setLayers(layers) {
    Object.assign(this.layers, layers);
    this.pointer.forget();
    this.redraw();
  }

  /** Outlines an area (null: none); with `fit` the map goes there. */
  focusArea(code, { fit = false } = {}) {
    this.focused = code;
    const bounds = fit && code ? this.scene.boundsOf(code) : null;
    if (bounds) this.map.fitBounds(bounds, { padding: [60, 60], animate: !reducedMotion() });
    this.redraw();
  }

  /** @param {string} key one of config.basemaps; 'none' is the schematic map */
  setBasemap(key) {
    const moved = this.basemap.set(key);
    this.map.getContainer().classList.toggle('bp-has-tiles', this.basemap.tiles);
    if (moved) this.rebuild();
    else this.redraw();
  }

  /** Draws anew in the page's theme. */
  setTheme() {
    forgetTheme();
    this.redraw();
  }

  /** Keeps the old content at 60 % while an answer is awaited; the caller says when that has taken long. */
  busy(on) {
    this.map.getContainer().classList.toggle('bp-busy', on);
  }

  redraw() {
    this.base.redraw();
    this.hot.redraw();
    this.symbols.redraw();
    this.labels.redraw();
  }

}
