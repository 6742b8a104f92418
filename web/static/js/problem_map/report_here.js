/** A right click, or a finger held on the map, offers to report a problem at that place. */
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';

/** @param {L.Map} map */
export function offerReports(map) {
  let shown = null;

  const close = () => {
    shown?.remove();
    shown = null;
  };

  map.on('contextmenu', ({ latlng, containerPoint, originalEvent }) => {
    originalEvent?.preventDefault?.();
    close();
    const address = `/report?lon=${latlng.lng.toFixed(7)}&lat=${latlng.lat.toFixed(7)}`;
    const link = h('a', { class: 'btn btn-primary', href: address }, icon('camera', 16), t('Report here'));
    shown = h('div', { class: 'report-here', style: { left: `${containerPoint.x}px`, top: `${containerPoint.y}px` } }, link);
    map.getContainer().append(shown);
    L.DomEvent.disableClickPropagation(shown);
    link.focus({ preventScroll: true });
    shown.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      close();
      map.getContainer().focus({ preventScroll: true });
    });
  });
  map.on('click movestart zoomstart', close);
}
