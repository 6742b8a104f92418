/** The tiles under the map, when the administrator has set some; none is the schematic map. */
import { crsOf } from './gcj02.js';

export class Basemap {
  /** @param {Array<{key, url, attribution, datum, max_zoom}>} choices config.basemaps */
  constructor(map, choices = []) {
    this.map = map;
    this.choices = choices;
    this.key = 'none';
    this.layer = null;
    this.credit = L.DomUtil.create('div', 'bp-credit', map.getContainer());
    this.credit.hidden = true;
  }

  get tiles() {
    return this.layer !== null;
  }

  /** Shows the basemap with this key. Returns whether the map has another CRS now, so all pixels moved. */
  set(key) {
    const choice = this.choices.find((item) => item.key === key && item.url);
    this.key = choice ? key : 'none';
    if (this.layer) this.layer.remove();
    this.layer = choice ? this.tileLayer(choice) : null;
    // Attributions come from settings: text, never HTML, so not through Leaflet's own control.
    this.credit.textContent = (choice && choice.attribution) || '';
    this.credit.hidden = !this.credit.textContent;
    const moved = this.useCrs(crsOf(choice && choice.datum));
    if (this.layer) this.layer.addTo(this.map);
    return moved;
  }

  tileLayer({ url, max_zoom: maxZoom, subdomains }) {
    return L.tileLayer(url, {
      maxNativeZoom: maxZoom || 18,
      maxZoom: this.map.getMaxZoom(),
      ...(subdomains ? { subdomains } : {}),
    });
  }

  /** The display CRS belongs to the whole map: the same centre and zoom are set anew in the other one. */
  useCrs(crs) {
    const { map } = this;
    if (map.options.crs === crs) return false;
    const center = map.getCenter();
    const zoom = map.getZoom();
    map.stop();
    map.options.crs = crs;
    map._resetView(center, zoom);
    return true;
  }
}
