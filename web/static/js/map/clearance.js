/** What covers the map: symbols, controls and labels keep clear of each other through these boxes. */

const LABEL_GAP_PX = 4;
const EDGE_PX = 24;
const CALLOUT_PX = 56;

/** Client boxes (DOMRect) as [west, north, east, south] in the map's layer points, with a small gap around. */
export function layerBoxes(map, rects) {
  const home = map.getContainer().getBoundingClientRect();
  return rects.filter((rect) => rect && rect.width).map((rect) => {
    const { x, y } = map.containerPointToLayerPoint([rect.left - home.left, rect.top - home.top]);
    return [x - LABEL_GAP_PX, y - LABEL_GAP_PX, x + rect.width + LABEL_GAP_PX, y + rect.height + LABEL_GAP_PX];
  });
}

/** Client boxes of what the map itself puts over its ground. */
export function ownFurniture(map) {
  const elements = map.getContainer().querySelectorAll('.bp-scale, .bp-credit');
  return [...elements].map((element) => element.getBoundingClientRect());
}

/** Whether a place lies outside the view or under one of the client boxes, its callout included. */
export function isHidden(map, latlng, rects) {
  const { x, y } = map.latLngToContainerPoint(latlng);
  const size = map.getSize();
  if (x < EDGE_PX || y < CALLOUT_PX || x > size.x - EDGE_PX || y > size.y - EDGE_PX) return true;
  const home = map.getContainer().getBoundingClientRect();
  return rects.some((rect) => x > rect.left - home.left - EDGE_PX && x < rect.right - home.left + EDGE_PX
    && y > rect.top - home.top - EDGE_PX && y < rect.bottom - home.top + CALLOUT_PX);
}
