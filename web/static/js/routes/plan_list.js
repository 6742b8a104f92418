/** The list beside the map: a card for each round with its stops, what is in no round and why, what was taken out. */
import { h, icon, iconButton, joined } from '../dom.js';
import { number, t } from '../i18n.js';
import { sym } from '../symbols.js';
import { lineSample, lookOf, marker } from './plan_look.js';
import { waitsOf } from './plan_store.js';
import { clock, length, personName, reasonWords, remedyAct, remedyWords, span, stopCount, stopName } from './plan_words.js';

export class PlanList {
  /**
   * @param {{rounds: HTMLElement, unserved: HTMLElement, out: HTMLElement}} roots
   * @param {{store, onStop, onPerson, onRemedy, onRestore, onKey}} parts
   */
  constructor(roots, parts) {
    Object.assign(this, roots, parts, { open: new Set() });
    for (const kind of ['plan', 'day', 'solving']) this.store.addEventListener(kind, () => this.draw());
    for (const kind of ['select', 'hover']) this.store.addEventListener(kind, () => this.mark());
    for (const root of [this.rounds, this.unserved]) this.listen(root);
    this.draw();
  }

  listen(root) {
    const id = (target) => Number(target.closest('[data-stop]')?.dataset.stop) || null;
    root.addEventListener('pointerover', ({ target }) => this.store.hover(id(target)));
    root.addEventListener('pointerleave', () => this.store.hover(null));
    root.addEventListener('focusin', ({ target }) => this.store.hover(id(target)));
    root.addEventListener('focusout', () => this.store.hover(null));
    root.addEventListener('click', ({ target }) => {
      const row = target.closest('.rd-stop, .un-stop');
      if (row && id(row)) this.onStop(id(row), row);
    });
    root.addEventListener('keydown', (event) => {
      const row = event.target.closest('.rd-stop');
      if (row) this.key(event, row);
    });
  }

  key(event, row) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !event.altKey) {
      const rows = [...this.rounds.querySelectorAll('.rd-stop')];
      const next = rows[rows.indexOf(row) + step];
      if (!next) return;
      event.preventDefault();
      next.focus();
    } else this.onKey(event, this.store.plan.stop(row.dataset.stop), row);
  }

  draw() {
    // While a stop is dragged over the list, its rows must not run away from under the pointer.
    if (document.body.classList.contains('is-moving')) return;
    const focused = this.rounds.contains(document.activeElement) ? document.activeElement.dataset.stop : null;
    const { shown, day } = this.store;
    this.rounds.replaceChildren(...shown.crew(day).map((person) => this.card(person, shown.round(person.id, day))));
    this.drawUnserved(shown);
    this.drawOut(shown);
    this.mark();
    if (focused) this.rounds.querySelector(`[data-stop="${focused}"]`)?.focus();
  }

  card(person, round) {
    const look = lookOf(person.line);
    const stops = round?.stops || [];
    const key = `${person.id}`;
    const open = this.open.has(key);
    const times = stops.length ? `${clock(round.begins_s)}–${clock(round.ends_s)}` : '';
    const facts = stops.length
      ? joined([stopCount(stops.length), length(round.distance_m), t('{span} on the way', { span: span(round.travel_s) }), waitsOf(round) >= 300 ? t('{span} waiting', { span: span(waitsOf(round)) }) : null]).join('')
      : this.store.plan.facts.status === 'new' ? t('no stop yet') : person.absent_from ? t('cannot go on: their stops went to the others') : t('nobody needs {name} on this day', { name: personName(person) });
    const list = h('ol', { class: 'rd-stops', hidden: !open }, stops.map((stop, i) => this.row(stop, i, look)));
    const fold = h('button', { type: 'button', class: 'rd-head', 'aria-expanded': String(open), disabled: !stops.length },
      lineSample(look, 40), h('b', { class: 'ell' }, personName(person)), h('span', { class: 'num rd-times' }, times), h('small', { class: 'rd-facts' }, facts));
    fold.addEventListener('click', () => {
      const now = list.hidden;
      list.hidden = !now;
      fold.setAttribute('aria-expanded', String(now));
      if (now) this.open.add(key);
      else this.open.delete(key);
    });
    for (const type of ['pointerenter', 'focusin']) fold.addEventListener(type, () => this.store.focusRound(person.id));
    for (const type of ['pointerleave', 'focusout']) fold.addEventListener(type, () => this.store.focusRound(null));
    const more = iconButton('ellipsis', t('Round of {name}', { name: personName(person) }), { 'aria-haspopup': 'dialog', 'aria-expanded': 'false' });
    more.addEventListener('click', () => this.onPerson(person, more));
    return h('section', { class: 'rd-card', data: { person: person.id }, style: { '--route': `var(${look.colour})` } }, fold, more, list);
  }

  row(stop, i, look) {
    const late = stop.due_s !== null && stop.due_s > 0 && stop.start_s > stop.due_s;
    return h('li', {}, h('button', { type: 'button', class: 'rd-stop', data: { stop: stop.id }, 'aria-haspopup': 'dialog', 'aria-expanded': 'false' },
      marker(look, String(i + 1), 22), stop.finding ? sym(stop.finding.key, 14) : h('span'), h('span', { class: 'ell' }, stopName(stop)),
      stop.lock ? icon('lock', 12) : stop.state === 'done' ? icon('check', 13) : null,
      h('span', { class: `num${late ? ' t-over' : ''}` }, clock(stop.start_s), late ? ` ${t('late')}` : '')));
  }

  drawUnserved(plan) {
    const { unserved } = plan;
    this.unserved.hidden = !unserved.length;
    if (!unserved.length) return;
    const may = this.store.open;
    const rows = unserved.map((stop) => {
      const why = plan.facts.status === 'new' ? t('The plan has not been worked out yet') : reasonWords(stop);
      const act = may ? remedyAct(stop, plan) : null;
      const button = act ? h('button', { type: 'button', class: 'btn btn-default sm', on: { click: () => this.onRemedy(stop) } }, act) : null;
      return h('li', { class: 'un-item' }, h('button', { type: 'button', class: 'un-stop', data: { stop: stop.id }, 'aria-haspopup': 'dialog', 'aria-expanded': 'false' },
        stop.finding ? sym(stop.finding.key, 16) : icon(stop.kind === 'patch' ? 'spline' : 'map-pin', 15),
        h('b', {}, stopName(stop), stop.must ? h('span', { class: 'badge0' }, t('must')) : null), h('span', { class: 'why' }, why || t('It is in no round'))),
      remedyWords(stop, plan) ? h('p', { class: 'help' }, remedyWords(stop, plan)) : null, button);
    });
    this.unserved.replaceChildren(h('h3', { class: 'grp' }, t('Not served'), h('span', { class: 'n' }, stopCount(unserved.length))), h('ul', {}, rows));
  }

  drawOut(plan) {
    const { out } = plan;
    this.out.hidden = !out.length;
    if (!out.length) return;
    const row = (stop) => h('li', { class: 'out-item' }, h('span', { class: 'grow' }, stopName(stop), stop.note ? h('small', {}, stop.note) : null),
      this.store.open ? h('button', { type: 'button', class: 'btn btn-quiet sm', on: { click: () => this.onRestore(stop) } }, t('Bring back')) : null);
    this.out.replaceChildren(h('details', {}, h('summary', { class: 'grp' }, t('Taken out'), h('span', { class: 'n' }, number(out.length))), h('ul', {}, out.map(row))));
  }

  mark() {
    const { selected, hovered } = this.store;
    for (const row of document.querySelectorAll('.rd-stop, .un-stop')) {
      const id = Number(row.dataset.stop);
      row.classList.toggle('is-under', id === hovered);
      if (id === selected) row.setAttribute('aria-current', 'true');
      else row.removeAttribute('aria-current');
    }
  }

  /** Opens the card of a stop and brings it into view. */
  show(stop) {
    if (stop.inspector === null) {
      this.unserved.querySelector(`[data-stop="${stop.id}"]`)?.scrollIntoView({ block: 'nearest' });
      return;
    }
    if (!this.open.has(`${stop.inspector}`)) return;
    this.rounds.querySelector(`[data-stop="${stop.id}"]`)?.scrollIntoView({ block: 'nearest' });
  }
}
