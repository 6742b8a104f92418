/** The map of an import: the areas of the file over the map in force, each kind with its own line, numbers at problems. */
import { h } from '../dom.js';
import { lang, local, t } from '../i18n.js';
import { followPage } from '../map/following.js';
import { createMapView } from '../map/view.js';
import { askAreas, askBackdrop } from '../problem_map/data.js';

const FOCUS_ZOOM = 17;
const PAD = [24, 24];
const MOST_NAMES = 400;

/** The kinds of shapes from below, with their word in the legend. */
export const KINDS = {
  absent: () => t('In force, not in the file'),
  left: () => t('In the file, not taken'),
  unchanged: () => t('Unchanged'),
  changed: () => t('Changed'),
  new: () => t('New'),
};

export class ImportMap {
  /**
   * @param {L.Map} map
   * @param {{config: object, legend: HTMLElement, onPick: (feature: number) => void}} parts
   */
  constructor(map, { config, legend, onPick }) {
    Object.assign(this, { map, legend, onPick, drawn: new Map(), bounds: null });
    this.view = createMapView(map, { config, lang, areas: null, backdrop: null, avoid: () => this.furniture() });
    this.view.setLayers({ shade: false, labels: false, points: false });
    map.getContainer().setAttribute('aria-label', t('Map of the areas in the file; the table has the same content'));
    const pane = map.createPane('bp-import');
    pane.style.zIndex = 450;
    this.renderer = L.svg({ pane: 'bp-import', padding: 0.4 });
    this.shapes = L.layerGroup().addTo(map);
    this.names = L.layerGroup().addTo(map);
    this.marks = L.layerGroup().addTo(map);
    map.on('zoomend', () => this.showNames());
    askAreas().then((areas) => this.view.setAreas(areas), () => {});
    askBackdrop().then((backdrop) => this.view.setBackdrop(backdrop), () => {});
    followPage(map, { onTheme: () => this.view.setTheme() });
  }

  furniture() {
    return [...document.querySelectorAll('.ai-map .float')].map((element) => element.getBoundingClientRect());
  }

  /** Shows a preview's shapes; the map moves only when they lie elsewhere than the last ones. */
  show({ areas, absent, left, problems, bounds }) {
    this.shapes.clearLayers();
    this.drawn.clear();
    const groups = { absent, left, unchanged: [], changed: [], new: [] };
    for (const area of areas) groups[area.outcome].push(area);
    for (const [kind, rows] of Object.entries(groups)) for (const row of rows) this.draw(row, kind);
    this.showProblems(problems.rows);
    this.showLegend(groups);
    this.named = [...areas, ...absent].filter(({ geometry, bbox }) => geometry && bbox);
    this.fit(bounds);
    this.showNames();
  }

  /** Names where they have room: an area narrower than its name shows it under the pointer. */
  showNames() {
    this.names.clearLayers();
    for (const row of (this.named || []).slice(0, MOST_NAMES)) {
      const [west, south, east, north] = row.bbox;
      const name = local([row.zh, row.en]) || row.code;
      const [a, b] = [this.map.latLngToLayerPoint([north, west]), this.map.latLngToLayerPoint([south, east])];
      const width = [...name].reduce((sum, letter) => sum + (letter > '\u2e80' ? 13 : 7), 0);
      if (b.x - a.x < width * 1.05 || b.y - a.y < 16) continue;
      const icon = L.divIcon({ className: 'ai-name', html: h('span', {}, name), iconSize: [0, 0] });
      L.marker(row.place ? [row.place[1], row.place[0]] : [(south + north) / 2, (west + east) / 2], { icon, interactive: false, keyboard: false }).addTo(this.names);
    }
  }

  draw(row, kind) {
    if (!row.geometry) return;
    const { pane } = this.renderer.options;
    const layer = L.geoJSON(row.geometry, { pane, renderer: this.renderer, interactive: true, style: { className: `ai-shape ai-${kind}`, weight: 2 } });
    const name = local([row.zh, row.en]) || t('feature {n}', { n: row.feature });
    const text = [name, row.code && row.code !== name ? row.code : '', KINDS[kind]()].filter(Boolean).join(' · ');
    layer.bindTooltip(() => h('span', {}, text), { sticky: true, className: 'ai-tip', pane: 'tooltipPane' });
    layer.on('click', () => row.feature && this.onPick(row.feature));
    layer.addTo(this.shapes);
    if (row.feature) this.drawn.set(row.feature, layer);
  }

  showProblems(rows) {
    this.marks.clearLayers();
    rows.slice(0, 99).forEach((row, i) => {
      const icon = L.divIcon({ className: 'ai-mark', html: h('span', {}, String(i + 1)), iconSize: [20, 20] });
      const [lon, lat] = row.at;
      L.marker([lat, lon], { icon, keyboard: false, pane: 'markerPane', title: row.text }).on('click', () => this.zoomTo(row.bbox)).addTo(this.marks);
    });
  }

  showLegend(groups) {
    const there = Object.entries(groups).filter(([, rows]) => rows.length).reverse();
    this.legend.replaceChildren(...there.map(([kind, rows]) => h('li', {}, h('i', { class: `ai-key ai-${kind}` }), `${KINDS[kind]()} ${rows.length}`)));
    this.legend.hidden = !there.length;
  }

  fit(bounds) {
    if (!bounds) return;
    const box = this.box(bounds);
    const moved = !this.bounds || !this.bounds.equals(box);
    this.bounds = box;
    if (moved) this.whole();
  }

  /** Shows everything that the file has. */
  whole() {
    if (this.bounds) this.map.fitBounds(this.bounds, { padding: PAD, animate: false });
  }

  box([west, south, east, north]) {
    return L.latLngBounds([south, west], [north, east]);
  }

  /** Goes to a place that a note or a problem names. */
  zoomTo(bbox) {
    if (bbox) this.map.fitBounds(this.box(bbox), { padding: [60, 60], maxZoom: FOCUS_ZOOM, animate: false });
  }

  /** Marks one feature's shape. */
  pick(feature) {
    for (const [number, layer] of this.drawn) {
      layer.eachLayer((one) => one.getElement()?.classList.toggle('is-on', number === feature));
      if (number === feature) layer.bringToFront();
    }
  }
}
