/** Who goes: hours for everybody, and for each person what is different. */
import { h, icon } from '../../dom.js';
import { day as dayWord } from '../../format.js';
import { local, number, t } from '../../i18n.js';
import { clock, seconds } from './times.js';

const find = (id) => document.getElementById(id);
const QUARTER_S = 900;
let serial = 0;

function field(label, input, more = null) {
  serial += 1;
  input.id = `p-${serial}`;
  return h('div', { class: 'field' }, h('label', { for: input.id }, label), input, more);
}

/** One person of the list. */
class Person {
  constructor(one, crew) {
    Object.assign(this, { one, crew, start: null, end: null, ends: 'start' });
    this.name = local([one.zh, one.en]);
    this.box = h('input', { type: 'checkbox', checked: one.role === 'inspector' });
    this.box.addEventListener('change', () => crew.changed());
    this.said = h('span', { class: 'su ell' });
    this.from = h('input', { class: 'input num', type: 'time' });
    this.until = h('input', { class: 'input num', type: 'time' });
    this.km = h('input', { class: 'input num', type: 'number', inputmode: 'decimal', min: 0.1, max: 500, step: 'any', placeholder: t('any') });
    this.skills = h('input', { class: 'input', maxlength: 300, autocomplete: 'off', placeholder: t('none') });
    this.daysBox = h('div', { class: 'rn-days', role: 'group', 'aria-label': t('Days of {name}', { name: this.name }) });
    this.days = [];
    for (const input of [this.from, this.until, this.km, this.skills]) input.addEventListener('input', () => crew.changed());
    this.element = this.build();
  }

  build() {
    const { one } = this;
    const patches = one.patches.length === 1 ? t('1 patch of their own') : one.patches.length ? t('{n} patches of their own', { n: number(one.patches.length) }) : t('no patch of their own');
    this.startWord = h('span', { class: 'sec' });
    this.endSelect = h('select', { class: 'input' }, h('option', { value: 'start' }, t('back where they began')), h('option', { value: 'any' }, t('anywhere')), h('option', { value: 'map' }, t('at a place on the map')));
    this.endSelect.addEventListener('change', () => this.chooseEnd());
    this.startButton = h('button', { type: 'button', class: 'btn btn-default sm', on: { click: () => this.chooseStart() } }, icon('map-pin', 14), t('Set on the map'));
    const more = h('details', { class: 'rn-person' }, h('summary', {}, t('Hours, places, skills of {name}', { name: this.name })),
      h('div', { class: 'rn-pair' }, field(t('From'), this.from), field(t('Until'), this.until)),
      h('p', { class: 'hint' }, t('Empty: the same hours as everybody')),
      h('div', { class: 'rn-line' }, h('span', {}, t('Begins')), this.startWord, this.startButton),
      field(t('Ends'), this.endSelect),
      h('div', { class: 'rn-pair' }, field(t('At most km a day'), this.km), field(t('Skills, separated by commas'), this.skills)),
      this.daysBox);
    this.sayStart();
    return h('li', {}, h('label', { class: 'check' }, this.box, h('span', { class: 'rn-name' }, h('b', {}, this.name), h('span', { class: 'su ell' }, patches)), this.said), more);
  }

  sayStart() {
    this.startWord.textContent = this.start ? t('at the place set on the map') : this.one.patches.length ? t('in the middle of their patches') : t('in the middle of the city');
  }

  chooseStart() {
    this.crew.map.ask(t('Click where {name} begins', { name: this.name }), ({ lon, lat }) => {
      this.start = [lon, lat];
      this.crew.map.stopAsking();
      this.sayStart();
      this.crew.changed();
      this.startButton.focus();
    });
  }

  chooseEnd() {
    this.ends = this.endSelect.value;
    if (this.ends !== 'map') this.end = null;
    else {
      this.crew.map.ask(t('Click where {name} ends', { name: this.name }), ({ lon, lat }) => {
        this.end = [lon, lat];
        this.crew.map.stopAsking();
        this.crew.changed();
        this.endSelect.focus();
      }, () => {
        if (this.end) return;
        this.ends = this.endSelect.value = 'start';
      });
    }
    this.crew.changed();
  }

  /** The plan's days: all are chosen that were not taken away. */
  setDays(days) {
    const off = new Set(this.days.filter(({ box }) => !box.checked).map(({ iso }) => iso));
    this.days = days.map((iso) => {
      const box = h('input', { type: 'checkbox', checked: !off.has(iso) });
      box.addEventListener('change', () => this.crew.changed());
      return { iso, box };
    });
    this.daysBox.hidden = days.length < 2;
    this.daysBox.replaceChildren(...this.days.map(({ iso, box }) => h('label', { class: 'check' }, box, h('span', {}, dayWord(iso, iso.slice(0, 4))))));
  }

  get chosen() {
    return this.box.checked;
  }

  get at() {
    return this.start || this.one.start;
  }

  get endsAt() {
    return this.ends === 'map' ? this.end : null;
  }

  get shift() {
    const [from, until] = this.crew.shift;
    return [seconds(this.from.value) ?? from, seconds(this.until.value) ?? until];
  }

  get wanted() {
    return this.days.filter(({ box }) => box.checked).map(({ iso }) => iso);
  }

  fault() {
    const { name } = this;
    const [from, until] = this.shift;
    if (from !== null && until !== null && until <= from && (this.from.value || this.until.value)) return t('{name}: the hours end before they begin', { name });
    if (this.km.value !== '' && !(Number(this.km.value) > 0)) return t('{name}: how far must be more than 0 km', { name });
    if (!this.wanted.length) return t('{name} goes on none of the days: choose one, or take {name} out', { name });
    return null;
  }

  render() {
    const own = [this.from.value || this.until.value ? this.shift.map((s) => (s === null ? '–' : clock(s))).join('–') : '', this.km.value ? t('at most {km} km', { km: this.km.value }) : ''].filter(Boolean);
    this.said.textContent = own.join(' · ');
  }

  asked(breaks) {
    const skills = this.skills.value.split(/[,，、]/).map((word) => word.trim()).filter(Boolean);
    return {
      user_id: this.one.user_id, shift: this.shift, breaks, start: this.at, skills, days: this.wanted,
      ...(this.ends === 'start' ? {} : { end: this.endsAt }),
      ...(this.km.value === '' ? {} : { max_distance_m: Math.round(Number(this.km.value) * 1000) }),
    };
  }
}

export class People {
  /** @param {{begin: object, map: object, onChange: () => void}} parts */
  constructor({ begin, map, onChange }) {
    Object.assign(this, { map, onChange, begin, typed: false });
    [find('from').value, find('until').value] = begin.shift.map(clock);
    find('from').addEventListener('input', () => { this.typed = true; });
    [find('lunch-from').value, find('lunch-until').value] = [begin.break.earliest_s, begin.break.latest_s].map(clock);
    this.people = begin.crew.map((one) => new Person(one, this));
    if (this.people.length && !this.people.some((one) => one.chosen)) this.people[0].box.checked = true;
    find('crew').replaceChildren(...this.people.map(({ element }) => element));
    if (!this.people.length) find('crew').append(h('li', { class: 'muted' }, t('There is no account of an inspector or supervisor yet: nobody could go')));
    for (const id of ['from', 'until', 'lunch', 'lunch-from', 'lunch-until']) find(id).addEventListener('input', () => this.changed());
  }

  changed() {
    find('lunch-times').hidden = find('lunch').value === '0';
    this.render();
    this.onChange();
  }

  render() {
    const n = this.chosen.length;
    find('n-people').textContent = t('{n} of {all}', { n: number(n), all: number(this.people.length) });
    for (const one of this.people) one.render();
  }

  setDays(days) {
    for (const one of this.people) one.setDays(days);
    this.startFromNow(days.length === 1 && days[0] === this.begin.today);
  }

  /** Whoever plans the day at hand has only what is left of it: the next quarter of an hour, until somebody types a time. */
  startFromNow(today) {
    const [first, last] = this.begin.shift;
    const next = Math.ceil((this.begin.now_s + 1) / QUARTER_S) * QUARTER_S;
    const left = today && next > first && next < last - QUARTER_S;
    if (!this.typed) find('from').value = clock(left ? next : first);
    find('left-of-today').hidden = !left || this.typed;
  }

  get shift() {
    return [seconds(find('from').value), seconds(find('until').value)];
  }

  get breaks() {
    const duration = Number(find('lunch').value) * 60;
    const [earliest, latest] = [seconds(find('lunch-from').value), seconds(find('lunch-until').value)];
    return duration ? [{ earliest_s: earliest, latest_s: latest, duration_s: duration }] : [];
  }

  get chosen() {
    return this.people.filter((one) => one.chosen);
  }

  /** Seconds that the chosen people have on all days together, breaks taken off. */
  get capacity_s() {
    const pause = Number(find('lunch').value) * 60;
    return this.chosen.reduce((sum, one) => sum + Math.max(0, one.shift[1] - one.shift[0] - pause) * one.wanted.length, 0);
  }

  faults() {
    const faults = [];
    const [from, until] = this.shift;
    if (from === null || until === null) faults.push({ field: 'shift', text: t('Say from when until when they work') });
    else if (until <= from) faults.push({ field: 'shift', text: t('The hours end before they begin') });
    const [pause] = this.breaks;
    if (pause && (pause.earliest_s === null || pause.latest_s === null || pause.latest_s <= pause.earliest_s)) {
      faults.push({ field: 'breaks', text: t('The break must be able to begin between two times, the earlier one first') });
    }
    if (!this.chosen.length) faults.push({ field: 'inspectors', text: t('Choose at least one person who goes') });
    const fault = this.chosen.map((one) => one.fault()).find(Boolean);
    if (fault) faults.push({ field: 'inspectors', text: fault });
    return faults;
  }

  asked() {
    const { breaks } = this;
    return this.chosen.map((one) => one.asked(breaks));
  }
}
