/** The round on the map: the way to the next stop, what comes after it, numbered stops, and where one is. */
import { h } from '../dom.js';
import { lang } from '../i18n.js';
import { followPage } from '../map/following.js';
import { createMapView } from '../map/view.js';
import { askAreas, askBackdrop } from '../problem_map/data.js';

const PANE = 'bp-round';
const CLOSEST_ZOOM = 17;
const FAR_M = 5000;

const latlngs = (path) => path.map(([lon, lat]) => [lat, lon]);

export class RoundMap {
  constructor(map, config) {
    this.map = map;
    this.view = createMapView(map, { config, lang, areas: null, backdrop: null, avoid: () => [] });
    this.view.setLayers({ shade: false, points: false });
    if (config.basemaps.length > 1) this.view.setBasemap(config.basemaps[1].key);
    map.createPane(PANE).style.zIndex = 435;
    this.renderer = L.svg({ pane: PANE });
    this.drawn = L.layerGroup().addTo(map);
    this.me = L.layerGroup().addTo(map);
    followPage(map, { onTheme: () => this.view.setTheme() });
    askAreas().then((areas) => this.view.setAreas(areas), () => {});
    askBackdrop().then((backdrop) => this.view.setBackdrop(backdrop), () => {});
  }

  line(path, className) {
    return L.polyline(latlngs(path), { renderer: this.renderer, pane: PANE, interactive: false, className });
  }

  show(round, next, onPick) {
    this.drawn.clearLayers();
    const { next: way, rest } = round.ways;
    for (const path of rest) if (path.length > 1) this.drawn.addLayer(this.line(path, 'rd-way rest'));
    if (way && next) for (const kind of ['case', 'now']) this.drawn.addLayer(this.line(way.path, `rd-way ${kind}`));
    round.stops.forEach((stop, i) => this.drawn.addLayer(this.marker(stop, i + 1, next?.id === stop.id, onPick)));
    const key = `${next?.id}:${round.stops.length}:${way?.from_here}`;
    if (key !== this.fitted) {
      this.fitted = key;
      this.fit(round, next);
    }
  }

  marker(stop, n, current, onPick) {
    const html = h('span', { class: `rd-pin ${stop.state}${current ? ' current' : ''}` }, stop.state === 'done' ? '✓' : stop.state === 'skipped' ? '–' : String(n));
    const icon = L.divIcon({ className: 'rd-pin-at', html, iconSize: [26, 26], iconAnchor: [13, 13] });
    return L.marker([stop.lat, stop.lon], { icon, keyboard: false, zIndexOffset: current ? 1000 : 0 }).on('click', () => onPick(stop));
  }

  /** Shows the next stop and the way there, or the whole round when nothing is next. */
  fit(round, next) {
    const way = round.ways.next?.path || [];
    const here = this.at && next && L.latLng(this.at).distanceTo([next.lat, next.lon]) < FAR_M ? [this.at] : [];
    const points = next ? [...latlngs(way), [next.lat, next.lon], ...here] : round.stops.map(({ lon, lat }) => [lat, lon]);
    if (points.length) this.map.fitBounds(L.latLngBounds(points), { padding: [36, 36], maxZoom: CLOSEST_ZOOM, animate: false });
  }

  /** Where the person is, with how exact that is. */
  here({ lon, lat, accuracy_m: accuracy }, { go = false } = {}) {
    const style = { renderer: this.renderer, pane: PANE, interactive: false };
    this.at = [lat, lon];
    this.me.clearLayers();
    this.me.addLayer(L.circle([lat, lon], { ...style, radius: accuracy || 1, className: 'bp-position-accuracy' }));
    this.me.addLayer(L.circleMarker([lat, lon], { ...style, radius: 7, className: 'bp-position-dot' }));
    if (go) this.map.setView([lat, lon], Math.max(this.map.getZoom(), 15), { animate: false });
  }
}
