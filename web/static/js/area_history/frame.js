/** The map of a history page: the ground and its names, furniture, a small card for the area that was clicked. */
import { h } from '../dom.js';
import { lang, local, t } from '../i18n.js';
import { followButtons, followPage } from '../map/following.js';
import { addScale } from '../map/scale.js';
import { createMapView } from '../map/view.js';
import { askBackdrop } from '../problem_map/data.js';

export const inlined = (id) => JSON.parse(document.getElementById(id).textContent);

/** 4500000 as 4.5 km², 312 as 312 m². */
export const square = (m2) => (m2 < 10_000 ? `${Math.round(m2)} m²` : `${(m2 / 1e6).toFixed(m2 < 1e6 ? 3 : 2)} km²`);

export class HistoryMap {
  /** @param {L.Map} map @param {{config: object, label: string, onPick: (area: object|null) => void}} parts */
  constructor(map, { config, label, onPick, onPoint = () => {} }) {
    Object.assign(this, { map, config, areas: null, fitted: false });
    this.card = document.getElementById('area-card');
    this.view = createMapView(map, {
      config, lang, areas: null, backdrop: null, avoid: () => this.furniture(), onPick: onPoint,
      onPickArea: (code) => onPick(this.area(code)),
    });
    map.getContainer().setAttribute('aria-label', label);
    this.view.setLayers({ shade: false, points: true, subdistricts: true });
    if (config.basemaps.length > 1) this.view.setBasemap(config.basemaps[1].key);
    addScale(map);
    this.listen();
    askBackdrop().then((backdrop) => this.view.setBackdrop(backdrop), () => {});
  }

  listen() {
    followButtons(this.map, { fit: () => this.fit() });
    followPage(this.map, { onTheme: () => this.view.setTheme() });
  }

  furniture() {
    return [...document.querySelectorAll('.mapbox .float')].map((element) => element.getBoundingClientRect());
  }

  area(code) {
    return (code && this.areas?.areas.find((one) => one.code === code && one.level === this.areas.patch_level)) || null;
  }

  /** @param {object} areas as /map/areas.json */
  show(areas) {
    this.areas = areas;
    this.view.setAreas(areas);
    if (!this.fitted && areas.areas.length) this.fit();
  }

  /** The whole of what is there, or the city while nothing is. */
  fit(bounds = null) {
    const whole = bounds || this.bounds() || L.latLngBounds(this.config.city.bounds);
    this.fitted = true;
    this.map.fitBounds(whole, { paddingTopLeft: [24, 24], paddingBottomRight: [24, this.bottom()], animate: false });
  }

  bottom() {
    const slide = document.querySelector('.mapbox .slide');
    return slide ? slide.offsetHeight + 24 : 24;
  }

  bounds() {
    const points = (this.areas?.areas || []).flatMap(({ g }) => g.flat(2));
    return points.length ? L.latLngBounds(points.map(([lon, lat]) => [lat, lon])) : null;
  }

  /** Outlines an area (null: none) and says in the card what it is; `more` are further lines. */
  focus(area, more = []) {
    this.view.focusArea(area ? area.code : null);
    this.card.hidden = !area;
    if (!area) return;
    const leader = area.leader ? h('span', {}, local(area.leader)) : null;
    this.card.replaceChildren(
      h('b', {}, local([area.zh, area.en])), ...(leader ? [leader] : []), h('span', { class: 'muted' }, square(area.km2 * 1e6)), ...more,
    );
    this.view.redraw();
  }
}

/** What went wrong with an answer, in words. */
export const failure = (error) => (error.status ? error.message : t('The server does not answer'));
