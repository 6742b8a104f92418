/** The map of the drawing page: ground, names, the draft's changes, findings that move, flags; one painter each. */
import { t } from '../i18n.js';
import { Basemap } from '../map/basemap.js';
import { isHidden, layerBoxes, ownFurniture } from '../map/clearance.js';
import { LabelPainter } from '../map/labels.js';
import { feature } from '../map/frame.js';
import { CanvasPane, createPane } from '../map/pane.js';
import { forgetTheme, reducedMotion } from '../map/theme.js';
import { Around } from './around.js';
import { ChangedLines } from './changes.js';
import { Flags } from './flags.js';
import { placeKey, ringsOf } from './geometry.js';
import { MovedPoints } from './moved_points.js';
import { OverlayPainter, drawable } from './overlay.js';
import { EditScene, Features, GroundPainter } from './scene.js';
import { isOfGround } from './words.js';

const PANES = { base: ['bp-base', 250], edit: ['bp-edit', 410], labels: ['bp-labels', 420], points: ['bp-points', 430], flags: ['bp-flags', 640] };
const LAYERS = { points: true, borders: true, subdistricts: false, labels: true, streets: true, changes: true };

export class EditorView {
  /**
   * @param {L.Map} map
   * @param {{coverage, config, lang, avoid: () => DOMRect[]}} parts
   */
  constructor(map, { coverage, config, lang, avoid }) {
    Object.assign(this, { map, coverage, config, lang, avoid });
    this.layers = { ...LAYERS };
    this.level = null;
    this.tinted = [];
    this.border = null;
    this.problems = [];
    this.proposal = null;
    this.live = new Map();
    this.vertices = [];
    this.features = new Features();
    this.lines = new ChangedLines();
    this.points = new MovedPoints();
    if (reducedMotion()) map._zoomAnimated = false;
    this.basemap = new Basemap(map, config.basemaps);
    this.prepare();
    this.buildPanes();
    document.fonts?.ready.then(() => this.redraw());
  }

  prepare() {
    const container = this.map.getContainer();
    container.classList.add('bp-map');
    container.setAttribute('role', 'application');
    container.setAttribute('aria-label', t('Map for drawing; the keys button lists what the keyboard does'));
    container.tabIndex = 0;
    this.map.keyboard?.enable();
  }

  buildPanes() {
    const { map } = this;
    Object.values(PANES).forEach(([name, zIndex]) => createPane(map, name, zIndex));
    this.flags = new Flags(map, PANES.flags[0]);
    this.notes = new Flags(map, PANES.flags[0]);
    this.scene = this.newScene();
    const pane = ([name], padding, live, paint) => new CanvasPane({ pane: name, padding, live, paint }).addTo(map);
    this.base = pane(PANES.base, 0.15, true, (ctx, view) => new GroundPainter(ctx, view, this.scene, this.look()).paint());
    this.around = new Around(map, () => this.edit.redraw());
    this.edit = pane(PANES.edit, 0.1, true, (ctx, view) => {
      if (this.layers.points) this.around.paint(ctx, this.points.places);
      new OverlayPainter(ctx, view, this.overlayLook()).paint();
    });
    this.labels = pane(PANES.labels, 0, false, (ctx, view) => new LabelPainter(ctx, view, this.scene, this.labelLook()).paint());
    this.symbols = pane(PANES.points, 0.1, true, (ctx, view) => this.layers.points && this.points.paint(ctx, view));
    map.on('resize', this.redraw, this);
  }

  areasToDraw() {
    return { levels: this.coverage.levels, areas: this.coverage.list(), patch_level: this.level, features: this.features };
  }

  newScene() {
    const middle = L.latLngBounds(this.config.city.bounds).getCenter();
    return new EditScene(this.map, this.areasToDraw(), this.backdrop, [middle.lng, middle.lat]);
  }

  setBackdrop(backdrop) {
    this.backdrop = backdrop;
    this.scene = this.newScene();
    this.redraw();
  }

  /** Takes another coverage: the draft was loaded anew. */
  setCoverage(coverage) {
    this.coverage = coverage;
    this.refresh();
  }

  /** Areas have other shapes or names: their features are made anew, everything else stays. */
  refresh() {
    this.scene.readAreas(this.areasToDraw());
    this.redraw();
  }

  setLevel(code) {
    this.level = code;
    this.refresh();
  }

  look() {
    const { layers, basemap, tinted } = this;
    return { layers, tiles: basemap.tiles, tinted, bins: [0, 3, 6, 10], counts: new Map(), highlights: tinted.slice(0, 1) };
  }

  labelLook() {
    const { map } = this;
    const rects = [...this.avoid(), ...ownFurniture(map), ...this.flags.rects(), ...this.notes.rects()];
    return { ...this.look(), lang: this.lang, obstacles: layerBoxes(map, rects) };
  }

  /** The shape of an area at this moment: as it is dragged, else as it is. */
  partsNow(area) {
    return this.live.get(area.key) || area.parts;
  }

  overlayLook() {
    const { scene, features, coverage } = this;
    const { frame } = scene;
    const shape = (parts) => (parts?.length ? features.shape(frame, parts) : null);
    const now = (area) => (this.live.has(area.key) ? { ...area, parts: this.live.get(area.key) } : area);
    const changed = this.layers.changes ? [...coverage.areas.values()].filter((area) => area.editable).map(now).filter((area) => coverage.isChanged(area)) : [];
    const selected = this.tinted[0] && coverage.get(this.tinted[0]);
    const lines = this.borderNow();
    const border = lines.length ? feature(frame, lines, false) : null;
    return {
      frame, border, crosses: this.crosses,
      changed: changed.map((area) => ({ shape: area.removed ? null : shape(area.parts), was: shape(area.was), lines: this.lines.of(frame, area) })),
      selected: selected && !selected.removed ? shape(this.partsNow(selected)) : null,
      problems: this.problems.filter(isOfGround).map((problem) => ({ shape: this.problemShape(problem), blocking: problem.blocking })),
      proposal: this.proposal && { added: this.shapes(this.proposal.added), removed: this.shapes(this.proposal.removed) },
      vertices: this.vertices,
    };
  }

  /** The lines of the edited border; while a corner is dragged, without the two edges that go with it. */
  borderNow() {
    const lines = this.border || [];
    if (!this.from || !this.live.size) return lines;
    const key = placeKey(this.from);
    return lines.flatMap((line) => {
      const i = line.findIndex((point) => placeKey(point) === key);
      return i < 0 ? [line] : [line.slice(0, i), line.slice(i + 1)].filter((piece) => piece.length > 1);
    });
  }

  shapes(geometries) {
    return geometries.map((geometry) => drawable(this.scene.frame, geometry)).filter(Boolean);
  }

  problemShape(problem) {
    if (problem.drawn?.frame !== this.scene.frame) problem.drawn = { frame: this.scene.frame, shape: drawable(this.scene.frame, problem.geometry) };
    return problem.drawn.shape;
  }

  /** While a vertex is dragged: shapes that are shown in place of the areas' own. Only the overlay is painted. */
  setLive(changes, { crosses = false, from = null } = {}) {
    Object.assign(this, { live: changes, crosses, from });
    this.edit.redraw();
  }

  /** @param {string[]} keys the edited area, then its neighbour @param {?Array} border lines of the border that is edited */
  select(keys, border = null) {
    this.tinted = keys;
    this.border = border;
    this.redraw();
  }

  setProblems(problems) {
    this.problems = problems;
    this.edit.redraw();
  }

  /** @param {?{added: Array, removed: Array}} proposal GeoJSON geometries */
  setProposal(proposal) {
    this.proposal = proposal;
    this.edit.redraw();
  }

  setVertices(points) {
    this.vertices = points;
    this.edit.redraw();
  }

  setPreview(findings, points) {
    this.points.read(findings, points);
    this.symbols.redraw();
  }

  setLayers(layers) {
    Object.assign(this.layers, layers);
    this.redraw();
  }

  setBasemap(key) {
    const moved = this.basemap.set(key);
    this.map.getContainer().classList.toggle('bp-has-tiles', this.basemap.tiles);
    if (moved) this.scene = this.newScene();
    this.redraw();
  }

  setTheme() {
    forgetTheme();
    this.redraw();
  }

  /** Goes to a box of degrees. */
  goTo([west, south, east, north], { closest = 18 } = {}) {
    const bounds = L.latLngBounds([south, west], [north, east]);
    const { left, top, right, bottom } = this.margins();
    this.map.fitBounds(bounds, { paddingTopLeft: [left, top], paddingBottomRight: [right, bottom], maxZoom: closest, animate: !reducedMotion() });
  }

  /** Room that the controls take. */
  margins() {
    const sheet = parseFloat(getComputedStyle(this.map.getContainer()).getPropertyValue('--sheet'));
    const phone = matchMedia('(max-width: 899.98px)').matches;
    return { left: 40, top: 72, right: 56, bottom: phone && sheet ? sheet + 24 : 64 };
  }

  /** Goes to a place when it cannot be seen. */
  reveal([lon, lat]) {
    if (isHidden(this.map, L.latLng(lat, lon), this.avoid())) this.map.panTo([lat, lon], { animate: !reducedMotion() });
  }

  /** Box of an area, west, south, east, north. */
  boxOf(key) {
    const area = this.coverage.get(key);
    return area?.box && ringsOf(area.parts).length ? area.box : null;
  }

  redraw() {
    for (const pane of [this.base, this.edit, this.labels, this.symbols]) pane.redraw();
  }
}
