/** Open findings to be checked: the filters of the problem map, how many of the most urgent, which must be seen. */
import { findings as findingsWord } from '../../format.js';
import { number, t } from '../../i18n.js';
import { FilterBar } from '../../problem_map/filters.js';
import { FILTERS, OPEN } from '../../problem_map/state.js';

const FIRST = { status: 'over,due,prog,new,check' };
const A_DAY = 18;
const find = (id) => document.getElementById(id);

/** Filters as the bar wants them; nothing of it stands in the address. */
class FormStore {
  constructor(onChange) {
    this.state = { filters: { ...Object.fromEntries(FILTERS.map((name) => [name, ''])), ...FIRST } };
    this.onChange = onChange;
  }

  filter(patch) {
    this.state = { filters: { ...this.state.filters, ...patch } };
    this.onChange();
  }

  clear() {
    this.filter({ ...Object.fromEntries(FILTERS.map((name) => [name, ''])), ...FIRST });
  }

  /** Whether nothing was chosen that is not chosen to begin with. */
  get isFirst() {
    return FILTERS.every((name) => this.state.filters[name] === (FIRST[name] || ''));
  }
}

export class Findings {
  /** @param {{names: object, mostStops: number, onFilter: () => void, onChange: () => void}} parts */
  constructor({ names, mostStops, onFilter, onChange }) {
    Object.assign(this, { mostStops, total: 0, overdue: 0, typed: false, onChange });
    this.store = new FormStore(() => {
      this.renderBar();
      onFilter();
    });
    this.bar = new FilterBar(find('filters'), this.store, names);
    this.renderBar();
    this.on = find('with-findings');
    this.limit = find('limit');
    this.on.addEventListener('change', () => this.changed());
    this.limit.addEventListener('input', () => {
      this.typed = this.limit.value !== '';
      this.changed();
    });
    find('must-findings').addEventListener('change', () => this.changed());
  }

  /** The bar again: names came, or a filter was set. */
  renderBar() {
    this.bar.render();
    this.bar.end.hidden = this.store.isFirst;
  }

  changed() {
    find('findings').hidden = !this.on.checked;
    this.onChange();
  }

  /** What is asked for, every status by name: what is usual differs between the map and a plan. */
  get filters() {
    const set = Object.entries(this.store.state.filters).filter(([, value]) => value);
    return { ...Object.fromEntries(set), status: this.store.state.filters.status || OPEN.join(',') };
  }

  /** A number that so many people can see in so many days, until somebody types one. */
  suggest(people, days) {
    if (this.typed) return;
    this.limit.value = Math.min(this.mostStops, Math.max(A_DAY, A_DAY * people * days));
  }

  take({ findings, overdue }) {
    Object.assign(this, { total: findings, overdue });
    find('n-findings').textContent = overdue ? t('{n}, {over} overdue', { n: number(findings), over: number(overdue) }) : number(findings);
  }

  setFacets(facets, today) {
    this.bar.setFacets(facets, today);
  }

  /** How many go into the plan. */
  get count() {
    const wanted = Number(this.limit.value);
    return this.on.checked && Number.isFinite(wanted) ? Math.max(0, Math.min(this.total, wanted)) : 0;
  }

  render() {
    find('limit-said').textContent = t('of {findings}', { findings: findingsWord(this.total) });
  }

  faults() {
    const value = Number(this.limit.value);
    if (!this.on.checked || (Number.isInteger(value) && value >= 0 && value <= this.mostStops && this.limit.value !== '')) return [];
    return [{ field: 'limit', text: t('A whole number from 0 to {most}', { most: this.mostStops }) }];
  }

  asked() {
    return {
      ...(this.on.checked ? { filters: this.filters, limit: Number(this.limit.value) } : { limit: 0 }),
      must: find('must-findings').value,
    };
  }
}
