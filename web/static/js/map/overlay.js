/** Small elements that stand on the map: hover ring with its words, callout of the selected finding. */

/** An element at a place of the map; it goes along when the map is zoomed. */
class Pinned {
  constructor(map, pane, className) {
    this.map = map;
    this.element = L.DomUtil.create('div', `${className} leaflet-zoom-animated`, map.getPane(pane));
    this.element.hidden = true;
    this.latlng = null;
    map.on('zoomanim', this.follow, this);
    map.on('zoom viewreset', this.place, this);
  }

  follow({ center, zoom }) {
    if (this.latlng) L.DomUtil.setPosition(this.element, this.map._latLngToNewLayerPoint(this.latlng, zoom, center));
  }

  place() {
    if (this.latlng) L.DomUtil.setPosition(this.element, this.map.latLngToLayerPoint(this.latlng));
  }

  show(latlng) {
    this.latlng = latlng;
    this.element.hidden = false;
    this.place();
  }

  hide() {
    this.latlng = null;
    this.element.hidden = true;
  }

  remove() {
    this.map.off('zoomanim', this.follow, this);
    this.map.off('zoom viewreset', this.place, this);
    this.element.remove();
  }
}

const EDGE_PX = 6;
/** Half the foot of the label's arrow and the rounding beside it. */
const ARROW_PX = 12;

/** The dark label above the selected finding; at the edge of the map it moves inwards, its arrow stays. */
export class Callout extends Pinned {
  constructor(map, pane) {
    super(map, pane, 'bp-callout');
    this.text = L.DomUtil.create('span', '', this.element);
    map.on('move resize', this.keepInside, this);
  }

  place() {
    super.place();
    this.keepInside();
  }

  keepInside() {
    if (!this.latlng) return;
    const half = this.text.offsetWidth / 2;
    const { x } = this.map.latLngToContainerPoint(this.latlng);
    const inside = Math.max(half + EDGE_PX, Math.min(this.map.getSize().x - half - EDGE_PX, x));
    const most = Math.max(0, half - ARROW_PX);
    this.element.style.setProperty('--shift', `${Math.max(-most, Math.min(most, inside - x))}px`);
  }

  remove() {
    this.map.off('move resize', this.keepInside, this);
    super.remove();
  }

  /** @param {{lon: number, lat: number, label?: string}|null} selected */
  set(selected) {
    if (!selected || !selected.label) {
      this.hide();
      return;
    }
    this.text.textContent = selected.label;
    this.show(L.latLng(selected.lat, selected.lon));
  }

  /** Its box in client px, or null when it is not shown. */
  rect() {
    return this.latlng && this.text.offsetParent !== null ? this.text.getBoundingClientRect() : null;
  }
}

/** The ring around what lies under the pointer, and its words. */
export class Hover extends Pinned {
  constructor(map, pane) {
    super(map, pane, 'bp-hover');
    this.ring = L.DomUtil.create('i', '', this.element);
    this.text = L.DomUtil.create('span', '', this.element);
  }

  set(latlng, radius, words) {
    this.ring.style.width = this.ring.style.height = `${radius * 2}px`;
    this.text.textContent = words;
    this.text.hidden = !words;
    this.text.style.bottom = `${radius + 6}px`;
    this.show(latlng);
    // The ring fades in: the class comes a frame after the element.
    requestAnimationFrame(() => this.element.classList.toggle('is-on', Boolean(this.latlng)));
  }

  hide() {
    super.hide();
    this.element.classList.remove('is-on');
  }
}
