/** Dates, durations and deadlines as the guide words them: 9月2日 10:24, 2 Sep 10:24, 超 2 天, 2 days late. */
import { lang, number, t } from './i18n.js';

const MINUTE_MS = 60_000;
const YEAR = 365;
/** Nobody counts the days of what is older. */
const YEARS_FROM = 2 * YEAR;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const zh = lang === 'zh';

let reader = null;

/** Every date is told in the city's time zone, wherever the reader sits. */
export function useTimeZone(timeZone) {
  const options = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  reader = new Intl.DateTimeFormat('en', { ...options, timeZone });
}

function parts(moment) {
  if (!reader) useTimeZone(undefined);
  return Object.fromEntries(reader.formatToParts(new Date(moment)).map(({ type, value }) => [type, value]));
}

/** The city's day of a moment, `YYYY-MM-DD`. */
export function dayOf(moment) {
  const { year, month, day } = parts(moment);
  return `${year}-${month}-${day}`;
}

/** `HH:MM` in the city. */
export function time(moment) {
  const { hour, minute } = parts(moment);
  return `${hour}:${minute}`;
}

function date(year, month, day, thisYear) {
  const other = thisYear && String(year) !== String(thisYear);
  if (zh) return `${other ? `${Number(year)}年` : ''}${Number(month)}月${Number(day)}日`;
  return `${Number(day)} ${MONTHS[month - 1]}${other ? ` ${year}` : ''}`;
}

/** A `YYYY-MM-DD` as people say it; the year only where it is not `thisYear`. */
export function day(iso, thisYear = '') {
  const [year, month, dayOfMonth] = iso.split('-');
  return date(year, month, dayOfMonth, thisYear);
}

/** `9月1日 18:00`, `1 Sep 18:00`. */
export function moment(at, now) {
  const { year, month, day: dayOfMonth } = parts(at);
  return `${date(year, month, dayOfMonth, now && parts(now).year)} ${time(at)}`;
}

/** For narrow columns: `今天 08:05`, `9-01 18:00`, `1 Sep 18:00`. */
export function shortMoment(at, now) {
  if (now && dayOf(at) === dayOf(now)) return t('today {time}', { time: time(at) });
  const { year, month, day: dayOfMonth } = parts(at);
  if (now && year !== parts(now).year) return zh ? `${year}-${month}-${dayOfMonth}` : date(year, month, dayOfMonth, 'x');
  return zh ? `${Number(month)}-${dayOfMonth} ${time(at)}` : `${date(year, month, dayOfMonth)} ${time(at)}`;
}

/** A span of time in its two or one largest units: `2 天`, `5 时`, `2 时 24 分`. */
export function duration(span_ms) {
  const minutes = Math.round(Math.abs(span_ms) / MINUTE_MS);
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const days = Math.floor(hours / 24);
  if (days >= YEARS_FROM) return t('{n} years', { n: number(Math.floor(days / YEAR)) });
  if (days) return days === 1 ? t('1 day') : t('{n} days', { n: number(days) });
  if (hours >= 4 || (hours && !rest)) return t('{n} h', { n: hours });
  if (hours) return t('{hours} h {minutes} min', { hours, minutes: rest });
  return t('{n} min', { n: rest });
}

const DAY_MIN = 8 * 60;
const FEW_DAYS = 5;

/**
 * A length [seconds, unit] on the clock of its unit: `1 working day 3 h`, `2 working hours 5 min`; other units run
 * with the wall clock.
 */
export function worked([seconds, unit]) {
  if (!unit.startsWith('working')) return duration(seconds * 1000);
  const minutes = Math.round(Math.abs(seconds) / 60);
  const days = Math.floor(minutes / DAY_MIN);
  const hours = Math.floor((minutes % DAY_MIN) / 60);
  const rest = minutes % 60;
  if (days) {
    const whole = days === 1 ? t('1 working day') : t('{n} working days', { n: days });
    return days >= FEW_DAYS || !hours ? whole : t('{days} {hours} h', { days: whole, hours });
  }
  if (hours) {
    const whole = hours === 1 ? t('1 working hour') : t('{n} working hours', { n: hours });
    return rest && hours < 4 ? t('{hours} {minutes} min', { hours: whole, minutes: rest }) : whole;
  }
  return rest === 1 ? t('1 working minute') : t('{n} working minutes', { n: rest });
}

/** What is left on the unit's clock; units of the wall clock go on between two answers of the server. */
export function leftOf({ left, due_at: due }, now) {
  return left && left[1].startsWith('working') ? left : [span(now, due) / 1000, 'hour'];
}

const stepNames = () => ({
  confirm: t('Confirming'), file: t('Filing'), dispatch: t('Dispatching'), accept: t('Accepting'), handle: t('Handling'),
  check: t('Checking'), close: t('Closing the case'),
});

/** A step that has a limit, as people name it. */
export const stepName = (key) => stepNames()[key] || key;

const span = (from, to) => new Date(to) - new Date(from);

/**
 * What a row says on its right: `{text, late}`.
 * @param {{s: string, due_at: ?string, reported_at: string, closed_at: ?string}} row
 * @param {string} now the server's clock
 */
export function deadline(row, now) {
  if (row.s === 'done') return { text: row.closed_at ? t('closed {day}', { day: day(dayOf(row.closed_at), parts(now).year) }) : t('closed'), late: false };
  if (row.s === 'susp') return { text: t('clock stopped'), late: false };
  if (row.step_late && (row.s === 'new' || row.s === 'check')) {
    const [step, ...late] = row.step_late;
    return { text: t('{step} late by {time}', { step: stepName(step), time: worked(late) }), late: false };
  }
  if (row.due_at && row.s !== 'new' && row.s !== 'check') {
    const left = leftOf(row, now);
    const text = left[0] < 0 ? t('{time} late', { time: worked(left) }) : t('{time} left', { time: worked(left) });
    return { text, late: row.s === 'over' };
  }
  return { text: t('{time} ago', { time: duration(span(row.reported_at, now)) }), late: false };
}

/** A time limit in its own unit. */
export function limit({ value, unit }) {
  const n = number(value);
  if (unit === 'hour') return n === '1' ? t('1 hour') : t('{n} hours', { n });
  if (unit === 'working_hour') return n === '1' ? t('1 working hour') : t('{n} working hours', { n });
  if (unit === 'working_day') return n === '1' ? t('1 working day') : t('{n} working days', { n });
  return n === '1' ? t('1 day') : t('{n} days', { n });
}

/** A number of findings. */
export const findings = (n) => (n === 1 ? t('1 finding') : t('{n} findings', { n: number(n) }));
