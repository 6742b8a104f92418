/** Where the map looks, and what stands over it. */
import { phone } from './sheet.js';

const FURNITURE = '.legend, .hotspots, .time, .zoom, .laysw, .bp-scale, .patch-card, .map-page .top, .bar .chip, .bar .token, .locate';
const CLOSE_ZOOM = 16;
const CLOSEST_ZOOM = 17;
const MARGIN_PX = 24;
/** Height of the search field and the chips over the map of a phone. */
const PHONE_TOP_PX = 120;

export class Camera {
  /** @param {L.Map} map @param {HTMLElement} work the frame that holds map and panes */
  constructor(map, work) {
    const { lat, lng: lon } = map.getCenter();
    Object.assign(this, { map, work, sheet: null, home: { lat, lon, zoom: map.getZoom() } });
  }

  /** The whole city, as large as the controls leave room for: where the page begins. */
  showCity(bounds) {
    const [topLeft, bottomRight] = phone.matches ? [[8, PHONE_TOP_PX], [8, this.sheetHeight]] : [[16, 12], [16, 84]];
    this.map.fitBounds(bounds, { paddingTopLeft: topLeft, paddingBottomRight: bottomRight, animate: false });
    const { lat, lng: lon } = this.map.getCenter();
    this.home = { lat, lon, zoom: this.map.getZoom() };
  }

  /** What the server is asked for. */
  get frame() {
    const bounds = this.map.getBounds();
    return { bbox: [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], zoom: this.map.getZoom() };
  }

  /** Goes to a view of the address, or to where the page began. */
  goTo(view) {
    const { lat, lon, zoom } = view || this.home;
    this.map.setView([lat, lon], zoom, { animate: false });
  }

  get sheetHeight() {
    return this.sheet ? this.sheet.height(this.sheet.stop) : 0;
  }

  /** Client boxes of what stands over the map; the sheet as it will stand when it has come to rest. */
  furniture() {
    const shown = [...document.querySelectorAll(FURNITURE)].filter((element) => element.offsetParent);
    const boxes = shown.map((element) => element.getBoundingClientRect());
    if (!phone.matches) return boxes;
    const { left, bottom, width } = this.work.getBoundingClientRect();
    return [...boxes, new DOMRect(left, bottom - this.sheetHeight, width, this.sheetHeight)];
  }

  /** On the phone the sheet covers the middle of the map: a hidden place moves into the part that is left. */
  keepFree({ lat, lon }) {
    if (!phone.matches) return;
    const size = this.map.getSize();
    const { x, y } = this.map.latLngToContainerPoint([lat, lon]);
    const bottom = size.y - this.sheetHeight - MARGIN_PX;
    if (x > MARGIN_PX && x < size.x - MARGIN_PX && y > PHONE_TOP_PX && y < bottom) return;
    this.centre({ lat, lon }, Math.max(this.map.getZoom(), CLOSE_ZOOM));
  }

  /** Puts a place into the middle of what is seen of the map. */
  centre({ lat, lon }, zoom) {
    const hidden = phone.matches ? this.sheetHeight - PHONE_TOP_PX : 0;
    const target = this.map.project([lat, lon], zoom).add([0, hidden / 2]);
    this.map.setView(this.map.unproject(target, zoom), zoom, { animate: false });
  }

  /** As near as one can usefully see. */
  closer(item) {
    if (item) this.centre(item, Math.max(this.map.getZoom(), CLOSEST_ZOOM));
  }
}
