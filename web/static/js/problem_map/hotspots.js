/** The layer of hot spots: asked for when it is switched on, explained in plain words, its spots as a list. */
import { h, svg } from '../dom.js';
import { day } from '../format.js';
import { local, number, t } from '../i18n.js';
import { askHotspots, superseded } from './data.js';

const ZOOM = 15;

export class Hotspots {
  /** @param {{store: object, mapView: object, place: HTMLElement, onGo: (spot: object) => void, onChange: () => void}} parts */
  constructor({ store, mapView, place, onGo, onChange }) {
    Object.assign(this, { store, mapView, onGo, onChange, on: false, answer: null, fault: '' });
    this.panel = h('section', { class: 'float hotspots', id: 'hotspots', 'aria-label': t('Hot spots'), hidden: true });
    place.append(this.panel);
  }

  /** Switches the layer. */
  set(on) {
    this.on = on;
    this.panel.hidden = !on;
    if (on) this.load();
    else this.mapView.setHotspots(null);
    this.onChange();
  }

  /** Asks again: filters or days are others. */
  async load() {
    if (!this.on) return;
    this.panel.classList.add('is-old');
    try {
      this.answer = await askHotspots(this.store.state.filters);
      this.fault = '';
    } catch (error) {
      if (superseded(error)) return;
      this.fault = error.constructor.name === 'Refused' ? error.message : t('The hot spots did not come: the server does not answer');
    }
    this.panel.classList.remove('is-old');
    if (!this.on) return;
    this.mapView.setHotspots(this.fault ? null : this.answer.cells);
    this.render();
    this.onChange();
  }

  render() {
    const { answer, fault } = this;
    const close = h('button', { type: 'button', class: 'link', on: { click: () => this.onClose?.() } }, t('Hide'));
    const head = h('div', { class: 'head' }, h('h2', {}, t('Hot spots')), close);
    if (fault) {
      this.panel.replaceChildren(head, h('p', { role: 'status' }, fault));
      return;
    }
    const span = answer.from && answer.to ? t('{n} findings, reported {from} to {to}', { n: number(answer.n), from: day(answer.from), to: day(answer.to) }) : t('{n} findings of the chosen days', { n: number(answer.n) });
    const parts = [head, h('p', { class: 'sec' }, span)];
    if (!answer.enough) parts.push(h('p', { role: 'status' }, t('Too few to tell a hot spot from chance: at least {n} are needed. Choose more days or fewer filters.', { n: answer.least })));
    else if (!answer.spots.length) parts.push(h('p', { role: 'status' }, t('None: findings lie as chance would scatter them.')));
    else parts.push(...this.legend(), this.list());
    this.panel.replaceChildren(...parts);
  }

  legend() {
    return [h('ul', { class: 'key' },
      h('li', {}, swatch(2), h('span', {}, t('far more than chance would bring'), h('small', {}, t('wrong in 1 of 100 fields')))),
      h('li', {}, swatch(1), h('span', {}, t('more than chance would bring'), h('small', {}, t('wrong in 5 of 100 fields'))))),
    h('p', { class: 'muted' }, t('A field is {m} m wide. With its eight neighbours it is compared with all places where findings were ever reported.', { m: number(this.answer.cell_m) }))];
  }

  list() {
    return h('ol', { class: 'spots' }, this.answer.spots.map((spot) => h('li', {}, h('button', {
      type: 'button', on: { click: () => this.onGo({ ...spot, zoom: ZOOM }) },
    }, h('b', {}, spot.area ? local([spot.area.zh, spot.area.en]) : t('outside every patch')),
    h('span', {}, t('{n} instead of {expected}', { n: number(spot.n), expected: spot.expected.toFixed(spot.expected < 10 ? 1 : 0) }))))));
  }
}

/** A small hatched square, as the map draws it. */
function swatch(level) {
  const lines = level === 2 ? 'M0 16 16 0M0 8 8 0M8 16l8-8M0 0l16 16M8 0l8 8M0 8l8 8' : 'M0 16 16 0M0 8 8 0M8 16l8-8';
  return svg('svg', { class: 'swatch', width: 18, height: 18, viewBox: '-1 -1 18 18', 'aria-hidden': 'true' },
    svg('path', { d: lines }), svg('rect', { width: 16, height: 16 }));
}
