/** What the map draws: basemap and layers, remembered in this browser. */
import { h, icon, memory } from '../dom.js';
import { local, number, t } from '../i18n.js';
import { togglePopover } from './popover.js';

const LAYERS = 'bp-layers';
const BASEMAP = 'bp-basemap';
const FIRST = { points: true, shade: true, borders: true, labels: true, streets: true, subdistricts: false, hotspots: false };

export class LayersMenu {
  /**
   * @param {{segment: HTMLElement, buttons: HTMLElement[], basemaps: Array, mapView: object, names: object, hotspots: object, visits: boolean}} parts
   *   `visits` offers the way to the map of when each patch was last seen
   */
  constructor({ segment, buttons, basemaps, mapView, names, hotspots, visits = false }) {
    Object.assign(this, { segment, basemaps, mapView, names, hotspots, visits, total: null });
    this.layers = { ...FIRST, ...memory.get(LAYERS, {}) };
    const wanted = memory.get(BASEMAP, 'none');
    this.basemap = basemaps.some(({ key }) => key === wanted) ? wanted : 'none';
    mapView.setLayers(this.layers);
    if (this.layers.hotspots) hotspots.set(true);
    hotspots.onClose = () => this.switch('hotspots', false);
    if (this.basemap !== 'none') mapView.setBasemap(this.basemap);
    for (const button of buttons) button.addEventListener('click', () => this.open(button));
    this.renderSegment();
  }

  renderSegment() {
    this.segment.hidden = this.basemaps.length < 2;
    this.segment.replaceChildren(...this.basemaps.map((item) => h('button', {
      type: 'button', 'aria-pressed': String(item.key === this.basemap), on: { click: () => this.setBasemap(item.key) },
    }, local([item.zh, item.en]))));
  }

  setBasemap(key) {
    this.basemap = key;
    memory.set(BASEMAP, key);
    this.mapView.setBasemap(key);
    this.renderSegment();
  }

  /** Shows a layer or not, from now on. */
  switch(key, on) {
    this.layers[key] = on;
    memory.set(LAYERS, this.layers);
    if (key === 'hotspots') this.hotspots.set(on);
    else this.mapView.setLayers({ [key]: on });
  }

  rows() {
    const { levels, patchLevel } = this.names;
    const count = (code) => levels.find((level) => level.code === code)?.count;
    const above = levels.filter(({ code }) => code !== patchLevel);
    return [
      ['points', t('Findings'), this.total],
      ['shade', t('Patch shade')],
      ['borders', t('Patch borders'), count(patchLevel)],
      ['hotspots', t('Hot spots')],
      ['labels', t('Names')],
      ...(above.length ? [['subdistricts', above.length > 1 ? t('Borders of higher levels') : t('Borders: {level}', { level: above[0].word }), above.length > 1 ? null : count(above[0].code)]] : []),
      ...(this.basemap === 'none' ? [['streets', t('Streets, water, parks')]] : []),
    ];
  }

  open(button) {
    const layer = ([key, word, n]) => {
      const box = h('input', { type: 'checkbox', checked: this.layers[key] });
      box.addEventListener('change', () => this.switch(key, box.checked));
      return h('label', { class: 'opt' }, box, word, h('span', { class: 'n' }, n ? number(n) : ''));
    };
    const base = (item) => {
      const input = h('input', { type: 'radio', name: 'basemap', checked: item.key === this.basemap });
      input.addEventListener('change', () => this.setBasemap(item.key));
      return h('label', { class: 'opt' }, input, local([item.zh, item.en]));
    };
    const several = this.basemaps.length > 1;
    togglePopover(button, h('div', {},
      several ? h('div', { class: 'p-only' }, h('h4', {}, t('Ground')), this.basemaps.map(base), h('hr')) : null,
      h('h4', {}, t('Layers')), this.rows().map(layer),
      this.visits ? [h('hr'), h('a', { class: 'opt', href: '/routes/walked#visits' }, icon('history', 15), t('When each patch was last seen'))] : null), { label: t('Layers') });
  }
}
