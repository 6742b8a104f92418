/** The map beside the form: what the plan would see, where people begin, and clicks that set places. */
import { h, icon, svg } from '../../dom.js';
import { lang, local, t } from '../../i18n.js';
import { followButtons, followPage } from '../../map/following.js';
import { CanvasPane, createPane } from '../../map/pane.js';
import { addScale } from '../../map/scale.js';
import { theme } from '../../map/theme.js';
import { createMapView } from '../../map/view.js';
import { askAreas, askBackdrop } from '../../problem_map/data.js';
import { sym } from '../../symbols.js';

const PANE = 'bp-chosen';
const find = (selector) => document.querySelector(selector);

const marker = (at, html, className, size, more = {}) => L.marker([at[1], at[0]], {
  icon: L.divIcon({ className, html, iconSize: size, iconAnchor: [size[0] / 2, size[1] / 2] }), keyboard: false, ...more,
});

export class PlanMap {
  /** @param {L.Map} map @param {{config: object, onAreas: (areas: object) => void}} parts */
  constructor(map, { config, onAreas }) {
    Object.assign(this, { map, config, chosen: [], asking: null, people: [] });
    this.view = createMapView(map, { config, lang, areas: null, backdrop: null, avoid: () => this.furniture() });
    map.getContainer().setAttribute('aria-label', t('What would be seen; the form has the same content'));
    this.view.setLayers({ shade: false });
    if (config.basemaps.length > 1) this.view.setBasemap(config.basemaps[1].key);
    createPane(map, PANE, 330);
    this.canvas = new CanvasPane({ pane: PANE, padding: 0.15, live: true, paint: (ctx) => this.paintChosen(ctx) }).addTo(map);
    this.placeLayer = L.layerGroup().addTo(map);
    this.previewLayer = L.layerGroup().addTo(map);
    this.peopleLayer = L.layerGroup().addTo(map);
    addScale(map);
    this.showCity();
    this.listen();
    this.legend();
    askAreas().then((areas) => {
      this.view.setAreas(areas);
      this.canvas.redraw();
      onAreas(areas);
    }, () => {});
    askBackdrop().then((backdrop) => {
      this.view.setBackdrop(backdrop);
      this.canvas.redraw();
    }, () => {});
  }

  listen() {
    const { map } = this;
    let sized = false;
    followButtons(map);
    followPage(map, {
      onTheme: () => {
        this.view.setTheme();
        this.canvas.redraw();
      },
      onSize: () => {
        if (!sized && map.getSize().x) this.showCity();
        sized = true;
      },
    });
    map.on('click', ({ latlng }) => this.answer(latlng));
    map.getContainer().addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !this.asking || event.target !== map.getContainer()) return;
      event.preventDefault();
      this.answer(map.getCenter());
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.asking && !event.defaultPrevented) this.stopAsking();
    });
  }

  furniture() {
    return [...document.querySelectorAll('.mapbox .float:not([hidden])')].map((element) => element.getBoundingClientRect());
  }

  legend() {
    const pin = h('span', { class: 'rn-pin' }, '1');
    const home = h('span', { class: 'rn-home' }, icon('house', 12));
    const patch = svg('svg', { width: 18, height: 14, 'aria-hidden': 'true' }, svg('path', { class: 'k-patch', d: 'M2 3 9 1l7 3-2 8-10 1Z' }));
    const line = (sign, text) => h('li', {}, sign, h('span', {}, text));
    find('#key').replaceChildren(line(sym('over', 15), t('a finding, by its status')), line(patch, t('a patch to be visited')), line(pin, t('a place')), line(home, t('where somebody begins')));
  }

  showCity() {
    this.map.fitBounds(this.config.city.bounds, { padding: [16, 16], animate: false });
  }

  fit(places) {
    if (places.length) this.map.fitBounds(L.latLngBounds(places.map(({ lon, lat }) => [lat, lon])), { padding: [60, 60], maxZoom: 16, animate: false });
  }

  /* ---- what would be seen ---- */

  /** @param {Array<[number, number, string, number]>} points lon, lat, status, id; the most urgent first */
  showFindings(points) {
    const drawn = points.map(([lon, lat, status, id]) => [id, lon, lat, status, '', '']);
    this.view.setView({ points: drawn, clusters: [], shade: {} });
  }

  /** @param {string[]} codes of patches that are to be visited */
  showPatches(codes) {
    this.chosen = codes;
    this.canvas.redraw();
  }

  paintChosen(ctx) {
    const { scene } = this.view;
    const { k, x, y } = scene.frame.now();
    const tokens = theme();
    ctx.save();
    ctx.translate(x, y);
    ctx.scale(k, k);
    for (const code of this.chosen) {
      const item = scene.byCode.get(code);
      if (!item) continue;
      ctx.fillStyle = ctx.strokeStyle = tokens.accent;
      ctx.globalAlpha = 0.14;
      ctx.fill(item.path, 'evenodd');
      ctx.globalAlpha = 0.9;
      ctx.lineWidth = 2 / k;
      ctx.setLineDash([7 / k, 4 / k]);
      ctx.stroke(item.path);
    }
    ctx.restore();
  }

  showPlaces(places) {
    this.placeLayer.clearLayers();
    places.forEach(({ lon, lat, name }, i) => {
      const pin = marker([lon, lat], h('span', { class: 'rn-pin', title: name }, i + 1), 'rn-mark', [22, 22], { interactive: false });
      this.placeLayer.addLayer(pin);
    });
  }

  showPreview(places) {
    this.previewLayer.clearLayers();
    for (const { lon, lat } of places.slice(0, 600)) this.previewLayer.addLayer(marker([lon, lat], h('span', { class: 'rn-dot' }), 'rn-mark', [12, 12], { interactive: false }));
    if (places.length) this.fit(places);
  }

  /** @param {Array<{name, at: [number, number], endsAt: ?[number, number], onStart: Function}>} people */
  showPeople(people) {
    this.peopleLayer.clearLayers();
    for (const one of people) {
      const sign = h('span', { class: 'rn-home', title: t('Here {name} begins', { name: one.name }) }, h('b', {}, Array.from(one.name)[0]));
      this.peopleLayer.addLayer(marker(one.at, sign, 'rn-mark', [26, 26], { interactive: false, zIndexOffset: 500 }));
      if (!one.endsAt) continue;
      const end = h('span', { class: 'rn-home end', title: t('Here {name} ends', { name: one.name }) }, icon('flag', 13));
      this.peopleLayer.addLayer(marker(one.endsAt, end, 'rn-mark', [26, 26], { interactive: false, zIndexOffset: 500 }));
    }
  }

  /* ---- clicks that set something ---- */

  /**
   * Waits for clicks on the map: `onPlace` gets each, until `stopAsking` or Escape.
   * @param {string} words what is to be clicked; '' ends it
   * @param {?(at: {lon, lat}) => void} onPlace
   * @param {() => void} [onEnd] when it ended, whatever the reason
   */
  ask(words, onPlace, onEnd = () => {}) {
    if (!onPlace) return this.stopAsking(true);
    this.stopAsking();
    this.asking = { onPlace, onEnd };
    const say = find('#say');
    say.hidden = false;
    say.textContent = `${words} · ${t('by keyboard: arrow keys, then Enter for the middle')}`;
    find('.mapbox').classList.add('is-asking');
    this.map.getContainer().focus({ preventScroll: true });
    find('.mapbox').scrollIntoView({ block: 'nearest' });
    return undefined;
  }

  stopAsking(quiet = false) {
    const { asking } = this;
    this.asking = null;
    find('#say').hidden = true;
    find('.mapbox').classList.remove('is-asking');
    if (asking && !quiet) asking.onEnd();
  }

  answer({ lng, lat }) {
    if (!this.asking) return;
    this.asking.onPlace({ lon: Number(lng.toFixed(7)), lat: Number(lat.toFixed(7)) });
  }

  /** A patch's name for its code. */
  nameOf(code) {
    const item = this.view.scene.byCode.get(code);
    return item ? local([item.area.zh, item.area.en]) : code;
  }
}
