/** Reporting a problem: photos, place, category; kept in this browser until the server has given it a number. */
import { h, icon, toast } from './dom.js';
import { useTimeZone } from './format.js';
import { t } from './i18n.js';
import { PhotoPicker, fillPhotos } from './photo_picker.js';
import { Categories } from './report/categories.js';
import { Drafts } from './report/drafts.js';
import { Outbox } from './report/outbox.js';
import { PhotoPlace } from './report/photo_place.js';
import { PlaceMap } from './report/place.js';
import { Preview } from './report/preview.js';
import { newKey, send } from './sending.js';

const SAVE_MS = 300;
const TEXTS = ['description', 'place', 'subject', 'found_at'];
const FIELDS = ['category', 'lon', 'lat', ...TEXTS];

const find = (selector) => document.querySelector(selector);
const inlined = (id) => JSON.parse(document.getElementById(id).textContent);
const coarse = matchMedia('(pointer: coarse)');

/** A draft as it is sent. */
export function formOf({ key, fields, photos }) {
  const form = new FormData();
  form.append('client_key', key);
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  fillPhotos(form, photos);
  return form;
}

class ReportPage {
  constructor(map, config) {
    Object.assign(this, { config, form: find('#report'), button: find('#send'), kept: find('#kept') });
    this.drafts = new Drafts(config.user);
    this.key = this.form.elements.client_key.value || newKey();
    this.build(map);
    this.listen();
    this.ready = this.restore();
  }

  build(map) {
    const { config, form } = this;
    find('.plain-photos').remove();
    this.photos = new PhotoPicker(find('#photos'), {
      most: config.most_photos, mostBytes: config.most_bytes * 0.98,
      onChange: () => this.changed(), onAdded: (item) => this.photoPlace.look(item), onRefused: (text) => this.fault('photos', text),
    });
    this.categories = new Categories({
      root: find('#categories'), select: find('#category'), all: find('#all-categories'), categories: config.categories, user: config.user,
      onChange: () => this.changed({ ask: true }),
    });
    this.preview = new Preview({ own: find('#own'), near: find('#near'), onAnswer: (answer) => this.answered(answer), onSame: (row) => this.same(row) });
    // The pin is the usual way; degrees stand with what is rarely needed.
    find('.coords').open = false;
    find('.more .form').append(find('.coords'));
    this.place = new PlaceMap(map, {
      config, accuracy: find('#accuracy'), locate: find('#locate'), lon: form.elements.lon, lat: form.elements.lat,
      onMove: () => this.moved(),
    });
    this.photoPlace = new PhotoPlace(find('#photo-offer'), { place: () => this.place, found: form.elements.found_at, zone: config.city.timezone, onUse: () => this.changed() });
    this.outbox = new Outbox(find('#outbox'), { drafts: this.drafts, formOf, onRefused: (entry, body) => this.cameBack(entry, body) });
  }

  listen() {
    for (const name of TEXTS) this.form.elements[name].addEventListener('input', () => this.changed());
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    find('#street').addEventListener('click', ({ currentTarget }) => {
      this.form.elements.place.value = currentTarget.dataset.street;
      this.changed();
    });
    addEventListener('online', () => this.showKept());
    addEventListener('offline', () => this.showKept());
    document.addEventListener('visibilitychange', () => document.hidden && this.save());
  }

  /** Takes up the draft of last time; an address with a place begins a new one with its texts. */
  async restore() {
    const draft = await this.drafts.load();
    if (draft && !find('#faults:not([hidden])')) this.fill(draft, { keepPlace: Boolean(this.config.at) });
    this.restored = true;
    this.showKept();
    this.categories.show();
    if (this.place.place) this.moved();
    else if (window.isSecureContext && (coarse.matches || await this.mayLocate())) this.place.locateNow();
    this.outbox.start();
  }

  async mayLocate() {
    try {
      return (await navigator.permissions.query({ name: 'geolocation' })).state === 'granted';
    } catch {
      return false;
    }
  }

  fill({ key, fields, photos }, { keepPlace = false } = {}) {
    this.key = key;
    this.photos.restore(photos);
    for (const name of TEXTS) this.form.elements[name].value ||= fields[name] || '';
    if (TEXTS.slice(1).some((name) => this.form.elements[name].value)) find('.more').open = true;
    if (fields.category && !this.categories.code) this.categories.set(fields.category);
    if (!keepPlace && fields.lon && fields.lat) this.place.put({ lon: Number(fields.lon), lat: Number(fields.lat) }, 'draft', { pan: true });
    this.countPhotos();
  }

  get draft() {
    const fields = Object.fromEntries(FIELDS.map((name) => [name, this.form.elements[name].value.trim()]));
    return { key: this.key, fields, photos: this.photos.photos };
  }

  get empty() {
    const { fields, photos } = this.draft;
    return !photos.length && !TEXTS.some((name) => fields[name]) && !fields.category;
  }

  moved() {
    this.fault('lon', '');
    this.fault('lat', '');
    this.changed({ ask: true });
  }

  changed({ ask = false } = {}) {
    this.countPhotos();
    if (this.photos.items.length) this.fault('photos', '');
    if (this.categories?.code) this.fault('category', '');
    if (ask) this.preview.about({ place: this.place?.place, category: this.categories.code });
    clearTimeout(this.saving);
    this.saving = setTimeout(() => this.save(), SAVE_MS);
  }

  countPhotos() {
    const n = this.photos?.items.length;
    find('#photo-count').textContent = n ? t('{n} of {all}', { n, all: this.config.most_photos }) : '';
  }

  async save() {
    clearTimeout(this.saving);
    if (!this.restored || this.sent) return;
    await (this.empty ? this.drafts.clear() : this.drafts.save(this.draft));
    this.showKept();
  }

  showKept() {
    const offline = navigator.onLine === false;
    const [name, words] = offline
      ? ['wifi-off', this.drafts.kept ? t('No connection. It is kept in this phone or computer and sent when there is one') : t('No connection, and this browser keeps nothing: leave the page open')]
      : this.empty ? ['check', t('What you enter is kept in this browser until it is sent')]
        : this.drafts.kept ? ['check', t('Kept in this browser; without a connection nothing is lost')] : ['triangle-alert', t('This browser keeps nothing: do not close the page before it is sent')];
    this.kept.replaceChildren(icon(name, 14), h('span', {}, words));
  }

  answered({ patch, street }) {
    this.place.outline(patch?.code);
    const button = find('#street');
    button.hidden = !street || Boolean(this.form.elements.place.value);
    button.dataset.street = street;
    button.textContent = t('Take “{text}”', { text: street });
  }

  /** It is one of those already open: nothing is reported. */
  async same(row) {
    await this.drafts.clear();
    this.sent = true;
    location.href = `/findings/${row.id}`;
  }

  fault(field, text) {
    const place = find(`[data-err="${field}"]`) || find('#faults');
    place.hidden = !text;
    place.querySelector('span').textContent = text;
    const input = this.form.elements[field];
    if (input?.setAttribute) input.setAttribute('aria-invalid', String(Boolean(text)));
  }

  clearFaults() {
    for (const place of document.querySelectorAll('[data-err], #faults')) place.hidden = true;
  }

  /** What is missing is said before anything is sent. */
  lacking() {
    const { fields } = this.draft;
    const faults = [];
    if (!fields.lon || !fields.lat) faults.push(['lon', t('Where is it? Tap the map or use your position')]);
    if (!fields.category) faults.push(['category', t('Choose what it is')]);
    return faults;
  }

  showFaults(faults) {
    for (const [field, text] of faults) this.fault(field, text);
    const first = document.querySelector('[data-err]:not([hidden]), #faults:not([hidden])');
    first?.scrollIntoView({ block: 'center' });
  }

  async submit() {
    if (this.busy || this.sent) return;
    this.clearFaults();
    const lacking = this.lacking();
    if (lacking.length) {
      this.showFaults(lacking);
      return;
    }
    this.setBusy(true);
    await this.save();
    const { draft } = this;
    const answer = navigator.onLine === false ? { kind: 'unreachable' } : await send('/report', formOf(draft));
    await this.follow(answer, draft);
    this.setBusy(false);
  }

  async follow(answer, draft) {
    if (answer.kind === 'done') {
      this.sent = true;
      await this.drafts.clear();
      location.href = answer.body.url;
    } else if (answer.kind === 'sign-in') {
      this.fault('form', t('You are no longer signed in. Sign in; the report is kept here'));
      find('#faults').append(' ', h('a', { href: '/sign-in?next=/report' }, t('Sign in')));
    } else if (answer.kind === 'refused') {
      this.refused(answer.body);
    } else {
      await this.postpone(draft);
    }
  }

  refused(body) {
    if (body.field === 'csrf_token') {
      this.fault('form', t('The page is too old to send: load it again, everything is kept'));
      return;
    }
    const faults = body.errors?.length ? body.errors.map(({ field, detail }) => [field || 'form', detail]) : [[body.field || 'form', body.detail || t('It was not taken')]];
    if (faults.every(([field]) => field !== 'form')) this.fault('form', t('Not reported yet: look at what is marked below'));
    this.showFaults(faults);
  }

  /** No answer: it waits in this browser, and the page is free for the next one. */
  async postpone(draft) {
    const kept = await this.drafts.enqueue(draft, Date.now());
    if (!kept) {
      this.fault('form', t('Not sent: there is no connection, and this browser keeps nothing. Leave the page open and try again'));
      return;
    }
    await this.drafts.clear();
    this.fresh();
    this.outbox.show();
    find('#outbox').scrollIntoView({ block: 'start' });
    toast(t('Not sent yet. It waits in this browser and goes out by itself'));
  }

  /** The next report, at the same place. */
  fresh() {
    this.key = newKey();
    this.photos.clear();
    for (const name of TEXTS) this.form.elements[name].value = '';
    this.categories.select.value = '';
    this.categories.show();
    this.changed({ ask: true });
  }

  /** A report that waited was refused: it is opened again, unless another one is being written. */
  async cameBack(entry, body) {
    if (!this.empty) return false;
    await this.drafts.dequeue(entry.key);
    this.fill(entry);
    this.refused(body);
    await this.save();
    return true;
  }

  setBusy(on) {
    this.busy = on;
    this.button.disabled = on;
    this.button.querySelector('span').textContent = on ? t('Sending…') : t('Send the report');
  }
}

function start() {
  const config = inlined('bp-config');
  useTimeZone(config.city.timezone);
  window.BP.page = new ReportPage(window.BP.map, config);
}

if (window.BP?.map) start();
else document.addEventListener('bp:map', start, { once: true });
