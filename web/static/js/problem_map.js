/** The problem map: one store, and everything that shows it. The Folium shell says when its map is there. */
import { toast } from './dom.js';
import { useTimeZone, dayOf } from './format.js';
import { lang, t } from './i18n.js';
import { addScale } from './map/scale.js';
import { createLocator } from './map/locate.js';
import { createMapView } from './map/view.js';
import { Banner } from './problem_map/banner.js';
import { Camera } from './problem_map/camera.js';
import { CaseActs } from './problem_map/case_acts.js';
import { CasePane } from './problem_map/case.js';
import { Refused, askAreas, askBackdrop, askOptions, askView, superseded } from './problem_map/data.js';
import { emptyList } from './problem_map/empty.js';
import { FilterBar } from './problem_map/filters.js';
import { Hotspots } from './problem_map/hotspots.js';
import { LayersMenu } from './problem_map/layers_menu.js';
import { Legend } from './problem_map/legend.js';
import { FindingList } from './problem_map/list.js';
import { Names } from './problem_map/names.js';
import { PatchCard } from './problem_map/patch_card.js';
import { offerReports } from './problem_map/report_here.js';
import { SavedViews } from './problem_map/saved_views.js';
import { watchSearch } from './problem_map/search.js';
import { Selection } from './problem_map/selection.js';
import { Sheet } from './problem_map/sheet.js';
import { Store, values } from './problem_map/state.js';
import { TimeRange } from './problem_map/time.js';

const SETTLE_MS = 120;
const SLOW_MS = 300;
const POLL_MS = 60_000;

const inlined = (id) => JSON.parse(document.getElementById(id).textContent);
const find = (selector) => document.querySelector(selector);

class ProblemMap {
  constructor(map, config, first) {
    Object.assign(this, { map, config, answer: null, work: find('.work'), settled: Promise.resolve() });
    this.store = new Store(location.search);
    this.names = new Names();
    this.camera = new Camera(map, this.work);
    this.buildPanes();
    this.buildMap();
    this.buildFurniture();
    this.sheet = this.camera.sheet = new Sheet(this.work, () => this.mapView.redraw());
    this.store.subscribe((state, changed, how) => this.follow(state, changed, how));
    const { view } = this.store.state;
    // A link to one finding or one patch goes there, once it is known where that is.
    this.lands = !view && Boolean(this.store.state.finding);
    this.begins = !view && !this.lands && Boolean(this.store.state.filters.area);
    if (view) this.camera.goTo(view);
    else this.camera.showCity(config.city.bounds);
    this.take(first);
    this.selection = new Selection(this);
    this.selection.show();
    this.listen();
    this.refresh();
    this.loadNames();
  }

  buildPanes() {
    const { store, names } = this;
    this.list = new FindingList({ pane: find('#list-pane'), onPick: (row) => this.selection.openFrom(row), onMore: () => this.more() });
    this.bar = new FilterBar(find('#bar'), store, names);
    if (this.config.signed_in) new SavedViews(find('#bar'), store);
    this.case = new CasePane(find('#case-pane'), {
      onClose: () => this.selection.close(), onStep: (step) => this.selection.step(step), onPick: (row) => this.selection.pick(row.id),
      onLoaded: (item) => this.loaded(item), clock: () => this.answer.now, signedIn: Boolean(this.config.signed_in),
    });
    this.acts = new CaseActs(find('#case-pane .acts'), { onDone: () => this.acted() });
    if (this.config.can.report) offerReports(this.map);
    this.banner = new Banner(find('#banner'), { onRetry: () => this.refresh(), onStale: (time) => this.showStale(time) });
    watchSearch(find('#find'), store);
  }

  buildMap() {
    this.mapView = createMapView(this.map, {
      config: this.config, lang, areas: null, backdrop: null,
      onPick: (id) => this.selection.pick(id),
      onPickArea: (code) => this.selection.pickArea(code),
      onBins: (bins) => this.legend?.setBins(bins),
      avoid: () => this.camera.furniture(),
    });
    this.mapView.setShade(this.store.state.shade);
  }

  buildFurniture() {
    const { map, mapView, store, names } = this;
    this.legend = new Legend(find('#legend'), store);
    this.time = new TimeRange(find('#time'), store, { settled: () => this.settled });
    this.hotspots = new Hotspots({
      store, mapView, place: find('.mapbox'), onChange: () => mapView.redraw(),
      onGo: (spot) => this.camera.centre(spot, Math.max(map.getZoom(), spot.zoom)),
    });
    this.layers = new LayersMenu({ segment: find('#basemaps'), buttons: [...document.querySelectorAll('[data-layers]')], basemaps: this.config.basemaps || [], mapView, names, hotspots: this.hotspots, visits: this.config.can.look_back });
    this.card = new PatchCard(find('#patch-card'), { names, store, onClose: () => this.selection.pickArea(null) });
    addScale(map, find('.mapbox'));
    const locator = createLocator(map, { onMessage: toast });
    const actions = { in: () => map.zoomIn(1), out: () => map.zoomOut(1), locate: () => locator.locate(), copy: () => this.copyLink(), closer: () => this.camera.closer(this.case.item) };
    for (const button of document.querySelectorAll('[data-do]')) button.addEventListener('click', actions[button.dataset.do]);
  }

  listen() {
    this.map.on('moveend', () => {
      clearTimeout(this.moveTimer);
      this.moveTimer = setTimeout(() => this.moved(), SETTLE_MS);
    });
    new ResizeObserver(() => this.map.invalidateSize({ pan: false, animate: false })).observe(find('.mapbox'));
    document.addEventListener('bp:theme', () => this.mapView.setTheme());
    document.addEventListener('bp:furniture', () => this.mapView.redraw());
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.store.state.finding && !event.defaultPrevented && !find('dialog[open]') && event.target.type !== 'search') this.selection.close();
    });
    document.addEventListener('visibilitychange', () => this.poll());
    this.poll();
  }

  /** Other people's work appears by itself while somebody looks. */
  poll() {
    clearInterval(this.pollTimer);
    if (!document.hidden) this.pollTimer = setInterval(() => !find('.banner') && !this.time.playing && this.refresh({ quiet: true }), POLL_MS);
  }

  /** Everything that follows from a change of the store. */
  follow(state, changed, how) {
    if (changed.has('filters')) {
      this.bar.render();
      this.legend.render();
      this.time.render();
      document.getElementById('find-text').dispatchEvent(new CustomEvent('bp:set', { detail: state.filters.q }));
      this.focusArea({ fit: how === 'push' });
    }
    if (changed.has('shade')) {
      this.mapView.setShade(state.shade);
      this.legend.render();
    }
    if (changed.has('finding')) this.selection.show();
    if (changed.has('view') && how === 'back') this.camera.goTo(state.view);
    if (changed.has('filters')) this.hotspots.load();
    if (changed.has('filters') || changed.has('finding')) this.refresh();
  }

  /** The whole case is there: it is drawn, and says what may be done with it. */
  loaded(item) {
    this.selection.draw(item);
    this.acts.show(item);
    this.list.seen(item.id);
  }

  /** Somebody acted on the open case: it, the map and the list show what came of it. */
  acted() {
    const { finding } = this.store.state;
    if (finding) this.case.open(finding);
    this.refresh();
  }

  /** One filtered area is outlined, and the map goes there when it was chosen just now. */
  focusArea({ fit }) {
    const [code, ...others] = values(this.store.state.filters.area);
    if (code === this.outlined && !others.length) return;
    this.outlined = others.length ? null : code || null;
    this.mapView.focusArea(this.outlined, { fit: fit && Boolean(this.outlined) });
  }

  moved() {
    const { lat, lng: lon } = this.map.getCenter();
    this.store.set({ view: { lat: Number(lat.toFixed(5)), lon: Number(lon.toFixed(5)), zoom: this.map.getZoom() } }, 'replace');
    this.refresh();
  }

  refresh(options = {}) {
    this.settled = this.load(options);
    return this.settled;
  }

  async load({ quiet = false }) {
    const { filters, finding } = this.store.state;
    this.loading = (this.loading || 0) + 1;
    const mine = this.loading;
    const slow = quiet ? 0 : setTimeout(() => this.showBusy(true), SLOW_MS);
    try {
      this.take(await askView(filters, this.camera.frame, finding), { quiet });
    } catch (error) {
      if (!superseded(error)) this.refuse(error);
    } finally {
      clearTimeout(slow);
      if (mine === this.loading) this.showBusy(false);
    }
  }

  refuse(error) {
    if (error instanceof Refused) this.banner.refused(error.message, () => this.store.clear());
    else this.banner.unreachable();
  }

  showBusy(on) {
    document.body.classList.toggle('is-loading', on);
    this.mapView.busy(on);
  }

  showStale(time) {
    this.work.classList.toggle('stale', Boolean(time));
    if (time) this.list.stale(time);
  }

  /** Shows an answer everywhere. */
  take(answer, { quiet = false } = {}) {
    const same = quiet && this.answer?.revision === answer.revision && this.list.rows.length > answer.rows.length;
    this.answer = answer;
    this.banner.succeed(answer.now);
    this.bar.setFacets(answer.facets, dayOf(answer.now));
    this.time.setDays(answer.days, dayOf(answer.now));
    this.layers.total = answer.total;
    this.mapView.setView(answer);
    if (same) this.list.tick(answer.now);
    else this.list.show(answer, { empty: answer.rows.length ? null : this.blank(answer) });
    this.list.mark(this.store.state.finding);
    this.selection?.markSteps();
    if (this.card.code) this.card.show(this.card.code, answer.shade);
  }

  blank(answer) {
    const onWhole = () => this.camera.showCity(this.config.city.bounds);
    return emptyList(answer, { store: this.store, bar: this.bar, names: this.names, frame: this.camera.frame, onWhole });
  }

  async more() {
    try {
      this.list.append(await askView(this.store.state.filters, this.camera.frame, this.store.state.finding, { after: this.list.next }, 'more'));
      this.selection.markSteps();
    } catch (error) {
      if (!superseded(error)) this.refuse(error);
    }
  }

  /** Names, polygons and streets come after the first view. What does not come is missed, not fatal. */
  loadNames() {
    const load = (question, take) => question().then((answer) => {
      take(answer);
      this.bar.render();
    }, () => {});
    load(askAreas, (areas) => {
      this.names.takeAreas(areas);
      this.mapView.setAreas(areas);
      this.focusArea({ fit: this.begins });
      this.begins = false;
      if (this.answer && !this.answer.rows.length) this.take(this.answer);
    });
    load(askBackdrop, (backdrop) => this.mapView.setBackdrop(backdrop));
    load(askOptions, (options) => this.names.takeOptions(options));
  }

  async copyLink() {
    try {
      await navigator.clipboard.writeText(location.href);
      toast(t('The link to this view is copied'));
    } catch {
      toast(t('The browser did not let us copy; the address bar has the link'));
    }
  }
}

function start() {
  const config = inlined('bp-config');
  useTimeZone(config.city.timezone);
  window.BP.page = new ProblemMap(window.BP.map, config, inlined('bp-first'));
}

if (window.BP?.map) start();
else document.addEventListener('bp:map', start, { once: true });
