/** Planning a day: the form and its map. What is chosen is counted and drawn at once; "Plan" sends it and goes to the plan. */
import { toast } from '../dom.js';
import { day as dayWord, dayOf, useTimeZone } from '../format.js';
import { number, t } from '../i18n.js';
import { Names } from '../problem_map/names.js';
import { askOptions, askView, superseded } from '../problem_map/data.js';
import { shift as later } from '../problem_map/dates.js';
import { clearFault, clearFaults, showFaults, tellAt } from './new/faults.js';
import { Findings } from './new/findings.js';
import { PlanMap } from './new/map.js';
import { Patches } from './new/patches.js';
import { People } from './new/people.js';
import { Places } from './new/places.js';
import { Unreachable, candidates, create, solve } from './new/server.js';

const SETTLE_MS = 160;
const CITY_ZOOM = 10;
const inlined = (id) => JSON.parse(document.getElementById(id).textContent);
const find = (id) => document.getElementById(id);
const chosenOf = (name) => document.querySelector(`input[name="${name}"]:checked`).value;

class NewPlan {
  constructor(map, config, begin) {
    Object.assign(this, { config, begin, points: [], names: new Names(), asked: 0 });
    this.map = new PlanMap(map, { config, onAreas: (areas) => {
      this.names.takeAreas(areas);
      this.findings.renderBar();
    } });
    const onChange = () => this.render();
    this.people = new People({ begin, map: this.map, onChange });
    this.findings = new Findings({ names: this.names, mostStops: begin.most_stops, onFilter: () => this.refresh(), onChange });
    this.patches = new Patches({ onWeeks: () => this.refresh(), onChange });
    this.places = new Places({ map: this.map, mostStops: begin.most_stops, onChange });
    this.listen();
    this.people.setDays(this.days);
    this.people.render();
    this.render();
    this.load();
    askOptions().then((options) => {
      this.names.takeOptions(options);
      this.findings.renderBar();
    }, () => {});
  }

  listen() {
    find('new-plan').addEventListener('submit', (event) => {
      event.preventDefault();
      this.plan();
    });
    for (const id of ['day', 'days']) find(id).addEventListener('change', () => {
      this.people.setDays(this.days);
      this.render();
      this.refresh();
    });
    for (const kind of ['finding', 'patch', 'place']) find(`service-${kind}`).addEventListener('input', () => this.render());
    find('balance').addEventListener('input', () => this.render());
    for (const input of document.querySelectorAll('input[name="mode"], input[name="own_patch"]')) input.addEventListener('change', () => this.render());
  }

  /** The plan's days as ISO texts; none while the day is no day. */
  get days() {
    const first = find('day').value;
    const n = Number(find('days').value);
    return first ? Array.from({ length: n }, (_, i) => later(first, i)) : [];
  }

  /* ---- what there is ---- */

  refresh() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), SETTLE_MS);
  }

  async load() {
    this.asked += 1;
    const mine = this.asked;
    document.body.classList.add('is-loading');
    const { filters } = this.findings;
    try {
      const [found] = await Promise.all([candidates(filters, this.patches.days, find('day').value || this.begin.today), this.loadFacets()]);
      this.take(found);
    } catch (error) {
      if (!superseded(error)) tellAt(error.field === 'day' ? 'day' : 'filters', error.status ? error.message : t('The server does not answer: the counts are old'));
    } finally {
      if (mine === this.asked) document.body.classList.remove('is-loading');
    }
  }

  /** The live counts of the filter chips come from the problem map. */
  async loadFacets() {
    const [[south, west], [north, east]] = this.config.city.bounds;
    try {
      const view = await askView(this.findings.store.state.filters, { bbox: [west, south, east, north], zoom: CITY_ZOOM }, null, { rows: 1 }, 'facets');
      this.findings.setFacets(view.facets, dayOf(view.now));
    } catch (error) {
      if (!superseded(error) && error.status) throw error;
    }
  }

  take(found) {
    clearFault('filters');
    clearFault('day');
    this.points = found.points;
    this.findings.take(found);
    this.patches.take(found.unseen || []);
    this.render();
  }

  /* ---- what is chosen ---- */

  get counts() {
    return { finding: this.findings.count, patch: this.patches.chosen.length, place: this.places.places.length };
  }

  get service_s() {
    return Object.fromEntries(['finding', 'patch', 'place'].map((kind) => [kind, Math.round(Number(find(`service-${kind}`).value) * 60)]));
  }

  render() {
    this.findings.suggest(Math.max(1, this.people.chosen.length), Math.max(1, this.days.length));
    this.findings.render();
    this.map.showFindings(this.points.slice(0, this.counts.finding));
    this.map.showPatches(this.patches.chosen.map(({ code }) => code));
    this.map.showPlaces(this.places.places);
    this.map.showPeople(this.people.chosen);
    const { days } = this;
    find('which-days').textContent = days.length > 1 ? t('{first} to {last}: each stop on one of these days', { first: dayWord(days[0]), last: dayWord(days.at(-1)) }) : '';
    this.sayBalance();
    this.summarise();
  }

  sayBalance() {
    const range = find('balance');
    const value = Number(range.value);
    const words = value <= 0.15 ? t('Short ways count most; one may have far more to do than another')
      : value >= 0.85 ? t('Everybody has the same to do, whatever way that costs')
        : t('Short ways, and about the same for everybody; the plan says what that costs');
    find('balance-said').textContent = words;
    range.setAttribute('aria-valuetext', words);
  }

  summarise() {
    const { counts, service_s: each } = this;
    const stops = counts.finding + counts.patch + counts.place;
    const site_s = Object.entries(counts).reduce((sum, [kind, n]) => sum + n * (each[kind] || 0), 0);
    const people = this.people.chosen.length;
    const parts = [
      stops === 1 ? t('1 stop') : t('{n} stops', { n: number(stops) }),
      people === 1 ? t('1 person') : t('{n} people', { n: number(people) }),
      t('{hours} h on site', { hours: number(Math.round(site_s / 360) / 10) }),
    ];
    const much = people && site_s > this.people.capacity_s;
    find('summary').textContent = much ? `${parts.join(' · ')}. ${t('More than fits: what is left out will say why')}` : parts.join(' · ');
    find('service-said').textContent = ['finding', 'patch', 'place'].map((kind) => find(`service-${kind}`).value).join(' / ');
    this.stops = stops;
  }

  /* ---- sending ---- */

  faults() {
    const faults = [];
    const first = find('day').value;
    if (!first) faults.push({ field: 'day', text: t('Choose a day') });
    else if (first < this.begin.today) faults.push({ field: 'day', text: t('That day is over') });
    faults.push(...this.findings.faults(), ...this.patches.faults(), ...this.places.faults());
    if (Object.values(this.service_s).some((s) => !(s > 0 && s <= 8 * 3600))) faults.push({ field: 'service_s', text: t('From 1 to 480 minutes') });
    faults.push(...this.people.faults());
    if (!faults.length && !this.stops) faults.push({ field: 'filters', text: t('Choose what is to be seen: nothing fits so far') });
    return faults;
  }

  /** What is sent; see `casework.route_plans.new_plan`. */
  body() {
    const { must, ...findings } = this.findings.asked();
    return {
      title: find('title').value.trim(), day: find('day').value, days: Number(find('days').value), mode: chosenOf('mode'),
      own_patch: chosenOf('own_patch'), balance: Number(find('balance').value), seconds: Number(find('seconds').value),
      ...findings, patches: this.patches.chosen.map(({ id }) => id), places: this.places.places.map(({ name, lon, lat }) => ({ name: name.trim(), lon, lat })),
      must: { findings: must, patches: find('must-patches').checked, places: find('must-places').checked },
      service_s: this.service_s, inspectors: this.people.asked(),
    };
  }

  async plan() {
    clearFaults();
    const faults = this.faults();
    if (faults.length) return showFaults(faults);
    const button = find('plan');
    button.disabled = true;
    try {
      const { id, url, revision = 1 } = await create(this.body());
      // The plan is on record now. Where working it out does not begin, its page offers it again.
      await solve(id, revision).catch(() => {});
      return location.assign(url || `/routes/${id}`);
    } catch (error) {
      button.disabled = false;
      if (error instanceof Unreachable) return toast(t('The server does not answer. What you typed is kept; see whether the plan is in the list before you try again'));
      if (error.status === 401) return toast(t('You are no longer signed in: sign in in another tab, then press Plan again'));
      return showFaults([{ field: error.field, text: error.message }]);
    }
  }
}

function start() {
  const config = inlined('bp-config');
  useTimeZone(config.city.timezone);
  window.BP.page = new NewPlan(window.BP.map, config, inlined('bp-begin'));
}

if (window.BP?.map) start();
else document.addEventListener('bp:map', start, { once: true });
