/** Places that are no findings: clicked on the map and named, or brought in a file after a look at it. */
import { h, icon, iconButton } from '../../dom.js';
import { number, t } from '../../i18n.js';
import { clearFault, tellAt } from './faults.js';
import { Unreachable, placesOf } from './server.js';

const PREVIEWED = 8;
const find = (id) => document.getElementById(id);

export class Places {
  /** @param {{map: object, mostStops: number, onChange: () => void}} parts */
  constructor({ map, mostStops, onChange }) {
    Object.assign(this, { map, mostStops, onChange, places: [], found: null });
    this.click = find('click-places');
    this.click.addEventListener('click', () => this.clicking(this.click.getAttribute('aria-pressed') !== 'true'));
    find('open-file').addEventListener('click', () => this.openFile());
    find('file').addEventListener('change', () => this.read());
    find('datum').addEventListener('change', () => this.read());
    find('must-places').addEventListener('change', onChange);
  }

  clicking(on) {
    this.click.setAttribute('aria-pressed', String(on));
    this.map.ask(on ? t('Click the places on the map; Escape ends it') : '', on ? (at) => this.add([{ name: '', ...at }], true) : null, () => this.clicking(false));
  }

  add(places, focus = false) {
    this.places.push(...places.slice(0, Math.max(0, this.mostStops - this.places.length)));
    this.changed();
    if (focus) find('place-list').querySelector('li:last-child input').focus();
  }

  changed() {
    this.render();
    clearFault('places');
    this.onChange();
  }

  render() {
    find('n-places').textContent = this.places.length ? number(this.places.length) : '';
    find('place-list').replaceChildren(...this.places.map((place, i) => this.line(place, i)));
  }

  line(place, i) {
    const name = h('input', { class: 'input', value: place.name, maxlength: 200, autocomplete: 'off', 'aria-label': t('Name of place {n}', { n: i + 1 }), placeholder: t('Name of the place') });
    name.addEventListener('input', () => {
      place.name = name.value;
      this.map.showPlaces(this.places);
    });
    // Enter in a name means: this one is named. It must not send the plan.
    name.addEventListener('keydown', (event) => event.key === 'Enter' && event.preventDefault());
    const remove = iconButton('x', t('Take place {n} out', { n: i + 1 }), { on: { click: () => {
      this.places.splice(i, 1);
      this.changed();
      (find('place-list').querySelectorAll('.ib')[Math.max(0, i - 1)] || this.click).focus();
    } } }, 14);
    return h('li', { class: 'rn-place' }, h('b', { class: 'num' }, i + 1), name, remove);
  }

  /* ---- from a file ---- */

  openFile() {
    const box = find('place-file');
    box.hidden = !box.hidden;
    find('open-file').setAttribute('aria-expanded', String(!box.hidden));
    if (!box.hidden) find('file').focus();
  }

  async read() {
    const [file] = find('file').files;
    this.preview(null);
    clearFault('file');
    if (!file) return;
    const mine = Symbol('reading');
    this.reading = mine;
    find('file-busy').hidden = false;
    try {
      const found = await placesOf(file, find('datum').value);
      if (this.reading === mine) this.preview(found);
    } catch (error) {
      if (this.reading !== mine) return;
      tellAt('file', error instanceof Unreachable ? t('The server does not answer: try again') : error.message);
    } finally {
      if (this.reading === mine) find('file-busy').hidden = true;
    }
  }

  /** Shows what a file holds before anything of it is taken. */
  preview(found) {
    this.found = found;
    const box = find('file-preview');
    box.hidden = !found;
    this.map.showPreview(found ? found.places : []);
    if (!found) return box.replaceChildren();
    const { places, refused = [], notes = [] } = found;
    const rows = places.slice(0, PREVIEWED).map(({ name, lon, lat }) => h('tr', {}, h('td', {}, name || '–'), h('td', { class: 'r num' }, lon.toFixed(5)), h('td', { class: 'r num' }, lat.toFixed(5))));
    const take = h('button', { type: 'button', class: 'btn btn-primary', disabled: !places.length, on: { click: () => this.takeFound() } }, icon('check', 15), places.length === 1 ? t('Take this place') : t('Take these {n} places', { n: number(places.length) }));
    const drop = h('button', { type: 'button', class: 'btn btn-quiet', on: { click: () => this.dropFile() } }, t('Leave the file out'));
    box.replaceChildren(
      h('p', { class: 'hint' }, places.length === 1 ? t('1 place is in the file; it is on the map') : t('{n} places are in the file; they are on the map', { n: number(places.length) })),
      h('div', { class: 'tb-wrap' }, h('table', { class: 'tb rn-preview' }, h('thead', {}, h('tr', {}, [t('Name'), t('Longitude'), t('Latitude')].map((word, i) => h('th', { scope: 'col', class: i ? 'r' : '' }, word)))), h('tbody', {}, rows))),
      places.length > PREVIEWED ? h('p', { class: 'hint' }, t('and {n} more', { n: number(places.length - PREVIEWED) })) : '',
      ...notes.slice(0, PREVIEWED).map(({ row, text }) => h('p', { class: 'hint' }, icon('info', 13), ' ', row ? t('Row {row}: {why}', { row, why: text }) : text)),
      ...(refused.length ? [this.refusals(refused)] : []),
      h('div', { class: 'rn-btns' }, take, drop),
    );
    return box.scrollIntoView({ block: 'nearest' });
  }

  refusals(refused) {
    const line = ({ row, text }) => h('li', {}, row ? t('Row {row}: {why}', { row, why: text }) : text);
    return h('details', { class: 'rn-refused' },
      h('summary', {}, icon('triangle-alert', 14), refused.length === 1 ? t('1 row cannot be used') : t('{n} rows cannot be used', { n: number(refused.length) })),
      h('ul', {}, refused.slice(0, 50).map(line)));
  }

  takeFound() {
    const { places } = this.found;
    this.dropFile();
    this.add(places.map(({ name, lon, lat }) => ({ name: name || '', lon, lat })));
    this.map.fit(places);
  }

  dropFile() {
    find('file').value = '';
    this.preview(null);
    this.openFile();
    find('open-file').focus();
  }

  faults() {
    const nameless = this.places.findIndex(({ name }) => !name.trim());
    return nameless < 0 ? [] : [{ field: 'places', text: t('Place {n} has no name: whoever goes there must know what it is', { n: nameless + 1 }) }];
  }
}
