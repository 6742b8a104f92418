/** A round in words: times of day, distances, how late, why a stop is there. */
import { number, t } from '../i18n.js';

const MINUTE_S = 60;
const ON_TIME_S = 5 * MINUTE_S;

/** Seconds from midnight as a time of day. */
export function clock(seconds) {
  if (seconds === null || seconds === undefined) return '';
  const minutes = Math.round(seconds / MINUTE_S);
  const two = (n) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

export function metres(m) {
  if (m === null || m === undefined) return '';
  return m >= 1000 ? `${(m / 1000).toFixed(1)} km` : `${Math.round(m / 10) * 10 || Math.round(m)} m`;
}

export function minutes(seconds) {
  const n = Math.max(1, Math.round(seconds / MINUTE_S));
  return n < 60 ? t('{n} min', { n }) : t('{hours} h {minutes} min', { hours: Math.floor(n / 60), minutes: n % 60 });
}

/** How far off a time is, in words; empty within five minutes. */
export function offBy(seconds) {
  if (seconds === null || Math.abs(seconds) < ON_TIME_S) return '';
  return seconds > 0 ? t('late by {time}', { time: minutes(seconds) }) : t('early by {time}', { time: minutes(-seconds) });
}

export const hours = (windows) => windows.map(([from, to]) => `${clock(from)}–${clock(to)}`).join(', ');

const WHY = {
  over: t('Overdue: is it put right?'), due: t('Due soon: is it put right?'), check: t('Put right, they say: is it?'),
  prog: t('Is somebody at work?'), new: t('Is it as reported?'), susp: t('Suspended: how does it look?'), done: t('Closed: is it still in order?'),
};

/** Why somebody is sent there. */
export function why(stop) {
  if (stop.finding) return WHY[stop.finding.key] || '';
  return stop.kind === 'patch' ? t('Look whether everything is in order') : t('Look at it');
}

const MISSED = { shift: t('your working day is over before'), window: t('only at hours that are over'), deadline: t('its deadline is over'), unreachable: t('no street leads there') };

/** Why a stop will be missed. */
export const missed = (reason) => MISSED[reason] || MISSED.shift;

export const RESULTS = {
  still: t('Still there'), fixed: t('Put right'), not_found: t('Not found'), nothing: t('Nothing found'), recorded: t('Recorded'),
};

export const APPS = { amap: t('Amap'), baidu: t('Baidu Maps'), tencent: t('Tencent Maps'), google: t('Google Maps') };

export const MODES = { foot: t('on foot'), bike: t('by bike'), car: t('by car') };

/** What became of the check of an arrival. */
export function arrival(stop) {
  if (stop.arrived_m === null || stop.arrived_m === undefined) return { icon: 'map-pin-off', text: t('Your position was not known: the arrival counts, and is marked so'), warn: true };
  if (stop.arrived_far) return { icon: 'triangle-alert', text: t('You were {m} from the place: the arrival counts, and is marked so', { m: metres(stop.arrived_m) }), warn: true };
  return { icon: 'circle-check', text: t('At the place ({m})', { m: metres(stop.arrived_m) }), warn: false };
}

/** "3 of 8 done". */
export const doneOf = (stops) => t('{done} of {all} done', { done: number(stops.filter(({ state }) => state === 'done').length), all: number(stops.length) });
