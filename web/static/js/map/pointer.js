/** What the pointer does on the map: hover words, picking a finding, a donut or a patch. */
import { statusWord } from '../symbols.js';
import { localName } from './scene.js';
import { coarsePointer } from './theme.js';

/**
 * @param {L.Map} map
 * @param {{points, hover, lang, active: () => boolean, onPoint, onCluster, onGround}} parts
 */
export function watchPointer(map, parts) {
  const { points, hover } = parts;
  const container = map.getContainer();
  let over = null;

  const forget = () => {
    if (!over) return;
    over = null;
    hover.hide();
    container.classList.remove('bp-over-item');
  };

  const words = (item) => (item.radius ? '' : `${localName(item, parts.lang)} · ${statusWord(item.status)}`);

  map.on('mousemove', ({ layerPoint }) => {
    if (coarsePointer() || !parts.active()) return;
    const item = points.hit(layerPoint);
    if (item === over) return;
    forget();
    if (!item) return;
    over = item;
    container.classList.add('bp-over-item');
    hover.set(item.latlng, points.radiusOf(item) + 4, words(item));
  });
  map.on('mouseout movestart zoomstart', forget);

  map.on('click', ({ layerPoint, latlng }) => {
    const item = parts.active() ? points.hit(layerPoint) : null;
    if (!item) parts.onGround(latlng);
    else if (item.radius) parts.onCluster(item);
    else parts.onPoint(item);
  });

  return { forget };
}
