/** A map follows its page: the theme, the room it is given, the buttons that stand on it. */

/**
 * @param {L.Map} map
 * @param {{onTheme: () => void, onSize?: () => void}} parts `onSize` is told after the map has taken a new size
 */
export function followPage(map, { onTheme, onSize = () => {} }) {
  document.addEventListener('bp:theme', onTheme);
  new ResizeObserver(() => {
    map.invalidateSize({ pan: false, animate: false });
    onSize();
  }).observe(map.getContainer());
}

/** Buttons with `data-do` on the map: in and out, and what `more` names. */
export function followButtons(map, more = {}) {
  const acts = { in: () => map.zoomIn(1), out: () => map.zoomOut(1), ...more };
  for (const button of document.querySelectorAll('.mapbox [data-do]')) button.addEventListener('click', acts[button.dataset.do]);
}
