/** The map on which a place is chosen: a pin to drag, a click, the browser's own position, coordinates as text. */
import { h, svg } from '../dom.js';
import { lang, t } from '../i18n.js';
import { followPage } from '../map/following.js';
import { createLocator } from '../map/locate.js';
import { createMapView } from '../map/view.js';
import { askAreas, askBackdrop, askView, superseded } from '../problem_map/data.js';

const CLOSE_ZOOM = 17;
const STEP_PX = 4;
const ROUGH_M = 60;
const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function pinImage() {
  return svg('svg', { width: 34, height: 42, viewBox: '0 0 34 42', 'aria-hidden': 'true' },
    svg('path', { class: 'pin-body', d: 'M17 41C9 30 3 24 3 16a14 14 0 1 1 28 0c0 8-6 14-14 25Z' }),
    svg('circle', { class: 'pin-eye', cx: 17, cy: 16, r: 5 }));
}

const metres = (m) => (m >= 2000 ? `${(m / 1000).toFixed(1)} km` : `${Math.round(m)} m`);

/** Degrees as a field shows them: seven decimals are a centimetre. */
export const degrees = (value) => String(Number(value.toFixed(7)));

export class PlaceMap {
  /**
   * @param {L.Map} map
   * @param {{config: object, accuracy: HTMLElement, locate: HTMLElement, lon: HTMLInputElement, lat: HTMLInputElement, onMove: (place: {lon, lat}, how: string) => void}} parts
   */
  constructor(map, parts) {
    Object.assign(this, { map, ...parts, place: null });
    this.view = createMapView(map, { config: this.config, lang, areas: null, backdrop: null, avoid: () => this.furniture() });
    this.view.setShade('open');
    this.view.setLayers({ shade: false });
    if (this.config.basemaps.length > 1) this.view.setBasemap(this.config.basemaps[1].key);
    this.pin = L.marker(map.getCenter(), {
      draggable: true, autoPan: true, keyboard: true, zIndexOffset: 1000,
      icon: L.divIcon({ className: 'pin', html: pinImage(), iconSize: [34, 42], iconAnchor: [17, 41] }),
    });
    this.listen();
    this.locator = createLocator(map, { onMessage: (text) => this.say(text), onFound: (found) => this.found(found) });
    if (this.config.at) this.put({ lon: this.config.at[0], lat: this.config.at[1] }, 'given', { pan: true });
    this.load();
  }

  listen() {
    const { map, pin } = this;
    map.on('click', ({ latlng }) => this.put({ lon: latlng.lng, lat: latlng.lat }, 'click'));
    pin.on('dragend', () => {
      const { lng: lon, lat } = pin.getLatLng();
      this.put({ lon, lat }, 'drag');
    });
    pin.on('add', () => this.dressPin());
    map.on('moveend', () => this.loadPoints());
    this.locate.addEventListener('click', () => this.locateNow());
    for (const field of [this.lon, this.lat]) field.addEventListener('change', () => this.typed());
    followPage(map, { onTheme: () => this.view.setTheme() });
  }

  dressPin() {
    const element = this.pin.getElement();
    element.setAttribute('aria-label', t('Pin: move it with the arrow keys'));
    element.addEventListener('keydown', (event) => {
      const step = ARROWS[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const at = this.map.latLngToLayerPoint(this.pin.getLatLng()).add(L.point(step).multiplyBy(STEP_PX));
      const { lng: lon, lat } = this.map.layerPointToLatLng(at);
      this.put({ lon, lat }, 'keys');
    });
  }

  furniture() {
    const boxes = [...document.querySelectorAll('.rp-map .float')].map((element) => element.getBoundingClientRect());
    const pin = this.pin?.getElement?.();
    return pin ? [...boxes, pin.getBoundingClientRect()] : boxes;
  }

  say(text) {
    this.accuracy.textContent = text;
  }

  locateNow() {
    this.say(t('Looking for your position…'));
    this.locator.locate();
  }

  found({ lon, lat, accuracy_m: accuracy }) {
    this.put({ lon, lat }, 'position');
    this.say(accuracy > ROUGH_M
      ? t('Your position is only known to {m}: move the pin to the place', { m: metres(accuracy) })
      : t('Accurate to {m} · drag the pin to mend it', { m: metres(accuracy) }));
  }

  typed() {
    const [lon, lat] = [this.lon, this.lat].map(({ value }) => (value.trim() === '' ? NaN : Number(value.replace(',', '.'))));
    if (!Number.isFinite(lon) || !Number.isFinite(lat) || Math.abs(lon) > 180 || Math.abs(lat) > 90) return;
    this.put({ lon, lat }, 'typed', { pan: true });
  }

  /** Puts the pin somewhere. */
  put({ lon, lat }, how, { pan = false } = {}) {
    this.place = { lon: Number(lon.toFixed(7)), lat: Number(lat.toFixed(7)) };
    const latlng = L.latLng(lat, lon);
    this.pin.setLatLng(latlng);
    if (!this.map.hasLayer(this.pin)) this.pin.addTo(this.map);
    if (pan || (how === 'photo')) this.map.setView(latlng, Math.max(this.map.getZoom(), CLOSE_ZOOM), { animate: false });
    if (how !== 'position') this.locator?.clear();
    if (how === 'click' || how === 'drag') this.say(t('Drag the pin to mend it'));
    if (how !== 'typed' && how !== 'given') {
      this.lon.value = degrees(this.place.lon);
      this.lat.value = degrees(this.place.lat);
    }
    if (how === 'given' && !this.lon.value) [this.lon.value, this.lat.value] = [degrees(this.place.lon), degrees(this.place.lat)];
    this.view.redraw();
    this.onMove(this.place, how);
  }

  /** How far a place is from the city in metres; 0 inside its bounds. */
  outside({ lon, lat }) {
    const bounds = L.latLngBounds(this.config.city.bounds);
    const at = L.latLng(lat, lon);
    if (bounds.contains(at)) return 0;
    const nearest = L.latLng(
      Math.min(Math.max(lat, bounds.getSouth()), bounds.getNorth()), Math.min(Math.max(lon, bounds.getWest()), bounds.getEast()),
    );
    return at.distanceTo(nearest);
  }

  /** Outlines the patch that the place belongs to. */
  outline(code) {
    this.view.focusArea(code || null);
  }

  load() {
    askAreas().then((areas) => this.view.setAreas(areas), () => {});
    askBackdrop().then((backdrop) => this.view.setBackdrop(backdrop), () => {});
    this.loadPoints();
  }

  async loadPoints() {
    const bounds = this.map.getBounds();
    const frame = { bbox: [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], zoom: this.map.getZoom() };
    try {
      this.view.setView({ ...(await askView({}, frame, null, { rows: 1 })), shade: {} });
    } catch (error) {
      if (!superseded(error)) this.view.redraw();
    }
  }
}

/** Distance words for offers. */
export const distance = metres;

/** A line with what the map says about a place. */
export const line = (...children) => h('div', { class: 'l2' }, ...children);
