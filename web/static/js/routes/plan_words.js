/** A plan in words: times, lengths, why a stop is in no round, what would help, what a change does. */
import { joined } from '../dom.js';
import { lang, local, number, t } from '../i18n.js';
import { lookOf } from './plan_look.js';
import { inRound } from './plan_store.js';

/** 08:05 of seconds from midnight; the next day's with +1. */
export function clock(seconds) {
  if (seconds === null || seconds === undefined) return '';
  const minutes = Math.round(seconds / 60);
  const text = `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return minutes >= 1440 ? `${text} +1` : text;
}

/** Seconds from midnight of `HH:MM`, or null. */
export function secondsOf(text) {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text || '');
  return found ? Number(found[1]) * 3600 + Number(found[2]) * 60 : null;
}

/** 5.6 km, 380 m. */
export const length = (m) => (Math.abs(m) < 950 ? `${Math.round(m / 10) * 10} m` : `${(m / 1000).toFixed(1)} km`);

/** 35 min, 2 h 5 min. */
export function span(seconds) {
  const minutes = Math.round(Math.abs(seconds) / 60);
  if (minutes < 60) return t('{n} min', { n: minutes });
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return rest ? t('{hours} h {minutes} min', { hours, minutes: rest }) : t('{n} h', { n: hours });
}

export const stopCount = (n) => (n === 1 ? t('1 stop') : t('{n} stops', { n: number(n) }));

/** A person's name with the letter of the round. */
export const personName = (person) => `${lookOf(person.line).letter} ${local([person.zh, person.en])}`;

/** What a stop is called: its finding's category and place, its patch, or the name that somebody gave it. */
export function stopName(stop) {
  if (stop.finding) return joined([local(stop.finding.category), stop.place || stop.name]).join('') || stop.finding.number;
  if (stop.kind === 'patch' && stop.area) return t('Patch {name}', { name: local([stop.area.zh, stop.area.en]) });
  return stop.name || t('Place');
}

const REASONS = {
  no_skill: t('Nobody in the plan has the skill for it'),
  own_patch: t('It lies in a patch of none of them, and only their own is allowed'),
  locked: t('It is agreed for somebody who does not work then'),
  unreachable: t('No street leads there'),
  outside_hours: t('The hours when it can be seen do not meet anybody’s working hours'),
  too_far: t('It is further than anybody may go'),
  no_time: t('No time is left beside the other stops'),
  not_tried: t('It would fit: the search ended before it was tried'),
};

/** Why a stop is in no round; null for one that is. */
export const reasonWords = (stop) => (stop.unserved ? REASONS[stop.unserved.reason] || stop.unserved.text || t('It is in no round') : null);

function remedyParts(remedy, name) {
  const parts = [];
  if (remedy.later_s > 0) parts.push(t('{name} works {n} min longer', { name, n: Math.ceil(remedy.later_s / 60) }));
  if (remedy.earlier_s > 0) parts.push(t('{name} begins {n} min earlier', { name, n: Math.ceil(remedy.earlier_s / 60) }));
  if (remedy.further_m > 0) parts.push(t('{name} may go {length} further', { name, length: length(remedy.further_m) }));
  if (remedy.skills?.length) parts.push(t('{name} gets the skill: {skills}', { name, skills: remedy.skills.join(lang === 'zh' ? '、' : ', ') }));
  if (remedy.patch) parts.push(t('{name} may go into this patch', { name }));
  if (remedy.any_time) parts.push(t('it may be seen at any time'));
  if (remedy.any_inspector) parts.push(t('what was agreed about it is dropped'));
  if (remedy.reached_from) parts.push(t('the last {n} min on foot', { n: Math.ceil(remedy.walk_s / 60) }));
  return parts;
}

/** What would help, as a sentence; null where nothing is known to. */
export function remedyWords(stop, plan) {
  const remedy = stop.unserved?.remedy;
  if (!remedy) return null;
  const person = plan.person(remedy.inspector);
  if (!person) return null;
  const name = personName(person);
  const parts = remedyParts(remedy, name);
  if (!parts.length) return t('Put it into the round of {name}', { name });
  return t('It fits with {name} if {what}', { name, what: parts.join(lang === 'zh' ? '，' : ', ') });
}

/** The change that helps. */
export const remedyChange = (stop) => ({ act: stop.unserved?.reason === 'not_tried' ? 'place' : 'remedy', stop: stop.id });

/** The words of the remedy's button. */
export function remedyAct(stop, plan) {
  const remedy = stop.unserved?.remedy;
  if (stop.unserved?.reason === 'not_tried') return t('Put it where it costs least');
  const person = remedy && plan.person(remedy.inspector);
  if (!person) return null;
  const name = personName(person);
  const minutes = Math.ceil((remedy.earlier_s + remedy.later_s) / 60);
  if (minutes > 0) return t('Give {name} {n} min more', { name, n: minutes });
  if (remedy.further_m > 0) return t('Let {name} go {length} further', { name, length: length(remedy.further_m) });
  if (remedy.skills?.length) return t('Give {name} the skill', { name });
  if (remedy.patch) return t('Let {name} go there', { name });
  if (remedy.any_time) return t('See it at any time');
  if (remedy.any_inspector) return t('Give it to {name}', { name });
  return t('Put it in with {name}', { name });
}

const MINUTE_S = 60;

/**
 * What a change did, from the plan before and after it.
 * @param {import('./plan_store.js').Plan} before
 * @param {import('./plan_store.js').Plan} after
 * @returns {{served, unserved, gone, handed, later, earlier, distance_m, travel_s, ends, person: (stop) => object}}
 *   stops of the plan after the change; later and earlier as [stop, seconds]; ends as [person, day, seconds before, after]
 */
export function compare(before, after) {
  const found = { served: [], unserved: [], gone: [], handed: [], later: [], earlier: [], ends: [], person: (stop) => after.person(stop.inspector) };
  for (const stop of after.stops) {
    const was = before.stop(stop.id);
    const isIn = inRound(stop);
    const wasIn = Boolean(was) && inRound(was);
    if (isIn && !wasIn) found.served.push(stop);
    else if (!isIn && wasIn) (stop.state === 'skipped' ? found.gone : found.unserved).push(stop);
    else if (!isIn && !was) found.unserved.push(stop);
    else if (isIn && (stop.inspector !== was.inspector || stop.day !== was.day)) found.handed.push(stop);
    else if (isIn) {
      const moved = stop.arrive_s - was.arrive_s;
      if (Math.abs(moved) >= MINUTE_S) (moved > 0 ? found.later : found.earlier).push([stop, moved]);
    }
  }
  const both = [...after.rounds, ...before.rounds.filter((round) => !after.round(round.person.id, round.day))];
  for (const round of both) {
    const [then, now] = [before, after].map((plan) => {
      const one = plan.round(round.person.id, round.day);
      return one?.stops.length ? one.ends_s : null;
    });
    if (then !== now && (then === null || now === null || Math.abs(then - now) >= MINUTE_S)) found.ends.push([round.person, round.day, then, now]);
  }
  found.distance_m = after.distance_m - before.distance_m;
  found.travel_s = after.travel_s - before.travel_s;
  return found;
}

const most = (pairs) => pairs.reduce((best, pair) => (Math.abs(pair[1]) > Math.abs(best[1]) ? pair : best));

function movedWords(pairs, one, many) {
  if (!pairs.length) return null;
  const time = span(most(pairs)[1]);
  return pairs.length === 1 ? one({ time, name: stopName(pairs[0][0]) }) : many({ time, count: pairs.length });
}

const LATER = [(values) => t('{name}: {time} later', values), (values) => t('{count} stops later, by {time} at most', values)];
const EARLIER = [(values) => t('{name}: {time} earlier', values), (values) => t('{count} stops earlier, by {time} at most', values)];

/** The same in short sentences, the weightiest first. */
export function differenceWords(found) {
  const names = (stops) => stops.slice(0, 3).map(stopName).join(lang === 'zh' ? '、' : ', ') + (stops.length > 3 ? '…' : '');
  const lines = [];
  if (found.unserved.length) lines.push(t('Not served any more: {names}', { names: names(found.unserved) }));
  if (found.gone.length) lines.push(t('Taken out: {names}', { names: names(found.gone) }));
  if (found.served.length) lines.push(t('Served now: {names}', { names: names(found.served) }));
  if (found.handed.length === 1) lines.push(t('{name} goes to {person}', { name: stopName(found.handed[0]), person: personName(found.person(found.handed[0])) }));
  else if (found.handed.length) lines.push(t('{n} stops go to somebody else', { n: found.handed.length }));
  lines.push(movedWords(found.later, ...LATER));
  lines.push(movedWords(found.earlier, ...EARLIER));
  for (const [person, , then, now] of found.ends.slice(0, 4)) {
    const name = personName(person);
    if (now === null) lines.push(t('{name} has no stop any more', { name }));
    else if (then === null) lines.push(t('{name} sets out too, until {time}', { name, time: clock(now) }));
    else lines.push(t('{name} ends at {time} instead of {before}', { name, time: clock(now), before: clock(then) }));
  }
  const way = Math.abs(found.distance_m) >= 10;
  const time = Math.abs(found.travel_s) >= 30;
  if (way || time) {
    const sign = (value) => (value < 0 ? '−' : '+');
    lines.push(t('Way in all: {way}, {time}', { way: `${sign(found.distance_m)}${length(Math.abs(found.distance_m))}`, time: `${sign(found.travel_s)}${span(found.travel_s)}` }));
  }
  const said = lines.filter(Boolean);
  return said.length ? said : [t('No time moves by a minute')];
}
