/** A plan as the server tells it, made easy to ask, and what the page shows of it: day, stop, round, trial. */

/** Whether a stop is in a round; one that was skipped on the way keeps its place on record, but is not. */
export const inRound = (stop) => stop.inspector !== null && stop.state !== 'skipped';

/** One answer of /routes/<id>/data with its indexes; never changed. */
export class Plan {
  constructor(data) {
    this.data = data;
    this.facts = data.plan;
    this.people = data.inspectors;
    this.stops = data.stops;
    this.outcome = data.outcome || {};
    this.peopleById = new Map(this.people.map((person) => [person.id, person]));
    this.stopsById = new Map(this.stops.map((stop) => [stop.id, stop]));
    this.rounds = this.people.flatMap((person) => person.rounds.map((round) => ({
      ...round, person, stops: round.stops.map((id) => this.stopsById.get(id)).filter(Boolean),
    })));
    for (const round of this.rounds) round.waits = new Map(round.stops.map((stop) => [stop.id, waited(stop, round.breaks || [])]));
    this.roundsByKey = new Map(this.rounds.map((round) => [`${round.person.id}/${round.day}`, round]));
    this.days = daysOf(this.facts.day, this.facts.days);
    this.distance_m = sum(this.rounds, 'distance_m');
    this.travel_s = sum(this.rounds, 'travel_s');
    this.served = this.stops.filter(inRound);
    this.unserved = this.stops.filter((stop) => !inRound(stop) && stop.state !== 'skipped');
    this.out = this.stops.filter((stop) => stop.state === 'skipped');
  }

  person(id) {
    return this.peopleById.get(Number(id)) || null;
  }

  stop(id) {
    return this.stopsById.get(Number(id)) || null;
  }

  round(person, day) {
    return this.roundsByKey.get(`${person}/${day}`) || null;
  }

  roundsOf(day) {
    return this.rounds.filter((round) => round.day === day);
  }

  /** Seconds that somebody stands before a stop in vain; a break that is taken there does not count. */
  waitAt(stop) {
    return (inRound(stop) && this.round(stop.inspector, stop.day)?.waits.get(stop.id)) || 0;
  }

  /** Number of a day from 0. */
  dayNumber(day) {
    return this.days.indexOf(day);
  }

  /** Who works on a day. */
  crew(day) {
    return this.people.filter((person) => !person.days?.length || person.days.includes(day));
  }

  /** The longest and the shortest work of a round that somebody walks, in seconds apart; 0 with one round. */
  get spread_s() {
    const work = this.rounds.filter((round) => round.stops.length).map((round) => round.travel_s + round.service_s);
    return work.length > 1 ? Math.max(...work) - Math.min(...work) : 0;
  }

  /** The rounds as `arrange` takes them. */
  get arranged() {
    return this.rounds.map((round) => ({
      inspector: round.person.id, day_number: this.dayNumber(round.day), stops: round.stops.map((stop) => stop.id),
    }));
  }
}

function waited({ arrive_s: from, start_s: to }, breaks) {
  const rest = breaks.reduce((total, [start, end]) => total + Math.max(0, Math.min(end, to) - Math.max(start, from)), 0);
  return Math.max(0, to - from - rest);
}

/** Seconds that a round stands still for nothing. */
export const waitsOf = (round) => [...round.waits.values()].reduce((total, seconds) => total + seconds, 0);

const sum = (items, key) => items.reduce((total, item) => total + (item[key] || 0), 0);

function daysOf(first, n) {
  const start = Date.parse(`${first}T00:00:00Z`);
  return Array.from({ length: n }, (_, i) => new Date(start + i * 86_400_000).toISOString().slice(0, 10));
}

/**
 * What the page shows. Events: `plan` (another plan or trial), `select`, `hover`, `day`, `solving`.
 */
export class Store extends EventTarget {
  constructor(data, today) {
    super();
    this.today = today;
    this.plan = new Plan(data);
    this.trial = null;
    this.best = null;
    this.solving = false;
    this.selected = null;
    this.hovered = null;
    this.roundOnly = null;
    this.day = this.plan.days.includes(today) ? today : this.plan.days.find((day) => this.plan.roundsOf(day).length) || this.plan.days[0];
  }

  /** What is drawn: the change that is tried, or the plan. */
  get shown() {
    return this.trial || this.plan;
  }

  /** Whether the server works the plan out at the moment: nothing can be changed then. */
  get busy() {
    return this.solving || this.plan.facts.status === 'solving';
  }

  /** Whether the plan's last day is over: it is only looked back at. */
  get past() {
    return this.plan.days.at(-1) < this.today;
  }

  /** Whether this person may change the plan now. */
  get open() {
    return this.plan.facts.may_change && !this.busy && !this.past;
  }

  tell(kind) {
    this.dispatchEvent(new Event(kind));
  }

  setPlan(data) {
    this.plan = new Plan(data);
    this.trial = null;
    if (!this.plan.days.includes(this.day)) [this.day] = this.plan.days;
    if (this.selected && !this.plan.stop(this.selected)) this.selected = null;
    this.tell('plan');
  }

  /** Shows a change before it is made; null: the plan as it is. */
  setTrial(data) {
    if (!data && !this.trial) return;
    this.trial = data ? new Plan(data) : null;
    this.tell('plan');
  }

  setDay(day) {
    if (day === this.day || !this.plan.days.includes(day)) return;
    this.day = day;
    this.tell('day');
  }

  select(id) {
    const stop = id === null ? null : this.shown.stop(id);
    this.selected = stop ? stop.id : null;
    if (stop?.day && stop.day !== this.day) this.setDay(stop.day);
    this.tell('select');
  }

  hover(id) {
    if (id === this.hovered) return;
    this.hovered = id;
    this.tell('hover');
  }

  /** Draws one person's round alone in full strength; null: all. */
  focusRound(person) {
    if (person === this.roundOnly) return;
    this.roundOnly = person;
    this.tell('hover');
  }
}
