/** The form of one act as a dialog: what it does, its reason and evidence; a conflict shows what changed and keeps the text. */
import { h, icon } from './dom.js';
import { moment } from './format.js';
import { local, t } from './i18n.js';
import { ActFields } from './act_fields.js';
import { PhotoPicker } from './photo_picker.js';
import { newKey, send } from './sending.js';

const finger = matchMedia('(pointer: coarse), (max-width: 899.98px)');

/** Where the person stands, as "lon,lat": only where the browser may say so without asking, and says it soon. */
async function standsAt() {
  try {
    const { state } = await navigator.permissions.query({ name: 'geolocation' });
    if (state !== 'granted') return '';
    return await new Promise((resolve) => {
      const place = ({ coords }) => resolve(`${coords.longitude.toFixed(7)},${coords.latitude.toFixed(7)}`);
      navigator.geolocation.getCurrentPosition(place, () => resolve(''), { timeout: 2500, maximumAge: 60_000 });
    });
  } catch {
    return '';
  }
}

export class ActDialog {
  /**
   * @param {object} sheet the answer to /findings/<id>/acts
   * @param {string} act
   * @param {{onDone: (body) => void, onStale?: () => void, onUnreachable?: (kept) => Promise<boolean>}} parts
   *   onUnreachable may keep the form (`{address, form: entries, word}`) to be sent later: then the dialog closes
   */
  constructor(sheet, act, { onDone, onStale = () => {}, onUnreachable = async () => false }) {
    Object.assign(this, { sheet, onDone, onStale, onUnreachable, offer: sheet.offers.find((one) => one.act === act) });
    this.key = newKey();
    this.fields = new ActFields(this.offer.fields, (name) => this.err(name));
    this.build();
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.first.focus();
  }

  /** Where work begins; a remark that may stay empty does not raise a phone's keyboard. */
  get first() {
    if (this.offer.needs_photo) return this.photos.querySelector('button');
    if (this.fields.first) return this.fields.first;
    return this.offer.needs_reason || !finger.matches ? this.note : this.button;
  }

  build() {
    const { offer, sheet } = this;
    this.note = h('textarea', { class: 'input', id: 'act-note', rows: '3', maxlength: '2000' });
    this.fault = h('div', { class: 'rp-fault', role: 'alert', hidden: true });
    this.button = h('button', { type: 'submit', class: 'btn btn-primary big' }, icon(offer.icon, 17), h('span', {}, offer.word));
    this.photos = h('div', {});
    const form = h('form', { class: 'form', novalidate: true },
      h('header', {}, h('h2', { id: 'act-title' }, offer.word), h('span', { class: 'muted num' }, sheet.number),
        h('button', { type: 'button', class: 'ib', 'aria-label': t('Close'), on: { click: () => this.dialog.close() } }, icon('x', 18))),
      h('p', { class: 'lead' }, offer.effect),
      this.fault,
      ...this.fields.nodes,
      h('div', { class: 'field' }, h('span', { class: 'label' }, offer.photo), this.photos, this.err('photos')),
      h('div', { class: 'field' }, h('label', { for: 'act-note' }, offer.note), this.note, this.err('note')),
      h('footer', { class: 'act-f' }, h('button', { type: 'button', class: 'btn btn-default', on: { click: () => this.dialog.close() } }, t('Leave it')), this.button),
    );
    const kind = offer.photo_kind;
    this.picker = new PhotoPicker(this.photos, { kind, kinds: offer.needs_photo ? ['after'] : [kind, kind === 'near' ? 'far' : 'near'], onRefused: (text) => this.refuse('photos', text), onChange: () => this.refuse('photos', '') });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    this.dialog = h('dialog', { class: 'act-dialog', 'aria-labelledby': 'act-title' }, form);
    this.dialog.addEventListener('close', () => this.dialog.remove());
    this.dialog.addEventListener('keydown', (event) => event.key === 'Escape' && event.stopPropagation());
  }

  err(name) {
    return h('p', { class: 'err', data: { err: name }, role: 'alert', hidden: true }, icon('triangle-alert', 14), h('span', {}));
  }

  refuse(field, text) {
    const place = this.dialog?.querySelector(`[data-err="${field}"]`);
    if (!place) return false;
    place.hidden = !text;
    place.querySelector('span').textContent = text;
    return true;
  }

  say(...words) {
    this.fault.hidden = false;
    this.fault.replaceChildren(icon('triangle-alert', 16), h('div', {}, ...words));
    this.fault.scrollIntoView({ block: 'nearest' });
  }

  get form() {
    const form = new FormData();
    form.append('note', this.note.value);
    form.append('revision', this.sheet.revision);
    form.append('steps', this.sheet.steps);
    form.append('request_key', this.key);
    this.fields.fill(form);
    if (this.where) form.append('where', this.where);
    this.picker.fill(form);
    return form;
  }

  lacking() {
    const { offer } = this;
    const faults = [];
    if (offer.needs_photo && !this.picker.items.length) faults.push(['photos', t('A photo has to show the result')]);
    if (offer.needs_reason && !this.note.value.trim()) faults.push(['note', t('Say why')]);
    if (offer.needs_report && !this.picker.items.length && !this.note.value.trim()) faults.push(['note', t('Say what was done, or add a photo')]);
    return [...faults, ...this.fields.lacking()];
  }

  async submit() {
    if (this.button.disabled) return;
    this.fault.hidden = true;
    for (const place of this.dialog.querySelectorAll('[data-err]')) place.hidden = true;
    const lacking = this.lacking();
    for (const [field, text] of lacking) this.refuse(field, text);
    if (lacking.length) return;
    this.busy(true);
    this.where = await standsAt();
    const address = `/findings/${this.sheet.id}/acts/${this.offer.act}`;
    const answer = await send(address, this.form);
    this.busy(false);
    if (answer.kind === 'done') {
      this.dialog.close();
      this.onDone(answer.body);
    } else if (answer.kind === 'unreachable') {
      if (await this.onUnreachable({ address, form: [...this.form.entries()], word: this.offer.word })) this.dialog.close();
      else this.say(t('The server does not answer. Nothing you entered is lost: try again'));
    } else if (answer.kind === 'sign-in') {
      this.say(t('You are no longer signed in.'), ' ', h('a', { href: '/sign-in', target: '_blank' }, t('Sign in in another tab, then try again')));
    } else {
      this.refused(answer);
    }
  }

  busy(on) {
    this.button.disabled = on;
    this.button.querySelector('span').textContent = on ? t('Sending…') : this.offer.word;
  }

  refused({ status, body }) {
    if (status === 409 && body.sheet) {
      this.conflict(body);
      return;
    }
    const faults = body.errors?.length ? body.errors : [{ field: body.field, detail: body.detail }];
    for (const { field, detail } of faults) if (!this.refuse(field, detail)) this.say(detail || t('It was not taken'));
  }

  /** Somebody was quicker: says what they did; where the act still fits it may be done on what is there now. */
  conflict({ detail, changed = [], sheet }) {
    this.sheet = sheet;
    const still = sheet.offers.find((one) => one.act === this.offer.act);
    this.say(
      h('b', {}, detail),
      h('ul', { class: 'changed' }, changed.map(({ at, what, by, note }) => h('li', {}, h('span', { class: 'num muted' }, moment(at), ' '), [what, by].filter(Boolean).join(' · '), note ? h('span', { class: 'said' }, note) : null))),
      still?.possible ? t('It can still be done: press again.') : still?.why || '',
    );
    this.button.disabled = !still?.possible;
    this.onStale();
  }
}
