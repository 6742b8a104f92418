/** My round on the phone: next stop, what is left, what is done; works on when the connection does not. */
import { ActDialog } from './act_dialog.js';
import { h, icon, toast } from './dom.js';
import { day, moment, useTimeZone } from './format.js';
import { local, t } from './i18n.js';
import { askSkip } from './rounds/dialogs.js';
import { showEmpty } from './rounds/empty.js';
import { List } from './rounds/list.js';
import { RoundMap } from './rounds/map.js';
import { applied, nextOf } from './rounds/model.js';
import { showNews } from './rounds/news.js';
import { Next } from './rounds/next.js';
import { Outbox } from './rounds/outbox.js';
import { isAllowed, locate, metresBetween } from './rounds/position.js';
import { askRound, post } from './rounds/server.js';
import { Store } from './rounds/store.js';
import { Tracking } from './rounds/tracking.js';
import { newKey } from './sending.js';

const EVERY_MS = 60_000;
const WORDS = { arrive: t('arrived'), done: t('done'), skip: t('skipped'), undo: t('taken back') };

const find = (selector) => document.querySelector(selector);
const inlined = (id) => JSON.parse(document.getElementById(id).textContent);

class RoundPage {
  constructor(map, config, told) {
    Object.assign(this, { config, told, chosen: null, position: null, stale: false, added: new Set() });
    this.store = new Store(config.user);
    this.map = new RoundMap(map, config);
    this.next = new Next(find('#rd-next'), find('#rd-foot'), {
      arrive: (stop) => this.arrive(stop), done: (stop, more) => this.act(stop, 'done', more),
      skip: (stop) => askSkip(stop, (note) => this.act(stop, 'skip', { note })),
      undo: (stop) => this.act(stop, 'undo'), act: (stop, act) => this.openAct(stop, act),
    });
    this.list = new List(find('#rd-list'), { choose: (stop) => this.choose(stop), undo: (stop) => this.act(stop, 'undo') });
    this.outbox = new Outbox(find('#rd-outbox'), { store: this.store, onChange: () => this.render(), onSent: (body) => this.arrived(body), onRefused: () => this.refreshSoon() });
    this.tracking = new Tracking(find('#rd-tracks'), { store: this.store, tracks: told.tracks || {}, onHere: (here) => this.here(here), onSay: toast });
    this.listen();
    this.ready = this.start();
  }

  async start() {
    this.render();
    if (this.told.read_only) return;
    await this.outbox.start();
    if (this.told.round && !this.told.round.news) await this.seen({ quiet: true });
    if (await isAllowed()) this.locateMe({ quiet: true });
  }

  listen() {
    find('#locate').addEventListener('click', () => this.locateMe({ go: true }));
    document.addEventListener('click', (event) => event.target.closest('#rd-near') && this.locateMe());
    setInterval(() => this.refresh(), EVERY_MS);
    document.addEventListener('visibilitychange', () => !document.hidden && this.refresh());
    addEventListener('online', () => this.refresh());
    addEventListener('offline', () => this.showSaid());
  }

  get query() {
    const { round } = this.told;
    return { plan: round?.plan.id, next: this.chosen, lon: this.position?.lon, lat: this.position?.lat };
  }

  async refresh() {
    if (this.told.read_only || document.hidden || this.outbox.pending.length) return;
    const answer = await askRound(this.query);
    this.stale = answer.kind !== 'done';
    if (answer.kind === 'done') this.told = answer.body;
    this.render();
  }

  /** An act has arrived at the server; its answer has the round as it is now. */
  arrived(body) {
    if (body.data) {
      this.told = body.data;
      this.stale = false;
      if (this.position || this.chosen) this.refreshSoon();
    } else this.refreshSoon();
  }

  refreshSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.refresh(), 300);
  }

  render() {
    const { told } = this;
    this.showSaid();
    if (!told.round) {
      showEmpty(find('#rd-next'), told);
      find('#rd-list').replaceChildren();
      find('#rd-news').replaceChildren();
      this.next.foot.hidden = true;
      find('#rd-map').hidden = true;
      find('#rd-sub').textContent = day(told.day, told.now.slice(0, 4));
      if (told.tracks) this.tracking.show(told.tracks, { active: false });
      return;
    }
    const round = applied(told.round, this.outbox.pending);
    const next = nextOf(round.stops, this.chosen);
    const readOnly = told.read_only;
    this.showHead(round);
    showNews(find('#rd-news'), readOnly ? { ...round, news: null } : round, () => this.seen());
    if (next) this.next.show(next, round, { readOnly, place: t('{n} of {all}', { n: round.stops.indexOf(next) + 1, all: round.stops.length }) });
    else this.next.none(round);
    const sheet = `/routes/${round.plan.id}/${round.person.id}/sheet?day=${round.day}`;
    this.list.show(round, next, { readOnly, isNew: new Set([...this.added, ...(round.news?.added || [])]), sheet });
    this.map.show(round, next, (stop) => document.getElementById(`stop-${stop.id}`)?.scrollIntoView({ block: 'center' }));
    if (told.tracks && !readOnly) this.tracking.show(told.tracks, { active: true });
  }

  showHead({ person, plan, day: on }) {
    const parts = [day(on, this.told.now.slice(0, 4)), plan.title, this.told.read_only ? local([person.zh, person.en]) : null].filter(Boolean);
    find('#rd-sub').textContent = parts.join(' · ');
    const others = this.told.rounds.filter((one) => one.plan !== plan.id);
    if (!others.length) return;
    find('#rd-sub').append(...others.map((one) => h('button', { type: 'button', class: 'link', on: { click: () => this.other(one.plan) } }, ' ', t('also: {title}', { title: one.title || one.plan }))));
  }

  async other(plan) {
    const answer = await askRound({ plan });
    if (answer.kind !== 'done') return;
    Object.assign(this, { told: answer.body, chosen: null });
    this.render();
  }

  /** What stands above everything: looked at only, absent, no connection. */
  showSaid() {
    const { told } = this;
    const lines = [];
    const line = (name, text, warn) => lines.push(h('p', { class: `note${warn ? ' warn' : ''}` }, icon(name, 16), h('span', {}, text)));
    if (told.read_only) line('eye', t('You look at the round of {name}, as they see it', { name: local([told.round.person.zh, told.round.person.en]) }));
    if (told.round?.person.absent_from) line('circle-pause', t('You are marked as absent: your stops went to others'), true);
    if (navigator.onLine === false || this.stale) line('wifi-off', t('No connection: you see the round of {time}. What you do is kept and sent later', { time: moment(told.now, told.now) }), true);
    find('#rd-say').replaceChildren(...lines);
  }

  async seen({ quiet = false } = {}) {
    for (const id of this.told.round.news?.added || []) this.added.add(id);
    const answer = await post('/round/seen', { plan: this.told.round.plan.id });
    if (answer.kind === 'done' && !this.outbox.pending.length) this.told = { ...this.told, round: answer.body.round && { ...this.told.round, news: answer.body.round.news } };
    else if (!quiet) toast(t('The server does not answer: try again later'));
    this.render();
  }

  choose(stop) {
    this.chosen = stop.id;
    this.render();
    this.refresh();
    find('#rd-next').scrollIntoView({ block: 'start' });
  }

  here(here) {
    this.position = here;
    this.map.here(here);
  }

  async locateMe({ go = false, quiet = false } = {}) {
    const { here, why } = await locate();
    if (!here) {
      if (!quiet) toast(why);
      return;
    }
    this.position = here;
    this.map.here(here, { go });
    await this.refresh();
  }

  async arrive(stop) {
    const at = new Date();
    this.next.looking(true);
    const { here, why } = await locate();
    this.next.looking(false);
    if (here) this.here(here);
    else if (why) toast(why);
    const where = here ? { lon: here.lon, lat: here.lat, accuracy_m: here.accuracy_m } : {};
    await this.act(stop, 'arrive', where, { at, distance_m: here ? metresBetween(here, stop) : null });
  }

  /** One act at a stop: kept first, then sent; what is shown does not wait for the answer. */
  act(stop, act, body = {}, { at = new Date(), distance_m = null } = {}) {
    this.next.hold();
    if (act === 'done' || act === 'skip') {
      this.chosen = null;
      find('.rd-h').scrollIntoView({ block: 'start' });
    }
    return this.outbox.put({
      act, stop: stop.id, name: stop.name, what: WORDS[act], distance_m, second: this.secondOf(at), address: `/round/stops/${stop.id}/${act}`,
      body: { ...body, key: newKey(), at: at.toISOString(), plan: this.told.round.plan.id },
    });
  }

  /** Seconds from the round's midnight by the server's clock at the last answer. */
  secondOf(at) {
    return this.told.round.now_s + Math.max(0, (at - this.since) / 1000);
  }

  openAct(stop, act) {
    const dialog = new ActDialog(stop.sheet, act, {
      onDone: ({ said }) => {
        toast(said);
        this.refreshSoon();
      },
      onUnreachable: async ({ address, form, word }) => {
        await this.outbox.put({ stop: stop.id, name: stop.name, what: word, address, form });
        return this.store.kept;
      },
      onStale: () => this.refreshSoon(),
    });
    return dialog;
  }

  set told(value) {
    this.since = Date.now();
    this.answer = value;
  }

  get told() {
    return this.answer;
  }
}

function start() {
  const config = inlined('bp-config');
  useTimeZone(config.city.timezone);
  window.BP.page = new RoundPage(window.BP.map, config, inlined('bp-round'));
}

if (window.BP?.map) start();
else document.addEventListener('bp:map', start, { once: true });
