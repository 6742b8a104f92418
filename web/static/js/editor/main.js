/** The drawing page: starts when the Folium shell says that its map is there. */
import { h, icon } from '../dom.js';
import { useTimeZone } from '../format.js';
import { t } from '../i18n.js';
import { EditorPage } from './page.js';
import { DraftServer } from './server.js';

const inlined = (id) => JSON.parse(document.getElementById(id).textContent);

/** The draft did not come: says why, and tries again when asked to. */
function failed(error, again) {
  const banner = document.getElementById('banner');
  const retry = h('button', { type: 'button', class: 'btn btn-default', on: { click: () => { banner.replaceChildren(); again(); } } }, icon('refresh-cw', 14), t('Try again'));
  const words = error.body ? error.message : t('The server does not answer');
  banner.replaceChildren(h('div', { class: 'banner', role: 'alert' }, icon('triangle-alert', 16), h('b', {}, t('The draft could not be opened')), h('span', { class: 'sec' }, words), h('span', { class: 'grow' }), retry));
  document.getElementById('title').textContent = t('No draft here');
}

async function start() {
  const config = inlined('bp-config');
  useTimeZone(config.city.timezone);
  const server = new DraftServer(config.draft_id);
  document.body.classList.add('is-loading');
  try {
    const data = await server.data();
    window.BP.page = new EditorPage(window.BP.map, config, server, data);
  } catch (error) {
    failed(error, start);
    if (!error.body && error.constructor.name !== 'Unreachable') throw error;
  } finally {
    document.body.classList.remove('is-loading');
  }
}

if (window.BP?.map) start();
else document.addEventListener('bp:map', start, { once: true });
