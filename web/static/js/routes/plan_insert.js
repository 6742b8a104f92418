/** Adding a stop: a finding by its number or from the map, a place on the map, a patch. Where it goes is shown first. */
import { h, icon, iconButton } from '../dom.js';
import { local, t } from '../i18n.js';
import { ask, askView, superseded } from '../problem_map/data.js';
import { rowButton, titleOf } from '../problem_map/list.js';
import { fromAddress } from '../problem_map/state.js';
import { dialog } from '../editor/dialog.js';

const TYPING_MS = 250;
const MOST_ROWS = 12;
/** The most urgent are in the plan already: so many are asked for to find some that are not. */
const MOST_ASKED = 200;

export class Insert {
  /** @param {{store, map, planMap, tell}} parts; `map` is Leaflet's */
  constructor(parts) {
    Object.assign(this, parts);
    this.hint = document.getElementById('hint');
    addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.planMap.mode) this.endPick();
    });
    this.map.on('moveend', () => this.planMap.mode === 'finding' && this.loadOpen());
  }

  open() {
    const box = dialog(t('Add a stop'), this.findings(() => box.close()), this.elsewhere(() => box.close()));
    this.field.focus();
  }

  findings(close) {
    this.field = h('input', { class: 'input', type: 'search', id: 'add-q', autocomplete: 'off', placeholder: t('Case no., place, shop…') });
    const list = h('ul', { class: 'add-list', 'aria-live': 'polite' });
    let timer = 0;
    const search = () => this.search(this.field.value.trim(), list, close);
    this.field.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(search, TYPING_MS);
    });
    this.field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault();
      clearTimeout(timer);
      search();
    });
    search();
    return h('div', { class: 'field' }, h('label', { for: 'add-q' }, t('A finding')), this.field, list);
  }

  frame() {
    const bounds = this.map.getBounds();
    return { bbox: [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()], zoom: this.map.getZoom() };
  }

  wholeCity() {
    const [[south, west], [north, east]] = this.planMap.config.city.bounds;
    return { bbox: [west, south, east, north], zoom: 12 };
  }

  async search(q, list, close) {
    const filters = { ...fromAddress('').filters, q };
    try {
      const known = new Set(this.store.plan.stops.filter((stop) => stop.state !== 'skipped').map((stop) => stop.finding?.id));
      const answer = await askView(filters, this.wholeCity(), null, { rows: Math.min(MOST_ASKED, MOST_ROWS + known.size) }, 'add');
      const rows = answer.rows.filter((row) => !known.has(row.id)).slice(0, MOST_ROWS);
      list.replaceChildren(...rows.map((row) => this.row(row, close, answer.now)));
      if (!rows.length) list.replaceChildren(h('li', { class: 'quiet' }, answer.rows.length ? t('All that were found are in the plan already') : t('No open finding with these words')));
    } catch (error) {
      if (!superseded(error)) list.replaceChildren(h('li', { class: 'quiet' }, t('The server does not answer')));
    }
  }

  row(row, close, now) {
    return h('li', {}, rowButton(row, now, () => {
      close();
      this.offer(titleOf(row).map((part) => part.textContent ?? part).join(''), { finding: row.id });
    }));
  }

  elsewhere(close) {
    const start = (mode) => () => {
      close();
      this.pick(mode);
    };
    const patches = h('select', { class: 'input', id: 'add-area' }, h('option', { value: '' }, t('Choose a patch')));
    this.loadPatches(patches);
    patches.addEventListener('change', () => {
      if (!patches.value) return;
      close();
      this.offer(patches.selectedOptions[0].textContent, { area: Number(patches.value) });
    });
    return h('div', { class: 'form' }, h('div', { class: 'field' }, h('label', { for: 'add-area' }, t('A patch')), patches),
      h('div', { class: 'bt' },
        h('button', { type: 'button', class: 'btn btn-default', on: { click: start('finding') } }, icon('map-pinned', 15), t('Pick a finding on the map')),
        h('button', { type: 'button', class: 'btn btn-default', on: { click: start('place') } }, icon('map-pin', 15), t('Set a place on the map'))));
  }

  async loadPatches(select) {
    try {
      const { unseen } = await ask('patches', `/routes/candidates?${new URLSearchParams({ day: this.store.day })}`);
      select.append(...unseen.map((area) => h('option', { value: area.id }, `${local([area.zh, area.en])}${area.days === null ? t(' (never visited)') : area.days ? t(' (visited {n} days ago)', { n: area.days }) : ''}`)));
    } catch {
      select.disabled = true;
    }
  }

  /** The next click on the map picks; Escape ends it. */
  pick(mode) {
    const words = mode === 'place' ? t('Click the place on the map, or move the map and press Enter') : t('Click a finding on the map');
    const stop = iconButton('x', t('End this'), { on: { click: () => this.endPick() } }, 15);
    this.hint.replaceChildren(icon('crosshair', 15), h('span', {}, words), stop);
    this.hint.hidden = false;
    document.getElementById('crosshair').hidden = mode !== 'place';
    this.planMap.pick(mode, (picked) => this.takePicked(mode, picked));
    const container = this.map.getContainer();
    container.focus({ preventScroll: true });
    this.enter = (event) => {
      if (event.key !== 'Enter' || mode !== 'place') return;
      event.preventDefault(); // the same key must not send the form that opens
      const { lat, lng } = this.map.getCenter();
      this.takePicked(mode, { lon: lng, lat });
    };
    container.addEventListener('keydown', this.enter);
    if (mode === 'finding') this.loadOpen();
  }

  endPick() {
    this.planMap.pick(null);
    this.hint.hidden = true;
    document.getElementById('crosshair').hidden = true;
    this.map.getContainer().removeEventListener('keydown', this.enter);
  }

  async loadOpen() {
    try {
      this.planMap.setOpen(await askView(fromAddress('').filters, this.frame(), null, {}, 'open'));
    } catch {
      // The map shows what it had; the next move asks again.
    }
  }

  takePicked(mode, picked) {
    this.endPick();
    if (mode === 'finding') {
      this.offer(local([picked.zh, picked.en]), { finding: picked.id });
      return;
    }
    const name = h('input', { class: 'input', id: 'place-name', maxlength: 100, autocomplete: 'off' });
    const form = h('form', { class: 'form' }, h('div', { class: 'field' }, h('label', { for: 'place-name' }, t('What it is called')), name),
      h('footer', { class: 'act-f' }, h('button', { type: 'submit', class: 'btn btn-primary' }, t('See where it goes'))));
    const box = dialog(t('A place'), form);
    name.focus();
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      box.close();
      const title = name.value.trim() || t('Place');
      this.offer(title, { place: { name: title, lon: picked.lon, lat: picked.lat } });
    });
  }

  /** Both ways to put it in: as it disturbs least, or with everything worked out again. */
  offer(name, what) {
    const least = [{ act: 'insert', ...what, how: 'insert' }];
    const again = [{ act: 'insert', ...what, how: 'resolve' }];
    this.tell.offer(t('Add: {name}', { name }), [
      { word: t('Disturb least'), changes: least },
      { word: t('Work it out again'), changes: again, accept: (answer) => [{ act: 'insert', ...what, how: 'leave' }, this.asShown(answer)] },
    ]);
  }

  /** The tried rounds as a change, so that what is kept is what was shown. */
  asShown({ data }) {
    const known = new Set(this.store.plan.stops.map((stop) => stop.id));
    const rounds = data.inspectors.flatMap((person) => person.rounds.map((round) => ({
      inspector: person.id, day_number: this.store.plan.dayNumber(round.day), stops: round.stops.map((id) => (known.has(id) ? id : 'new')),
    })));
    return { act: 'arrange', rounds };
  }
}
