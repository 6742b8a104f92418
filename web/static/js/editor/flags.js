/** Numbered flags on the map: the same number stands in the list. */
import { h, icon } from '../dom.js';

/** An element at a place of the map that can be clicked; it goes along when the map is zoomed. */
class Flag {
  constructor(map, pane, [lon, lat], element) {
    Object.assign(this, { map, latlng: L.latLng(lat, lon), element });
    element.classList.add('leaflet-zoom-animated');
    map.getPane(pane).append(element);
    L.DomEvent.disableClickPropagation(element);
    map.on('zoomanim', this.follow, this);
    map.on('zoom viewreset', this.place, this);
    this.place();
  }

  follow({ center, zoom }) {
    L.DomUtil.setPosition(this.element, this.map._latLngToNewLayerPoint(this.latlng, zoom, center));
  }

  place() {
    L.DomUtil.setPosition(this.element, this.map.latLngToLayerPoint(this.latlng));
  }

  remove() {
    this.map.off('zoomanim', this.follow, this);
    this.map.off('zoom viewreset', this.place, this);
    this.element.remove();
  }
}

export class Flags {
  constructor(map, pane) {
    Object.assign(this, { map, pane, flags: [] });
  }

  /**
   * @param {Array<{at: [number, number], number: (string|number), text: string, label: string, kind: string, onPick: () => void}>} items
   */
  show(items) {
    for (const flag of this.flags) flag.remove();
    this.flags = items.map((item) => new Flag(this.map, this.pane, item.at, this.element(item)));
  }

  /** `1 Gap 312 m²`, and for who cannot see the map what it is about; a comment is its symbol alone. */
  element({ number, text, label, kind, onPick }) {
    const parts = kind === 'comment' ? [h('b', {}, icon('message-square', 12))] : [h('b', {}, number), ' ', h('span', {}, text), h('span', { class: 'vh' }, `: ${label}`)];
    return h('button', { type: 'button', class: `flag ${kind}`, 'aria-label': kind === 'comment' ? label : null, title: label, on: { click: onPick } }, parts);
  }

  /** Client boxes, which names keep clear of. */
  rects() {
    return this.flags.map(({ element }) => element.getBoundingClientRect());
  }
}
