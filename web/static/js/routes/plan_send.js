/** Giving a plan to those who walk it, taking it back, and everything that goes out as a file. */
import { h, icon, toast } from '../dom.js';
import { dialog } from '../editor/dialog.js';
import { day as dayWord, moment } from '../format.js';
import { local, number, t } from '../i18n.js';
import { togglePopover } from '../problem_map/popover.js';
import { failure } from './plan_changes.js';
import { lookOf, marker } from './plan_look.js';
import { lookBackAt } from './plan_went.js';
import { clock, length, personName, stopCount } from './plan_words.js';

export class Sending {
  /** @param {HTMLElement} foot @param {{store, server, planId: number, now: string, onSent: () => void}} parts */
  constructor(foot, parts) {
    Object.assign(this, { foot, ...parts });
    for (const kind of ['plan', 'solving']) this.store.addEventListener(kind, () => this.draw());
    this.draw();
  }

  draw() {
    const { plan, busy } = this.store;
    const { facts } = plan;
    const walkers = new Set(plan.rounds.filter((round) => round.stops.length).map((round) => round.person.id)).size;
    const parts = [];
    if (this.store.past) {
      if (facts.sent_at) parts.push(h('a', { class: 'btn btn-primary grow', id: 'look-back', href: lookBackAt(plan) }, icon('history', 15), t('Looking back')));
    } else if (facts.may_change) {
      const words = facts.sent_at ? t('Send again') : !walkers ? t('Send the rounds') : walkers === 1 ? t('Send to 1 phone') : t('Send to {n} phones', { n: number(walkers) });
      const send = h('button', { type: 'button', class: `btn ${facts.sent_at ? 'btn-default' : 'btn-primary'} grow`, id: 'send', disabled: busy || !walkers || !facts.may_send }, icon('send', 15), words);
      if (!walkers) send.title = t('Nobody has a stop yet');
      send.addEventListener('click', () => this.ask());
      parts.push(send);
    }
    const sheets = h('button', { type: 'button', class: 'btn btn-default', disabled: !walkers, 'aria-haspopup': 'dialog', 'aria-expanded': 'false' }, icon('printer', 15), t('Sheets'));
    sheets.addEventListener('click', () => togglePopover(sheets, this.sheets(), { label: t('Sheets'), className: 'pop-files' }));
    const more = h('button', { type: 'button', class: 'btn btn-default sq', id: 'more', 'aria-label': t('More'), title: t('More'), 'aria-haspopup': 'dialog', 'aria-expanded': 'false' }, icon('ellipsis', 16));
    more.addEventListener('click', () => togglePopover(more, this.more(walkers), { label: t('More'), className: 'pop-files' }));
    this.foot.replaceChildren(...parts, sheets, more);
  }

  rounds() {
    const { plan } = this.store;
    return plan.days.flatMap((day) => plan.crew(day).map((person) => plan.round(person.id, day)).filter((round) => round?.stops.length));
  }

  sheets() {
    const many = this.store.plan.days.length > 1;
    return h('div', {}, h('h4', {}, t('Printed sheets')), this.rounds().map(({ person, day, stops }) => h('a', { class: 'opt', href: `/routes/${this.planId}/${person.id}/sheet?day=${day}` },
      marker(lookOf(person.line), lookOf(person.line).letter, 18), local([person.zh, person.en]), h('span', { class: 'n' }, many ? dayWord(day) : stopCount(stops.length)))));
  }

  more(walkers) {
    const root = `/routes/${this.planId}/round`;
    const file = (ending, words) => h('a', { class: 'opt', href: `${root}.${ending}`, download: true }, icon('download', 15), words);
    const { facts } = this.store.plan;
    const off = h('button', { type: 'button', class: 'opt', id: 'discard' }, icon('trash-2', 15), facts.sent_at ? t('Take it back and throw it away…') : t('Throw the plan away…'));
    off.addEventListener('click', () => this.askDiscard());
    return h('div', {}, walkers ? [h('h4', {}, t('All rounds as a file')), file('gpx', 'GPX'), file('geojson', 'GeoJSON'), file('ics', t('Calendar (ICS)')), h('hr')] : null,
      facts.may_change ? off : h('p', { class: 'none' }, t('Only supervisors change plans')));
  }

  /** What each of them will see, before it is sent. */
  ask() {
    const { plan } = this.store;
    const many = plan.days.length > 1;
    const rounds = this.rounds();
    const without = plan.people.filter((person) => !rounds.some((round) => round.person.id === person.id));
    const list = h('ul', { class: 'send-list' }, rounds.map((round) => h('li', {}, marker(lookOf(round.person.line), lookOf(round.person.line).letter, 22),
      h('div', {}, h('b', {}, local([round.person.zh, round.person.en]), many ? ` · ${dayWord(round.day)}` : ''),
        h('small', {}, t('{stops}, {way}, first at {time}, done by {end}', { stops: stopCount(round.stops.length), way: length(round.distance_m), time: clock(round.stops[0].start_s), end: clock(round.ends_s) }))))));
    const send = h('button', { type: 'button', class: 'btn btn-primary' }, icon('send', 15), t('Send it'));
    const box = dialog(plan.facts.sent_at ? t('Send again') : t('Send the rounds'),
      h('p', { class: 'lead' }, t('From now on “My round” on their phones shows these stops, in this order. Later changes show there at once.')), list,
      without.length ? h('p', { class: 'note' }, icon('info', 14), h('span', {}, t('Without a stop: {names}', { names: without.map(personName).join(', ') }))) : null,
      plan.unserved.length ? h('p', { class: 'note warn' }, icon('triangle-alert', 14), h('span', {}, t('{stops} are in no round', { stops: stopCount(plan.unserved.length) }))) : null,
      h('footer', { class: 'act-f' }, send));
    send.addEventListener('click', async () => {
      send.disabled = true;
      try {
        await this.server.post('send');
        box.close();
        toast(t('The rounds are on their phones'));
        this.onSent();
      } catch (error) {
        send.disabled = false;
        toast(failure(error));
      }
    });
    send.focus();
  }

  askDiscard() {
    const { facts } = this.store.plan;
    const go = h('button', { type: 'button', class: 'btn btn-danger-quiet btn-default' }, icon('trash-2', 15), t('Throw it away'));
    const lead = facts.sent_at ? t('It was sent {time}: it disappears from their phones. What was seen already stays on record.', { time: moment(facts.sent_at, this.now) }) : t('The plan is listed nowhere any more. Findings stay as they are.');
    const box = dialog(t('Throw the plan away'), h('p', { class: 'lead' }, lead), h('footer', { class: 'act-f' }, go));
    go.addEventListener('click', async () => {
      go.disabled = true;
      try {
        const { url } = await this.server.post('discard');
        location.assign(url || '/routes');
      } catch (error) {
        go.disabled = false;
        box.close();
        toast(failure(error));
      }
    });
  }
}
