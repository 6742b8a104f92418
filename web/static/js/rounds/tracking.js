/** Recording where one walks: only after consent, thinned, kept here until sent in batches, ended at any time. */
import { h, icon } from '../dom.js';
import { moment } from '../format.js';
import { t } from '../i18n.js';
import { metresBetween, watch } from './position.js';
import { post } from './server.js';

const EVERY_MS = 60_000;
const BATCH = 20;
const MOST = 400;
const LEAST_M = 10;
const STILL_MS = 60_000;
const ROUGH_M = 100;

export class Tracking {
  /** @param {HTMLElement} element @param {{store: Store, tracks: object, onHere: (here) => void, onSay: (text) => void}} parts */
  constructor(element, parts) {
    Object.assign(this, { element, ...parts, last: null, unwatch: null });
    setInterval(() => this.flush(), EVERY_MS);
    addEventListener('online', () => this.flush());
    document.addEventListener('visibilitychange', () => document.hidden && this.flush());
  }

  get agreed() {
    return Boolean(this.tracks.agreed_at);
  }

  /** @param {{active: boolean}} options whether there is a round to record */
  show(tracks, { active }) {
    this.tracks = tracks;
    this.active = active;
    if (this.agreed && active && !this.unwatch) this.unwatch = watch((here) => this.take(here));
    if ((!this.agreed || !active) && this.unwatch) this.end();
    const open = this.element.querySelector('details')?.open;
    this.element.replaceChildren(this.panel());
    if (open) this.element.querySelector('details').open = true;
  }

  end() {
    this.unwatch?.();
    this.unwatch = null;
    this.last = null;
  }

  panel() {
    const { tracks } = this;
    const has = tracks.points > 0;
    return h('section', { class: 'card rd-tracks' }, h('details', {},
      h('summary', {}, icon('footprints', 17), h('b', {}, t('Recording where you walk')), h('span', { class: 'end' }, this.agreed ? t('on') : t('off'))),
      h('div', { class: 'in stack' },
        h('ul', { class: 'rd-plain' },
          h('li', {}, t('Kept: your position about once a minute, with the time, only while this page is open and you have a round today')),
          h('li', {}, t('For {n} days, then deleted by itself (from backups when the office deletes those)', { n: tracks.days })),
          h('li', {}, t('Seen by: administrators, supervisors, leaders and the archivist, when they look back on the plan. It is on no public map and in no export')),
          h('li', {}, t('You may stop and delete at any time. Your round works without it'))),
        has ? h('p', { class: 'sec' }, tracks.points === 1 ? t('Kept of you: 1 position, since {day}', { day: moment(tracks.oldest_at) }) : t('Kept of you: {n} positions, since {day}', { n: tracks.points, day: moment(tracks.oldest_at) })) : h('p', { class: 'sec' }, t('Nothing is kept of you')),
        h('div', { class: 'rd-row' },
          this.agreed
            ? h('button', { type: 'button', class: 'btn btn-default big', id: 'rd-stop-tracks', on: { click: () => this.consent(false) } }, icon('circle-pause', 17), h('span', {}, t('Stop recording')))
            : h('button', { type: 'button', class: 'btn btn-default big', id: 'rd-agree', on: { click: () => this.consent(true) } }, icon('play', 17), h('span', {}, t('I agree: record'))),
          has ? h('button', { type: 'button', class: 'btn btn-default big', id: 'rd-delete-tracks', on: { click: () => this.remove() } }, icon('trash-2', 17), h('span', {}, t('Delete what is kept'))) : null))));
  }

  async consent(agree) {
    if (!agree) {
      this.end(); // at once, whatever the connection
      await this.store.remove('points', await this.store.points());
    }
    const answer = await post('/round/consent', { agree });
    if (answer.kind === 'done') this.show(answer.body, { active: this.active });
    else this.onSay(agree ? t('Not recorded: the server does not answer') : t('Recording has stopped here; the server does not answer, so try again to take the consent back there, too'));
  }

  async remove() {
    if (!confirm(t('Delete all positions that are kept of you? This cannot be undone.'))) return;
    const answer = await post('/round/tracks/delete', {});
    if (answer.kind === 'done') {
      this.show(answer.body, { active: this.active });
      this.onSay(t('Deleted'));
    } else this.onSay(t('Not deleted: the server does not answer'));
  }

  async take(here) {
    this.onHere(here);
    if (!this.agreed || here.accuracy_m > ROUGH_M) return;
    const now = Date.now();
    if (this.last && metresBetween(this.last, here) < LEAST_M && now - this.last.now < STILL_MS) return;
    this.last = { ...here, now };
    await this.store.addPoint({ at: new Date(here.at || now).toISOString(), lon: here.lon, lat: here.lat, accuracy_m: here.accuracy_m });
    if ((await this.store.points()).length >= BATCH) await this.flush();
  }

  async flush() {
    if (this.busy || navigator.onLine === false || !this.agreed) return;
    const batch = (await this.store.points()).slice(0, MOST);
    if (!batch.length) return;
    this.busy = true;
    const points = batch.map(({ at, lon, lat, accuracy_m }) => ({ at, lon, lat, accuracy_m }));
    const answer = await post('/round/track', { points, sent_at: new Date().toISOString() });
    this.busy = false;
    // What is refused would be refused again: the consent is gone, the round is over, or it is too old.
    if (answer.kind === 'done' || (answer.kind === 'refused' && answer.body.field !== 'csrf_token')) await this.store.remove('points', batch);
  }
}
