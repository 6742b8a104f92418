/** The questions of an import: those that only a person can answer stand open, the rest is said and can be changed. */
import { h, icon } from '../dom.js';
import { local, t } from '../i18n.js';

function areasNow(n) {
  if (!n) return t('none yet');
  return n === 1 ? t('1 area now') : t('{n} areas now', { n });
}

const NEW = '+';

const encodingNames = { 'utf-8': 'UTF-8', gb18030: 'GB18030 (GBK)', big5: 'Big5', cp1252: 'Windows-1252' };
const encodingName = (name) => encodingNames[name] || name.toUpperCase();

/** A coordinate system as people call it: "CGCS2000 / 3-degree Gauss-Kruger CM 102E" is long and English. */
function crsName(name) {
  const found = /^(.+?) \/ (3-degree )?Gauss-Kruger (?:CM (\d+)E|zone (\d+))$/.exec(name);
  if (!found) return name === 'China Geodetic Coordinate System 2000' ? t('CGCS2000, degrees') : name.replace(/^WGS 84$/, t('WGS 84, degrees'));
  const [, datum, three, meridian, zone] = found;
  const width = three ? t('3° zones') : t('6° zones');
  return [datum, width, meridian ? t('meridian {n}° E', { n: meridian }) : t('zone {n} before the easting', { n: zone })].join(' · ');
}

function field(label, control, hint = '') {
  const id = control.id || `q-${control.name}`;
  control.id = id;
  if (hint) control.setAttribute('aria-describedby', `${id}-more`);
  return h('div', { class: 'field' }, h('label', { for: id }, label), control, hint && h('p', { class: 'hint', id: `${id}-more` }, hint));
}

function select(name, options, value) {
  const known = options.some(([key]) => key === value);
  return h('select', { class: 'input', name },
    ...options.map(([key, word]) => h('option', { value: key, selected: key === value }, word)),
    !known && value ? h('option', { value, selected: true }, value) : null);
}

function radios(name, legend, options, value, hint = '') {
  return h('fieldset', { class: 'field ai-radios' }, h('legend', {}, legend),
    ...options.map(({ key, word, more }) => h('label', { class: 'ai-radio' },
      h('input', { type: 'radio', name, value: key, checked: key === value }),
      h('span', {}, h('b', {}, word), more && h('span', { class: 'ai-sample' }, more)))),
    hint && h('p', { class: 'hint' }, hint));
}

/** Draws the questions of one preview and tells which answers stand in them. */
export class Questions {
  /** @param {HTMLFormElement} form @param {{datums: object}} settings @param {() => void} onChange */
  constructor(form, settings, onChange) {
    Object.assign(this, { form, settings, choices: {}, asked: new Set(), given: {}, wasOpen: false });
    form.addEventListener('change', ({ target }) => {
      this.take(target);
      onChange();
    });
    form.addEventListener('submit', (event) => event.preventDefault());
  }

  /** Notes what a person chose; only what was chosen is sent, everything else may go on being guessed. */
  take(control) {
    const { name, value } = control;
    const { given } = this;
    if (name === 'swapped') given.swapped = control.checked;
    else if (name === 'crs') this.takeCrs(value);
    else given[name] = value;
    if (name === 'layer') for (const key of ['encoding', 'crs', 'swapped', 'code', 'name', 'name_en', 'parent']) delete given[key];
    if (name === 'encoding') for (const key of ['code', 'name', 'name_en', 'parent']) delete given[key];
  }

  takeCrs(value) {
    const { given } = this;
    const guess = (this.choices.crs || []).find((one) => `${one.value}|${one.swapped}` === value);
    given.crs = guess ? guess.value : value;
    if (guess) given.swapped = guess.swapped;
    else delete given.swapped;
  }

  /** The answers as the server takes them. */
  answers() {
    const { given } = this;
    const said = { ...given };
    if (given.level === NEW) said.level = given.new_level || '';
    delete said.new_level;
    delete said.keep;
    said.ended = given.keep === 'end';
    return said;
  }

  /** Draws the questions anew; the control that had the focus has it again. */
  show(questions) {
    const focused = document.activeElement?.name;
    const value = document.activeElement?.value;
    this.wasOpen = this.form.querySelector('details')?.open || false;
    const { open, folded } = this.sorted(questions);
    this.form.replaceChildren(...open, ...this.fold(folded));
    if (focused) [...this.form.querySelectorAll(`[name="${focused}"]`)].find((one) => one.type !== 'radio' || one.value === value)?.focus({ preventScroll: true });
  }

  fold(folded) {
    if (!folded.length) return [];
    return [h('details', { class: 'ai-more', open: this.wasOpen },
      h('summary', {}, icon('chevron-right', 15), h('span', {}, h('b', {}, t('Found out by itself')), h('span', { class: 'ai-facts' }, ...folded.map(([fact]) => h('span', {}, fact))))),
      h('div', { class: 'ai-more-in' }, ...folded.map(([, control]) => control)))];
  }

  sorted(questions) {
    const open = [];
    const folded = [];
    // What was once a question stays one: it must not jump away when it is answered.
    const put = (name, asked, fact, control) => {
      if (asked) this.asked.add(name);
      if (this.asked.has(name)) open.push(control);
      else folded.push([fact, control]);
    };
    this.layer(questions.layer, put);
    if (questions.layer.asked) return { open, folded }; // nothing else is known before
    open.push(...this.level(questions.level));
    this.crs(questions.crs, put);
    this.datum(questions.datum, put);
    this.encoding(questions.encoding, put);
    this.fields(questions.fields, put);
    return { open, folded };
  }

  layer({ asked, value, choices }, put) {
    if (choices.length) this.choices.layer = choices;
    const known = this.choices.layer || [];
    if (!known.length) return;
    const options = [['', t('Choose a layer')], ...known.map((name) => [name, name])];
    put('layer', asked, value, field(t('Which layer?'), select('layer', asked ? options : options.slice(1), this.given.layer || (asked ? '' : value))));
  }

  level({ value, choices }) {
    const options = choices.map(({ code, zh, en, areas }) => [code, [local([zh, en]), areasNow(areas)].join(' · ')]);
    const isNew = this.given.level === NEW || !choices.some(({ code }) => code === value);
    const chosen = isNew ? NEW : value;
    const control = field(t('Which level are the areas?'), select('level', [...options, [NEW, t('A new level below the others…')]], chosen));
    if (!isNew) return [control];
    if (this.given.level === undefined) this.given.level = NEW;
    const text = (name, label, placeholder) => field(label, h('input', { class: 'input', name, value: this.given[name] || '', maxlength: 60, placeholder }));
    if (this.given.new_level === undefined && value && value !== NEW) this.given.new_level = value;
    return [control, h('div', { class: 'ai-pair' }, text('new_level', t('Its code'), 'grid'), text('level_zh', t('Chinese name'), '网格'), text('level_en', t('English name'), 'Grid cell'))];
  }

  crs({ asked, stated, value, name, swapped, choices }, put) {
    if (choices.length) this.choices.crs = choices;
    const known = this.choices.crs || [];
    const options = known.map((one) => [`${one.value}|${one.swapped}`, `${crsName(one.name)} (${one.value})${one.swapped ? ` · ${t('latitude first')}` : ''}`]);
    const current = known.find((one) => one.value === value && one.swapped === swapped);
    if (!current && value) options.unshift([value, name && name !== value ? `${name} (${value})` : value]);
    if (!options.length) options.push(['', t('Choose, or write its EPSG code below')]);
    const control = select('crs', options, current ? `${current.value}|${current.swapped}` : value);
    const other = h('input', { class: 'input', name: 'crs', id: 'q-crs-other', placeholder: 'EPSG:4543', maxlength: 40, 'aria-label': t('Another coordinate system, as EPSG code') });
    const hint = asked && !stated ? t('The file does not say it; these put it into the city. CGCS2000, Xian 80 and Beijing 54 lie some ten to hundred metres apart: ask who made it.') : '';
    const flip = h('label', { class: 'ai-check' }, h('input', { type: 'checkbox', name: 'swapped', checked: swapped }), h('span', {}, t('Latitude (north) stands before longitude (east)')));
    const box = h('div', { class: 'stack' }, field(t('Which coordinate system?'), control, hint), h('div', { class: 'ai-crs' }, other, flip));
    put('crs', asked, current ? crsName(current.name) : name || value, box);
  }

  datum({ shown, asked, value, better, fits }, put) {
    if (!shown) return;
    const more = (key) => (fits[key] === undefined ? '' : t('{percent} % of the areas would lie over borders', { percent: fits[key] }));
    const names = new Map(this.settings.datums.map(([key, word]) => [key, word]));
    const options = this.settings.datums.map(([key, word, used]) => ({ key, word: `${word} (${used})`, more: more(key) }));
    const hint = better ? t('{datum} fits much better.', { datum: names.get(better) }) : t('Nothing in a file tells. Data drawn on Amap, Tencent or Baidu maps is shifted by some hundred metres.');
    put('datum', asked, names.get(value), radios('datum', t('Which datum are its degrees?'), options, value, hint));
  }

  encoding({ asked, value, choices }, put) {
    if (choices.length) this.choices.encoding = choices;
    const known = this.choices.encoding || [];
    if (!known.length) return;
    const options = known.map((one) => ({ key: one.value, word: encodingName(one.value), more: one.sample }));
    put('encoding', asked, encodingName(value), radios('encoding', t('Which of these can be read?'), options, value));
  }

  fields({ asked, columns, value }, put) {
    if (!columns.length) return;
    const options = columns.map(({ name, samples }) => [name, samples.length ? `${name}: ${samples.join(', ')}` : name]);
    const some = (name, label, empty) => field(label, select(name, [['', empty], ...options], value[name] || ''));
    const none = t('none');
    const box = h('div', { class: 'stack' },
      some('code', t('Which field is the code?'), t('Choose a field')), some('name', t('Which field is the name?'), none),
      some('name_en', t('English name'), none), some('parent', t('Code of the area above'), t('found by where the areas lie')));
    put('fields', asked, [value.code && t('code: {name}', { name: value.code }), value.name && t('name: {name}', { name: value.name })].filter(Boolean).join(' · '), box);
  }
}
