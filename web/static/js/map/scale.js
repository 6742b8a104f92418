/** The scale bar. */

const STEPS_M = [5, 10, 20, 50, 100, 200, 300, 500, 1000, 2000, 3000, 5000, 10_000, 20_000, 50_000, 100_000];
const MAX_WIDTH_PX = 110;
const EARTH_M = 40_075_016.686;

/** Length of the bar for a resolution: {length_m, width_px, text}. */
export function scaleBar(metresPerPixel) {
  const fitting = STEPS_M.filter((step) => step / metresPerPixel <= MAX_WIDTH_PX);
  const length = fitting.length ? fitting[fitting.length - 1] : STEPS_M[0];
  return {
    length_m: length,
    width_px: length / metresPerPixel,
    text: length < 1000 ? `${length} m` : `${length / 1000} km`,
  };
}

/**
 * Puts a scale bar into `host` (the map's container by default) and keeps it true.
 * @returns {HTMLElement} `.bp-scale`, bottom right; move it with `--bp-scale-bottom`
 */
export function addScale(map, host = map.getContainer()) {
  const element = L.DomUtil.create('div', 'bp-scale', host);
  const text = L.DomUtil.create('span', '', element);
  const bar = L.DomUtil.create('i', '', element);
  const update = () => {
    const latitude = (map.getCenter().lat * Math.PI) / 180;
    const shown = scaleBar((EARTH_M * Math.cos(latitude)) / 2 ** (map.getZoom() + 8));
    text.textContent = shown.text;
    bar.style.width = `${shown.width_px}px`;
  };
  map.on('zoomend moveend viewreset', update);
  update();
  return element;
}
