/** Correcting a finding: the pin on the map, and what the new place or category would come to, before it is saved. */
import { useTimeZone } from './format.js';
import { PlaceMap } from './report/place.js';
import { Preview } from './report/preview.js';

const inlined = (id) => JSON.parse(document.getElementById(id).textContent);
const find = (selector) => document.querySelector(selector);

function start() {
  const config = inlined('bp-config');
  useTimeZone(config.city.timezone);
  const form = find('#correct');
  const category = find('#category');
  find('.sc.form').append(find('.coords'));
  let place = null;
  const preview = new Preview({ own: find('#own'), but: config.finding, onAnswer: ({ patch }) => place.outline(patch?.code) });
  const ask = () => place?.place && preview.about({ place: place.place, category: category.value });
  place = new PlaceMap(window.BP.map, {
    config, accuracy: find('#accuracy'), locate: find('#locate'), lon: form.elements.lon, lat: form.elements.lat, onMove: ask,
  });
  ask();
  category.addEventListener('change', ask);
  form.addEventListener('submit', () => {
    // A second tap sends nothing twice: the revision would refuse it, but its answer would hide the first one's.
    setTimeout(() => { form.querySelector('[type="submit"]').disabled = true; });
  });
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
  window.BP.page = { place, preview };
}

if (window.BP?.map) start();
else document.addEventListener('bp:map', start, { once: true });
