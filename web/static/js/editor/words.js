/** Words and numbers of the drawing page. */
import { lang, local, number, t } from '../i18n.js';

/** `312 m²`, `4.5 km²`. */
export function ground(m2) {
  const size = Math.abs(m2);
  if (size < 10) return `${size.toFixed(1)} m²`;
  if (size < 100_000) return `${number(Math.round(size))} m²`;
  return `${(size / 1e6).toFixed(size < 1e7 ? 2 : 1)} km²`;
}

/** `+0.045 km²`, `−0.045 km²`. */
export function difference_km2(km2) {
  return `${km2 < 0 ? '−' : '+'}${Math.abs(km2).toFixed(Math.abs(km2) < 0.01 ? 4 : 3)} km²`;
}

/** An area's name in the page's language. */
export const nameOf = (area) => local([area.name_zh, area.name_en]) || area.code || t('New area');

/** A level's name. */
export const levelName = (level) => local([level.zh, level.en]);

/** `A、B 和 C`, `A, B and C`. */
export function listed(names) {
  if (names.length < 2) return names[0] || '';
  const between = lang === 'zh' ? '、' : ', ';
  return t('{first} and {last}', { first: names.slice(0, -1).join(between), last: names.at(-1) });
}

const KINDS = {
  invalid: t('Broken outline'), gap: t('Gap'), overlap: t('Overlap'), sliver: t('Sliver'), spill: t('Beyond its parent'),
  t_junction: t('Corner on a line'), uncovered: t('Nobody responsible'), duplicate: t('Duplicate'), no_leader: t('No leader'), code_taken: t('Code taken'),
};

/** What a kind of problem is called. */
export const kindWord = (kind) => KINDS[kind] || KINDS[String(kind).replaceAll('-', '_')] || kind;

/** Problems of what is known about an area, not of where its borders run. */
const OF_FACTS = new Set(['no_leader', 'code_taken']);

/** Whether a problem lies somewhere on the ground. */
export const isOfGround = ({ kind }) => !OF_FACTS.has(kind);

/** `Gap 312 m²`. */
export function problemTitle({ kind, area_m2: size, length_m: length }) {
  if (!isOfGround({ kind })) return kindWord(kind);
  if (size >= 0.05) return `${kindWord(kind)} ${ground(size)}`;
  return length >= 0.5 ? `${kindWord(kind)} ${number(Math.round(length))} m` : kindWord(kind);
}

/** Why a refused edit was refused. */
export function refusalWords(error, levelOf) {
  if (error.code === 'locked') {
    return t('Locked: it is on the border of {area} ({level}), a level that is not in this draft', { area: nameOf(error.area), level: levelName(levelOf(error.area.level)) });
  }
  if (error.code === 'junction') return t('Three borders meet here: move this corner instead of taking it out');
  if (error.code === 'too-small') return t('{area} needs at least three corners', { area: nameOf(error.area) });
  if (error.code === 'crossing') return t('{area} would run over its own border: the step was taken back', { area: nameOf(error.area) });
  return error.code;
}
