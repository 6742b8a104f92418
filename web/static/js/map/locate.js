/** What the button "my position" does: goes there and draws how exact it is. */
import { t } from '../i18n.js';
import { reducedMotion } from './theme.js';

const PANE = 'bp-position';
const TIMEOUT_MS = 10_000;
const CLOSEST_ZOOM = 17;

const PROBLEMS = {
  1: t('This browser may not use your position: allow it for this site'),
  2: t('Your position is not known right now'),
  3: t('No position within 10 seconds: try again under open sky'),
};

/**
 * @param {L.Map} map
 * @param {{onMessage?: (text: string) => void, onFound?: (place: {lon, lat, accuracy_m}) => void}} options
 * @returns {{locate: () => void, clear: () => void}}
 */
export function createLocator(map, { onMessage = () => {}, onFound = () => {} } = {}) {
  if (!map.getPane(PANE)) map.createPane(PANE).style.zIndex = 440;
  map.getPane(PANE).style.pointerEvents = 'none';
  const renderer = L.svg({ pane: PANE });
  const drawn = L.layerGroup().addTo(map);

  const show = ({ coords }) => {
    const { longitude: lon, latitude: lat, accuracy } = coords;
    const style = { renderer, pane: PANE, interactive: false };
    const circle = L.circle([lat, lon], { ...style, radius: accuracy, className: 'bp-position-accuracy' });
    drawn.clearLayers().addLayer(circle).addLayer(L.circleMarker([lat, lon], { ...style, radius: 7, className: 'bp-position-dot' }));
    const zoom = Math.min(CLOSEST_ZOOM, Math.max(map.getZoom(), map.getBoundsZoom(circle.getBounds())));
    const { maxBounds } = map.options;
    if (maxBounds && !maxBounds.contains([lat, lon])) onMessage(t('You are outside this city'));
    else map.setView([lat, lon], zoom, { animate: !reducedMotion() });
    onFound({ lon, lat, accuracy_m: accuracy });
  };

  return {
    locate() {
      if (!window.isSecureContext || !navigator.geolocation) {
        onMessage(t('The position works only over HTTPS'));
        return;
      }
      navigator.geolocation.getCurrentPosition(
        show,
        ({ code }) => onMessage(PROBLEMS[code] || PROBLEMS[2]),
        { enableHighAccuracy: true, timeout: TIMEOUT_MS, maximumAge: 30_000 },
      );
    },
    clear: () => drawn.clearLayers(),
  };
}
