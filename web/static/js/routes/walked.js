/** Looking back: the patches by the days since somebody was there, and one round's planned way against the recorded one. */
import { h, icon, said, toast } from '../dom.js';
import { useTimeZone } from '../format.js';
import { lang, local, number, t } from '../i18n.js';
import { followButtons, followPage } from '../map/following.js';
import { addScale } from '../map/scale.js';
import { createMapView } from '../map/view.js';
import { ask, askAreas, askBackdrop, superseded } from '../problem_map/data.js';
import { clock } from './new/times.js';
import { WalkedPainter } from './walked_painter.js';

const STEPS = [0, 1, 2, 3];
const NEVER = 4;
const inlined = (id) => JSON.parse(document.getElementById(id).textContent);
const find = (id) => document.getElementById(id);
const way = (m) => (m < 950 ? `${Math.round(m)} m` : `${(m / 1000).toFixed(1)} km`);
const late = (s) => (Math.abs(s) < 60 ? t('as planned') : s > 0 ? t('{n} min later', { n: Math.round(s / 60) }) : t('{n} min earlier', { n: Math.round(-s / 60) }));
const outcomeOf = (stop) => ({ done: 'done', skipped: 'skipped' }[stop.state] || 'missed');
/** A stop of the day at hand may still be made. */
const outcomeWord = (stop, day) => ({ done: t('seen'), skipped: t('skipped') }[stop.state] || (day >= find('rw-to').max ? t('still to do') : t('not seen')));

function daysWord(days) {
  if (days === null) return t('nobody was ever there');
  if (days === 0) return t('somebody was there today');
  return days === 1 ? t('somebody was there yesterday') : t('somebody was there {n} days ago', { n: number(days) });
}

class LookingBack {
  constructor(map, config, visits) {
    Object.assign(this, { map, config, days: new Map(visits.map(([code, days]) => [code, days])), areas: null, shown: null });
    this.view = createMapView(map, { config, lang, areas: null, backdrop: null, steps: STEPS, avoid: () => this.furniture(), onPickArea: (code) => !this.shown && this.pick(code) });
    map.getContainer().setAttribute('aria-label', t('Patches by the days since somebody was there; the table has the same'));
    if (config.basemaps.length > 1) this.view.setBasemap(config.basemaps[1].key);
    this.view.setView({ points: [], clusters: [], shade: Object.fromEntries(visits.map(([code, , step]) => [code, [step, step]])) });
    this.painter = new WalkedPainter(map, this.view);
    this.painter.showNever(visits.filter(([, , step]) => step === NEVER).map(([code]) => code));
    this.pins = L.layerGroup().addTo(map);
    addScale(map);
    this.listen();
    this.fit();
    askAreas().then((areas) => this.takeAreas(areas), () => {});
    askBackdrop().then((backdrop) => {
      this.view.setBackdrop(backdrop);
      this.painter.redraw();
    }, () => {});
  }

  listen() {
    let sized = false;
    followButtons(this.map);
    followPage(this.map, {
      onTheme: () => {
        this.view.setTheme();
        this.painter.redraw();
      },
      onSize: () => {
        if (!sized) this.fit();
        sized = true;
      },
    });
    for (const button of document.querySelectorAll('.rw-one')) button.addEventListener('click', () => this.open(button));
    for (const button of document.querySelectorAll('.rw-patch')) button.addEventListener('click', () => this.goTo(button.dataset.code));
    find('back').addEventListener('click', () => this.close());
  }

  furniture() {
    return [...document.querySelectorAll('.mapbox .float:not([hidden])')].map((element) => element.getBoundingClientRect());
  }

  /** The whole city, or one's own patches where one is told of those alone. */
  fit() {
    const { scene } = this.view;
    const own = this.painter.others.length ? [...this.days.keys()].map((code) => scene.boundsOf(code)).filter(Boolean) : [];
    const bounds = own.length ? own.reduce((all, one) => all.extend(one), L.latLngBounds(own[0].getSouthWest(), own[0].getNorthEast())) : this.config.city.bounds;
    this.map.fitBounds(bounds, { padding: [12, 12], animate: false });
  }

  /** The second line of a patch's name says its days instead of its leader. */
  takeAreas(areas) {
    const words = (code) => {
      const days = this.days.get(code);
      if (days === undefined) return null;
      return days === null ? ['没人去过', 'never'] : [`${days} 天`, days === 1 ? '1 day' : `${days} days`];
    };
    this.areas = areas;
    this.view.setAreas({ ...areas, areas: areas.areas.map((area) => ({ ...area, leader: words(area.code) })) });
    this.painter.showOthers(this.view.scene.patches.map(({ code }) => code).filter((code) => !this.days.has(code)));
    if (!this.shown) this.fit();
  }

  /* ---- patches ---- */

  pick(code, fit = false) {
    const known = code && this.days.has(code);
    this.view.focusArea(known ? code : null, { fit });
    const card = find('card');
    card.hidden = !known;
    if (!known) return;
    const area = this.areas?.areas.find((one) => one.code === code);
    card.replaceChildren(h('b', {}, area ? local([area.zh, area.en]) : code), ' ', daysWord(this.days.get(code)));
    this.view.redraw();
  }

  goTo(code) {
    this.close();
    this.pick(code, true);
    document.querySelector('.rw-map').scrollIntoView({ block: 'nearest' });
  }

  /* ---- one round ---- */

  async open(button) {
    if (button.getAttribute('aria-pressed') === 'true') return this.close();
    const { plan, inspector, day } = button.dataset;
    try {
      const round = await ask('round', `/routes/walked/round.json?plan=${plan}&inspector=${inspector}&day=${day}`);
      return this.show(round, button);
    } catch (error) {
      if (!superseded(error)) toast(error.status ? error.message : t('The server does not answer'));
      return undefined;
    }
  }

  show(round, button) {
    this.press(button);
    this.shown = round;
    this.pick(null);
    this.view.setLayers({ shade: false });
    this.painter.showRound(round);
    this.pins.clearLayers();
    const home = h('span', { class: 'rn-home', title: t('where somebody begins') }, icon('house', 14));
    this.pins.addLayer(L.marker([round.start[1], round.start[0]], { icon: L.divIcon({ className: 'rn-mark', html: home, iconSize: [26, 26], iconAnchor: [13, 13] }), interactive: false, keyboard: false }));
    round.stops.forEach((stop, i) => {
      const pin = h('span', { class: `rw-pin ${outcomeOf(stop)}`, title: `${stop.name}: ${outcomeWord(stop, round.day)}` }, i + 1);
      this.pins.addLayer(L.marker([stop.lat, stop.lon], { icon: L.divIcon({ className: 'rn-mark', html: pin, iconSize: [22, 22], iconAnchor: [11, 11] }), interactive: false, keyboard: false }));
    });
    this.toggle(true);
    find('h-map').textContent = button.querySelector('.l1 b').textContent;
    find('key-gone').hidden = !round.walked.length;
    find('round').replaceChildren(this.summary(round), this.table(round));
    const all = [...round.planned, ...round.walked].flat().concat(round.stops.map(({ lon, lat }) => [lon, lat]), [round.start]);
    this.map.fitBounds(L.latLngBounds(all.map(([lon, lat]) => [lat, lon])), { padding: [36, 36], maxZoom: 17, animate: false });
    document.querySelector('.rw-map').scrollIntoView({ block: 'nearest' });
  }

  summary(round) {
    if (round.walked.length) {
      const gaps = round.gaps === 1 ? t('; for a while nothing was recorded') : round.gaps ? t('; {n} times nothing was recorded for a while', { n: round.gaps }) : '';
      return h('p', { class: 'note' }, icon('footprints', 14), h('span', {}, t('{way} gone by the recorded positions', { way: way(round.walked_m) }), gaps));
    }
    const why = round.records ? t('No positions were recorded on this round: only the times of the stops are known') : t('No positions recorded: {name} has not agreed to that. Only the times of the stops are known', { name: local(round.name) });
    return h('p', { class: 'note' }, icon('info', 14), h('span', {}, why));
  }

  table({ stops, day }) {
    const row = (stop, i) => {
      const what = stop.finding ? h('a', { class: 'link', href: `/findings/${stop.finding}` }, stop.category ? local(stop.category) : stop.name) : said(stop.name);
      const name = stop.finding && stop.name !== local(stop.category) ? [' · ', said(stop.name)] : [];
      return h('tr', {},
        h('td', {}, h('span', { class: `rw-pin ${outcomeOf(stop)}` }, i + 1)),
        h('th', { scope: 'row' }, what, ...name, stop.note ? h('span', { class: 'su' }, said(stop.note)) : ''),
        h('td', { class: 'nowrap' }, outcomeWord(stop, day)),
        h('td', { class: 'r num' }, stop.planned_s === null ? '–' : clock(stop.planned_s)),
        h('td', { class: 'r num' }, stop.reached_s === null ? '–' : clock(stop.reached_s)),
        h('td', { class: `r nowrap${stop.late_s > 900 ? ' b' : ''}` }, stop.late_s === null ? '–' : late(stop.late_s)));
    };
    const head = [['', ''], [t('Where'), ''], [t('What came of it'), ''], [t('Planned'), 'r'], [t('Reached'), 'r'], [t('Difference'), 'r']];
    return h('div', { class: 'tb-wrap' }, h('table', { class: 'tb' }, h('thead', {}, h('tr', {}, head.map(([word, cls]) => h('th', { scope: 'col', class: cls }, word)))), h('tbody', {}, stops.map(row))));
  }

  press(button) {
    for (const one of document.querySelectorAll('.rw-one')) one.setAttribute('aria-pressed', String(one === button));
  }

  toggle(round) {
    find('key-visits').hidden = round;
    find('key-round').hidden = !round;
    find('round').hidden = !round;
    find('back').hidden = !round;
  }

  close() {
    if (!this.shown) return;
    this.shown = null;
    this.press(null);
    this.painter.showRound(null);
    this.pins.clearLayers();
    this.view.setLayers({ shade: true });
    this.toggle(false);
    find('h-map').textContent = find('h-map').dataset.usual;
    this.fit();
  }
}

function start() {
  const config = inlined('bp-config');
  useTimeZone(config.city.timezone);
  window.BP.page = new LookingBack(window.BP.map, config, inlined('bp-visits'));
}

if (window.BP?.map) start();
else document.addEventListener('bp:map', start, { once: true });
