/** The map of a plan: ground and names, rounds, stops; its pointer, its modes for picking a place or a finding. */
import { h, memory } from '../dom.js';
import { lang, local, t } from '../i18n.js';
import { BasePainter } from '../map/base.js';
import { Basemap } from '../map/basemap.js';
import { isHidden, layerBoxes, ownFurniture } from '../map/clearance.js';
import { LabelPainter } from '../map/labels.js';
import { Callout, Hover } from '../map/overlay.js';
import { CanvasPane, createPane } from '../map/pane.js';
import { Points } from '../map/points.js';
import { addScale } from '../map/scale.js';
import { Scene } from '../map/scene.js';
import { coarsePointer, forgetTheme, reducedMotion } from '../map/theme.js';
import { statusWord } from '../symbols.js';
import { lookOf } from './plan_look.js';
import { RoundsPainter } from './plan_painter.js';
import { clock, personName, stopName } from './plan_words.js';

const PANES = { base: ['bp-base', 250], rounds: ['bp-rounds', 410], labels: ['bp-labels', 420], points: ['bp-points', 430], overlay: ['bp-overlay', 640] };
const LAYERS = { borders: true, labels: true, streets: true, shade: true, subdistricts: false };
const REACH_PX = 22;

export class PlanMap {
  /** @param {L.Map} map @param {{store, config, avoid: () => DOMRect[], onStop: (id: number|null) => void}} parts */
  constructor(map, { store, config, avoid, onStop }) {
    Object.assign(this, { map, store, config, avoid, onStop, areas: null, backdrop: null, marks: [], mode: null });
    this.layers = { ...LAYERS };
    this.open = new Points();
    if (reducedMotion()) map._zoomAnimated = false;
    this.basemap = new Basemap(map, config.basemaps);
    this.prepare();
    this.buildPanes();
    addScale(map);
    this.listen();
    const wanted = memory.get('bp-basemap', 'none');
    if (config.basemaps.some(({ key }) => key === wanted)) this.setBasemap(wanted);
    this.fit();
  }

  prepare() {
    const container = this.map.getContainer();
    container.classList.add('bp-map');
    container.setAttribute('role', 'region');
    container.setAttribute('aria-label', t('Rounds on the map; list and timetable have the same stops'));
    container.tabIndex = 0;
    this.map.keyboard?.enable();
  }

  buildPanes() {
    const { map } = this;
    Object.values(PANES).forEach(([name, zIndex]) => createPane(map, name, zIndex));
    const pane = ([name], padding, live, paint) => new CanvasPane({ pane: name, padding, live, paint }).addTo(map);
    this.scene = this.newScene();
    this.callout = new Callout(map, PANES.overlay[0]);
    this.ring = new Hover(map, PANES.overlay[0]);
    this.base = pane(PANES.base, 0.15, true, (ctx, view) => new BasePainter(ctx, view, this.scene, this.groundLook()).paint());
    this.rounds = pane(PANES.rounds, 0.1, true, (ctx, view) => new RoundsPainter(ctx, view, this.roundsLook()).paintLines());
    this.labels = pane(PANES.labels, 0, false, (ctx, view) => new LabelPainter(ctx, view, this.scene, this.labelLook()).paint());
    this.symbols = pane(PANES.points, 0.1, true, (ctx, view) => {
      this.marks = new RoundsPainter(ctx, view, this.roundsLook()).paintStops();
      if (this.mode === 'finding') this.open.paint(ctx, view, lang);
    });
  }

  listen() {
    const { map, store } = this;
    for (const kind of ['plan', 'day', 'solving']) store.addEventListener(kind, () => this.redraw());
    store.addEventListener('select', () => this.showSelected());
    store.addEventListener('hover', () => this.showHovered());
    document.addEventListener('bp:theme', () => {
      forgetTheme();
      this.redraw();
    });
    map.on('resize', this.redraw, this);
    map.on('mousemove', ({ layerPoint }) => !coarsePointer() && !this.mode && store.hover(this.hit(layerPoint)?.id ?? null));
    map.on('mouseout movestart', () => !this.mode && store.hover(null));
    map.on('click', (event) => this.clicked(event));
    document.fonts?.ready.then(() => this.redraw());
    new ResizeObserver(() => map.invalidateSize({ pan: false, animate: false })).observe(map.getContainer());
  }

  newScene() {
    const middle = L.latLngBounds(this.config.city.bounds).getCenter();
    return new Scene(this.map, this.areas, this.backdrop, [middle.lng, middle.lat]);
  }

  setGround({ areas = this.areas, backdrop = this.backdrop }) {
    Object.assign(this, { areas, backdrop });
    this.scene = this.newScene();
    this.redraw();
  }

  setBasemap(key) {
    const moved = this.basemap.set(key);
    this.map.getContainer().classList.toggle('bp-has-tiles', this.basemap.tiles);
    if (moved) this.scene = this.newScene();
    this.redraw();
  }

  setLayers(layers) {
    Object.assign(this.layers, layers);
    this.redraw();
  }

  /** Patches with stops are a shade darker: more would drown the rounds. */
  groundLook() {
    const codes = this.store.shown.stops.map((stop) => stop.area?.code).filter(Boolean);
    return { layers: this.layers, tiles: this.basemap.tiles, highlights: [], bins: [0, Infinity], counts: new Map(codes.map((code) => [code, 1])) };
  }

  labelLook() {
    const { map } = this;
    const boxes = layerBoxes(map, [...this.avoid(), ...ownFurniture(map), this.callout.rect()]);
    const marks = this.marks.map(({ x, y, r }) => [x - r - 2, y - r - 2, x + r + 2, y + r + 2]);
    return { ...this.groundLook(), lang, obstacles: [...boxes, ...marks] };
  }

  roundsLook() {
    const { store } = this;
    const { shown, day, best } = store;
    const rounds = best ? this.bestRounds(best) : shown.roundsOf(day).filter((round) => round.stops.length);
    const number = (person, stop, i) => ({
      id: stop.id, person: person.id, n: i + 1, at: [stop.lon, stop.lat], look: lookOf(person.line), key: stop.finding?.key,
      lock: stop.lock, done: stop.state === 'done',
    });
    const stops = rounds.flatMap((round) => round.stops.map((stop, i) => number(round.person, stop, i)));
    const inRound = new Set(stops.map((stop) => stop.id));
    const left = best ? shown.stops.filter((stop) => stop.state !== 'skipped' && !inRound.has(stop.id)) : shown.unserved;
    const focused = store.roundOnly ?? (store.selected ? shown.stop(store.selected)?.inspector : null);
    return {
      lines: rounds.map((round) => ({ person: round.person.id, look: lookOf(round.person.line), path: round.path.flat() })),
      stops: [...stops, ...left.map((stop) => ({ id: stop.id, person: null, n: 0, at: [stop.lon, stop.lat], key: stop.finding?.key, lock: '' }))],
      ends: this.ends(shown, day), strong: (person) => focused === null || focused === undefined || person === focused,
      crowd: stops.length, picked: store.selected, draft: Boolean(best) && !store.trial,
    };
  }

  bestRounds(best) {
    const { shown, day } = this.store;
    return best.rounds.filter((round) => round.day === day && shown.person(round.inspector)).map((round) => ({
      person: shown.person(round.inspector), path: [round.path], stops: round.stops.map((id) => shown.stop(id)).filter(Boolean),
    }));
  }

  /** Starts and ends, one mark for all who share a place. */
  ends(plan, day) {
    const places = new Map();
    const add = (kind, at, person) => {
      const key = `${kind}/${at.map((v) => v.toFixed(5)).join()}`;
      const place = places.get(key) || { kind, at, letters: '' };
      place.letters += lookOf(person.line).letter;
      places.set(key, place);
    };
    const crew = plan.crew(day);
    for (const person of crew) {
      add('start', person.start, person);
      if (person.end && person.end.some((v, i) => Math.abs(v - person.start[i]) > 1e-6)) add('end', person.end, person);
    }
    const all = places.size === 1;
    return [...places.values()].map((place) => ({ ...place, letters: all ? '' : place.letters }));
  }

  hit(point) {
    const reach = coarsePointer() ? REACH_PX : 0;
    let best = null;
    let least = Infinity;
    for (const mark of this.marks) {
      const distance = Math.hypot(mark.x - point.x, mark.y - point.y);
      if (distance <= Math.max(reach, mark.r + 4) && distance < least) [best, least] = [mark, distance];
    }
    return best;
  }

  clicked({ layerPoint, latlng }) {
    if (this.mode === 'place') {
      this.picked?.({ lon: latlng.lng, lat: latlng.lat });
    } else if (this.mode === 'finding') {
      const item = this.open.hit(layerPoint);
      if (!item) return;
      if (item.radius) this.map.fitBounds(item.bounds, { padding: [60, 60], maxZoom: this.map.getZoom() + 3 });
      else this.picked?.(item);
    } else {
      const found = this.hit(layerPoint);
      this.onStop(found ? found.id : null);
    }
  }

  /**
   * The next click picks a place (`place`: {lon, lat}) or an open finding (`finding`); null ends it.
   * @param {?string} mode @param {(picked: object) => void} picked
   */
  pick(mode, picked = null) {
    Object.assign(this, { mode, picked });
    this.map.getContainer().classList.toggle('is-picking', Boolean(mode));
    this.store.hover(null);
    this.symbols.redraw();
  }

  /** Findings to pick from, as /map/view answers them. */
  setOpen(view) {
    this.open.read(view, this.map);
    this.symbols.redraw();
  }

  /** Words over a mark: letter and number, time, name. */
  words(stop) {
    const person = stop.inspector === null ? null : this.store.shown.person(stop.inspector);
    const place = person ? `${lookOf(person.line).letter}${stop.position + 1} · ${clock(stop.start_s)}` : t('not served');
    const status = stop.finding ? ` · ${statusWord(stop.finding.key)}` : '';
    return `${place} · ${stopName(stop)}${status}`;
  }

  showHovered() {
    const { store, map } = this;
    const stop = store.hovered === null ? null : store.shown.stop(store.hovered);
    const mark = stop && this.marks.find((one) => one.id === stop.id);
    if (mark) this.ring.set(map.layerPointToLatLng([mark.x, mark.y]), mark.r + 5, stop.id === store.selected ? '' : this.words(stop));
    else this.ring.hide();
    this.rounds.redraw();
    this.symbols.redraw();
  }

  showSelected() {
    const { store, map } = this;
    const stop = store.selected === null ? null : store.shown.stop(store.selected);
    const mark = stop && this.marks.find((one) => one.id === stop.id);
    this.callout.set(stop ? { lon: stop.lon, lat: stop.lat, label: this.words(stop) } : null);
    if (stop) {
      const latlng = mark ? map.layerPointToLatLng([mark.x, mark.y]) : L.latLng(stop.lat, stop.lon);
      if (isHidden(map, latlng, this.avoid())) map.panTo(latlng, { animate: !reducedMotion() });
    }
    this.redraw();
  }

  /** Everything of the day in view. */
  fit(person = null) {
    const { shown, day } = this.store;
    const crew = shown.crew(day).filter((one) => person === null || one.id === person);
    const served = shown.served.filter((stop) => stop.day === day && (person === null || stop.inspector === person));
    // One place far out that nobody goes to must not make all others small.
    const stops = served.length || person !== null ? served : shown.unserved;
    const points = [...crew.map((one) => one.start), ...stops.map((stop) => [stop.lon, stop.lat])];
    if (!points.length) return this.map.fitBounds(this.config.city.bounds, { animate: false });
    const low = document.body.classList.contains('is-phone') ? 260 : 40;
    return this.map.fitBounds(L.latLngBounds(points.map(([lon, lat]) => [lat, lon])), {
      paddingTopLeft: [36, 64], paddingBottomRight: [60, low], maxZoom: 16, animate: !reducedMotion(),
    });
  }

  redraw() {
    this.base.redraw();
    this.rounds.redraw();
    this.symbols.redraw();
    this.labels.redraw();
  }

  /** Words for what the marks mean. */
  legend() {
    const row = (mark, words) => h('li', {}, h('i', { class: `rt-key ${mark}` }), words);
    return h('ul', {}, row('k-start', t('start')), row('k-none', t('not served')), row('k-lock', t('agreed, stays')), row('k-done', t('seen already')));
  }
}

/** Names of people for the legend over the map. */
export const legendNames = (plan, day) => plan.crew(day).map((person) => [person, personName(person), local([person.zh, person.en])]);
