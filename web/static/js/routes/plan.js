/** The page of a plan: puts its parts together and keeps them in step with the server. */
import { h, memory, toast } from '../dom.js';
import { time, useTimeZone, dayOf } from '../format.js';
import { local, t } from '../i18n.js';
import { askAreas, askBackdrop } from '../problem_map/data.js';
import { togglePopover } from '../problem_map/popover.js';
import { Sheet, phone } from '../problem_map/sheet.js';
import { PlanBanner } from './plan_banner.js';
import { Changes, moveTo } from './plan_changes.js';
import { StopDrag } from './plan_drag.js';
import { Heads } from './plan_head.js';
import { Insert } from './plan_insert.js';
import { PlanList } from './plan_list.js';
import { PlanMap } from './plan_map.js';
import { Menus, cheapestPlace } from './plan_menus.js';
import { Sending } from './plan_send.js';
import { PlanServer } from './plan_server.js';
import { Settings } from './plan_settings.js';
import { Solving } from './plan_solving.js';
import { Plan, Store, inRound } from './plan_store.js';
import { Tell } from './plan_tell.js';
import { Timeline } from './plan_timeline.js';
import { Totals } from './plan_totals.js';
import { Went } from './plan_went.js';
import { compare, differenceWords, stopName } from './plan_words.js';

const LOOK_AGAIN_MS = 20_000;
const find = (selector) => document.querySelector(selector);
const inlined = (id) => JSON.parse(document.getElementById(id).textContent);
const TABS = [['rounds', t('Rounds')], ['timeline', t('Timetable')], ['unserved', t('Not served')], ['settings', t('Set up')]];

class PlanPage {
  constructor(map) {
    const config = inlined('bp-config');
    const data = inlined('plan-data');
    useTimeZone(config.city.timezone);
    Object.assign(this, { config, map, now: config.now, opened_ms: Date.now() });
    const store = new Store(data, dayOf(config.now));
    const server = new PlanServer(config.plan_id);
    Object.assign(this, { store, server });
    this.banner = new PlanBanner(find('#banner'), find('#warnings'), store);
    this.changes = new Changes({ store, server, onOvertaken: (...all) => this.overtaken(...all), onDone: (...all) => this.changed(...all) });
    this.tell = new Tell(find('#tell'), { store, changes: this.changes, onOvertaken: (...all) => this.overtaken(...all) });
    this.planMap = new PlanMap(map, { store, config, avoid: () => this.furniture(), onStop: (id) => this.pick(id) });
    this.menus = new Menus({
      store, changes: this.changes, planId: config.plan_id, now: (day) => (dayOf(this.nowMs()) === day ? time(this.nowMs()) : null), propose: (title, changes, lead) => this.propose(title, changes, lead),
      onFit: (person) => { store.focusRound(person); this.planMap.fit(person); },
    });
    this.heads = new Heads({ store, now: config.now, onLockAll: (lock) => this.lockAll(lock) });
    const key = (event, stop, element) => this.key(event, stop, element);
    this.list = new PlanList({ rounds: find('#rounds'), unserved: find('#unserved'), out: find('#out') }, {
      store, onKey: key, onStop: (id, row) => this.openStop(id, row), onPerson: (person, button) => this.menus.person(person, button),
      onRemedy: (stop) => this.menus.remedy(stop), onRestore: (stop) => this.propose(t('Bring back: {name}', { name: stopName(stop) }), [{ act: 'restore', stop: stop.id }]),
    });
    this.timeline = new Timeline(find('#timeline'), { store, onKey: key, now: () => this.nowMs(), onStop: (id, block) => this.openStop(id, block), onPerson: (person, button) => this.menus.person(person, button) });
    this.totals = new Totals(find('#totals'), store);
    this.solving = new Solving(find('#solving'), { store, server, tell: this.tell, banner: this.banner, onOvertaken: (...all) => this.overtaken(...all) });
    this.settings = store.past ? new Went(find('#settings'), store) : new Settings(find('#settings'), { store, onSolve: (asked) => this.solving.start(asked) });
    this.insert = new Insert({ store, map, planMap: this.planMap, tell: this.tell });
    this.sending = new Sending(find('#foot'), { store, server, planId: config.plan_id, now: config.now, onSent: () => this.reload() });
    this.drag = new StopDrag({ store, changes: this.changes, timeline: this.timeline });
    for (const root of [find('#rounds'), find('#unserved'), find('#timeline')]) this.drag.watch(root);
    this.furnish();
    this.follow();
    this.ground();
    if (store.plan.facts.status === 'solving') this.solving.watch();
    if (store.plan.facts.status === 'failed') this.tellFailure();
    document.body.dataset.ready = 'true';
  }

  /** The server's clock, as far as we know it. */
  nowMs() {
    return Date.parse(this.now) + Date.now() - this.opened_ms;
  }

  /** The last calculation failed, maybe while nobody looked: why, and once more. */
  async tellFailure() {
    try {
      const { text } = await this.server.progress();
      const again = this.store.open ? [[t('Try again'), () => this.solving.start({})]] : [];
      this.banner.say('alert', text || t('The rounds could not be worked out; everything is as it was before.'), ...again);
    } catch {
      // The badge says that it was not worked out; the reason comes when the server answers again.
    }
  }

  ground() {
    askAreas().then((areas) => this.planMap.setGround({ areas }), () => {});
    askBackdrop().then((backdrop) => this.planMap.setGround({ backdrop }), () => {});
  }

  furnish() {
    const acts = { in: () => this.map.zoomIn(1), out: () => this.map.zoomOut(1), fit: () => this.planMap.fit() };
    for (const button of document.querySelectorAll('[data-do]')) button.addEventListener('click', () => acts[button.dataset.do]());
    for (const button of document.querySelectorAll('[data-add]')) {
      button.addEventListener('click', () => this.insert.open());
    }
    for (const button of document.querySelectorAll('[data-layers]')) button.addEventListener('click', () => this.layers(button));
    for (const button of document.querySelectorAll('[data-keys]')) button.addEventListener('click', () => this.keys(button));
    const able = () => {
      for (const button of document.querySelectorAll('[data-add]')) {
        button.hidden = !this.store.plan.facts.may_change || this.store.past;
        button.disabled = !this.store.open;
      }
    };
    for (const kind of ['plan', 'solving']) this.store.addEventListener(kind, able);
    able();
    this.sheet = new Sheet(find('.work'), () => {
      document.body.classList.toggle('sheet-full', phone.matches && this.sheet?.stop === 'full');
      this.planMap.labels?.redraw();
    });
    const tabs = find('#tabs');
    const show = (key) => {
      find('#pane').dataset.show = key;
      for (const button of tabs.children) button.setAttribute('aria-pressed', String(button.dataset.tab === key));
      if (key === 'timeline') this.timeline.draw();
    };
    const named = this.store.past ? [...TABS.slice(0, -1), ['settings', t('How it went')]] : TABS;
    tabs.replaceChildren(...named.map(([key, words]) => h('button', { type: 'button', data: { tab: key }, on: { click: () => { show(key); if (this.sheet.stop === 'low') this.sheet.moveTo('middle'); } } }, words)));
    show('rounds');
    const settle = () => {
      document.body.classList.toggle('is-phone', phone.matches);
      find('#legend').tabIndex = phone.matches ? 0 : -1;
      (phone.matches ? find('#timeline-here') : find('#stage')).append(find('#timeline'));
      this.map.invalidateSize({ pan: false, animate: false });
      this.planMap.fit();
    };
    phone.addEventListener('change', settle);
    settle();
  }

  layers(button) {
    const names = { borders: t('Patch borders'), labels: t('Names'), streets: t('Streets, water, parks'), shade: t('Patches with stops') };
    const base = this.config.basemaps.length > 1 ? [h('h4', {}, t('Ground')), ...this.config.basemaps.map((item) => {
      const input = h('input', { type: 'radio', name: 'basemap', checked: this.planMap.basemap.key === item.key });
      input.addEventListener('change', () => { this.planMap.setBasemap(item.key); memory.set('bp-basemap', item.key); });
      return h('label', { class: 'opt' }, input, local([item.zh, item.en]));
    })] : [];
    togglePopover(button, h('div', {}, ...base, h('h4', {}, t('Layers')), Object.entries(names).map(([key, words]) => {
      const box = h('input', { type: 'checkbox', checked: this.planMap.layers[key] });
      box.addEventListener('change', () => this.planMap.setLayers({ [key]: box.checked }));
      return h('label', { class: 'opt' }, box, words);
    })), { label: t('Layers') });
  }

  keys(button) {
    const rows = [
      ['← →', t('stop before, stop after')], ['↑ ↓', t('other round; in the list: next stop')], ['Enter', t('what can be done with a stop')],
      ['Alt + ← →', t('one place earlier, later')], ['Alt + ↑ ↓', t('to the round above, below')], ['L', t('lock or unlock')], ['Del', t('out of its round')], ['Ctrl + Z', t('take the last change back')],
    ];
    togglePopover(button, h('div', {}, h('h4', {}, t('Keys in the timetable')), h('dl', { class: 'keys-list' }, rows.map(([keys, words]) => [h('dt', {}, h('kbd', {}, keys)), h('dd', {}, words)]).flat())), { label: t('Keys'), className: 'pop-keys' });
  }

  furniture() {
    return [...document.querySelectorAll('.mapbox .float:not([hidden])')].map((element) => element.getBoundingClientRect());
  }

  /** A mark on the map was clicked, or the ground. */
  pick(id) {
    if (id === null) {
      this.store.select(null);
      return;
    }
    const stop = this.store.shown.stop(id);
    this.store.select(id);
    this.list.show(stop);
    const block = phone.matches ? find('#map-anchor') : find(`.tl-stop[data-stop="${id}"]`) || find(`#unserved [data-stop="${id}"]`) || find('#map-anchor');
    block.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    this.menus.stop(id, block);
  }

  openStop(id, element) {
    this.store.select(id);
    this.menus.stop(id, element);
  }

  propose(title, changes, lead = null) {
    this.tell.offer(title, [{ word: t('As shown'), changes }], lead);
  }

  /** Keys on a stop's block or row. */
  key(event, stop, element) {
    if (!stop || !this.store.open || stop.state === 'done') return;
    const wide = element.classList.contains('tl-stop');
    const act = this.keyed(event, stop, wide);
    if (!act) return;
    event.preventDefault();
    this.changes.make([act]).then((made) => made && (wide ? this.timeline.focusStop(stop.id) : find(`#rounds [data-stop="${stop.id}"]`)?.focus()));
  }

  keyed({ key, altKey, ctrlKey, metaKey }, stop, wide) {
    if (ctrlKey || metaKey || !inRound(stop)) return null;
    const { plan } = this.store;
    if (!altKey) {
      if (key === 'l' || key === 'L') return { act: 'lock', stop: stop.id, lock: stop.lock ? '' : 'order' };
      return key === 'Delete' ? { act: 'unserve', stop: stop.id } : null;
    }
    const along = { [wide ? 'ArrowLeft' : 'ArrowUp']: -1, [wide ? 'ArrowRight' : 'ArrowDown']: 1 }[key];
    if (along) {
      const position = stop.position + along;
      const last = plan.round(stop.inspector, stop.day).stops.length - 1;
      return position < 0 || position > last ? null : moveTo(plan, stop.id, stop.inspector, stop.day, position);
    }
    const across = { [wide ? 'ArrowUp' : 'ArrowLeft']: -1, [wide ? 'ArrowDown' : 'ArrowRight']: 1 }[key];
    const crew = plan.crew(stop.day);
    const person = across && crew[crew.findIndex((one) => one.id === stop.inspector) + across];
    return person ? moveTo(plan, stop.id, person.id, stop.day, cheapestPlace(person, plan.round(person.id, stop.day)?.stops || [], stop)) : null;
  }

  lockAll(lock) {
    const stops = this.store.plan.served.filter((stop) => stop.state !== 'done').map((stop) => stop.id);
    this.changes.make([{ act: 'lock', stops, lock }]);
  }

  /** A change was made here: tell what it did. */
  changed(words, difference, changes) {
    const acts = new Set(changes.map(({ act }) => act));
    const titles = { undo: t('Taken back'), lock: t('Agreed'), must: t('Changed'), remedy: t('It is served now'), move: t('Moved'), remove: t('Taken out'), skip: t('Skipped'), insert: t('Added'), absent: t('Given to the others') };
    const title = titles[[...acts][0]] || t('Changed');
    if (acts.has('lock')) {
      const n = this.store.plan.stops.filter((stop) => stop.lock).length;
      this.tell.done([n ? t('{n} stops are agreed: nothing moves them until they are unlocked', { n }) : t('Nothing is agreed any more')], n ? title : t('Unlocked'));
    } else this.tell.done(words, title);
  }

  /** Somebody was quicker: the plan as it is now, and what was wanted can be done on top. */
  async overtaken(changes, words) {
    const before = this.store.plan;
    try {
      this.store.setPlan(await this.server.data());
    } catch {
      this.banner.say('alert', t('The server does not answer; nothing was changed'));
      return;
    }
    const { plan } = this.store;
    if (plan.facts.status === 'solving') {
      this.banner.say('note', words || t('This plan is being worked out at the moment.'));
      this.solving.watch();
      return;
    }
    const what = differenceWords(compare(before, plan)).slice(0, 2).join(' · ');
    const again = changes && changes[0]?.act !== 'undo' ? [[t('Do mine on top'), () => this.propose(t('Your change on top'), changes)]] : [];
    this.banner.say('note', t('Somebody changed this plan meanwhile; this is how it stands now. {what}', { what }), ...again);
  }

  async reload() {
    try {
      this.store.setPlan(await this.server.data());
    } catch {
      toast(t('The server does not answer'));
    }
  }

  /** What others do, and how far the rounds are, is looked up now and then while the page is in view. */
  follow() {
    const look = async () => {
      setTimeout(look, LOOK_AGAIN_MS);
      if (document.hidden || this.store.busy || this.store.trial || this.tell.isAsking || document.querySelector('dialog[open], .popover-layer') || document.body.classList.contains('is-moving')) return;
      const { plan } = this.store;
      try {
        const data = await this.server.data();
        if (this.store.plan !== plan || this.store.trial || this.store.solving) return;
        this.followed(plan, data);
      } catch {
        // The next change tells whether the server answers.
      }
    };
    setTimeout(look, LOOK_AGAIN_MS);
    addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'z' && !event.target.closest('input, textarea') && this.store.open && this.store.plan.facts.undo) {
        event.preventDefault();
        this.tell.close();
        this.changes.undo();
      }
    });
  }

  followed(plan, data) {
    if (JSON.stringify(data) === JSON.stringify(plan.data)) return;
    const other = data.plan.revision !== plan.facts.revision;
    this.store.setPlan(data);
    if (data.plan.status === 'solving') this.solving.watch();
    else if (other) this.banner.say('note', t('Somebody changed this plan meanwhile; this is how it stands now. {what}', { what: differenceWords(compare(plan, new Plan(data))).slice(0, 2).join(' · ') }));
  }
}

function start() {
  window.BP.page = new PlanPage(window.BP.map);
}

if (window.BP?.map) start();
else document.addEventListener('bp:map', start, { once: true });
