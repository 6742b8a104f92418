/** What a photo says about place and time: offered, never taken over unasked. */
import { h, icon } from '../dom.js';
import { moment } from '../format.js';
import { t } from '../i18n.js';
import { send } from '../sending.js';
import { distance } from './place.js';

const SAME_M = 15;
const FAR_M = 50_000;

/** A moment as an `datetime-local` field of the city shows it. */
function cityTime(iso, timeZone) {
  const options = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone };
  const parts = Object.fromEntries(new Intl.DateTimeFormat('en', options).formatToParts(new Date(iso)).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

export class PhotoPlace {
  /** @param {HTMLElement} element @param {{place: () => PlaceMap, found: HTMLInputElement, zone: string, onUse: () => void}} parts */
  constructor(element, parts) {
    Object.assign(this, { element, ...parts });
  }

  /** Asks the server what a photo says. */
  async look(item) {
    const form = new FormData();
    form.append('photo', item.blob, item.name);
    const { kind, body } = await send('/photos/inspect', form);
    if (kind === 'done') this.offer(body);
    if (kind === 'refused') this.say(body.detail, { warn: true });
  }

  say(text, { warn = false, buttons = [] } = {}) {
    this.element.hidden = false;
    this.element.classList.toggle('warn', warn);
    this.element.replaceChildren(icon(warn ? 'triangle-alert' : 'map-pinned', 16), h('span', { class: 'grow' }, text), ...buttons);
  }

  offer({ lon, lat, taken_at: taken, warnings = [] }) {
    if (lon === null || lon === undefined) {
      if (warnings.length) this.say(warnings.join(' '), { warn: true });
      return;
    }
    const map = this.place();
    if (map.outside({ lon, lat }) > FAR_M) {
      this.say(warnings[0] || t('The photo says it was taken {m} from this city: its place is not used', { m: distance(map.outside({ lon, lat })) }), { warn: true });
      return;
    }
    const away = map.place ? L.latLng(map.place.lat, map.place.lon).distanceTo([lat, lon]) : null;
    if (away !== null && away < SAME_M) return;
    const words = away === null ? t('The photo knows where it was taken. Use its place?') : t('The photo was taken {m} from the pin. Use its place?', { m: distance(away) });
    const when = taken ? ` ${moment(taken)}` : '';
    this.say(words + when, {
      buttons: [
        h('button', { type: 'button', class: 'btn btn-default', on: { click: () => this.use({ lon, lat, taken }) } }, t('Use the photo’s place')),
        h('button', { type: 'button', class: 'ib', 'aria-label': t('No'), on: { click: () => { this.element.hidden = true; } } }, icon('x', 14)),
      ],
    });
  }

  use({ lon, lat, taken }) {
    this.element.hidden = true;
    this.place().put({ lon, lat }, 'photo');
    this.place().say(t('The photo’s place · drag the pin to mend it'));
    if (taken && !this.found.value) this.found.value = cityTime(taken, this.zone);
    this.onUse();
  }
}
