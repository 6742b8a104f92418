/** Publishing: the effect first, then why; afterwards what was done and where it stands. */
import { h, icon } from '../dom.js';
import { findings as countWord, moment } from '../format.js';
import { local, number, t } from '../i18n.js';
import { dialog } from './dialog.js';
import { Conflict, Refused } from './server.js';
import { nameOf } from './words.js';

/** What a preview says in one sentence each. */
export function effects({ area_changes: areas, bureau_changes: bureaus, no_patch: lost, pinned_kept: pinned, closed_kept: closed }) {
  const n = (count) => ({ n: countWord(count) });
  return [
    areas ? t('{n} get another patch', n(areas)) : t('No open finding gets another patch'),
    bureaus ? t('{n} get another bureau', n(bureaus)) : null,
    lost ? t('{n} belong to no patch any more and wait in triage', n(lost)) : null,
    pinned ? t('{n} were settled by a person and stay', n(pinned)) : null,
    closed ? t('{n} are closed and stay with their patch', n(closed)) : null,
  ].filter(Boolean);
}

export class PublishDialog {
  /** @param {object} preview @param {number} areas that differ @param {{server, revision: () => number, onDone: (answer) => void, onStale: (body) => void}} parts */
  constructor(preview, areas, parts) {
    Object.assign(this, { preview, areas, ...parts });
    this.note = h('textarea', { class: 'input', id: 'publish-note', rows: '3', maxlength: '500', 'aria-describedby': 'publish-err' });
    this.fault = h('p', { class: 'err', id: 'publish-err', role: 'alert', hidden: true });
    this.button = h('button', { type: 'submit', class: 'btn btn-primary big' }, icon('check', 17), h('span', {}, t('Publish')));
    const form = h('form', { class: 'form', novalidate: true },
      h('p', { class: 'lead' }, areas === 1 ? t('1 area is published anew') : t('{n} areas are published anew', { n: number(areas) })),
      h('ul', { class: 'effects' }, effects(preview).map((line) => h('li', {}, line))),
      h('div', { class: 'field' }, h('label', { for: 'publish-note' }, t('Why are the borders redrawn?')), this.note, this.fault),
      h('footer', { class: 'act-f' }, h('button', { type: 'button', class: 'btn btn-default', on: { click: () => this.box.close() } }, t('Leave it')), this.button));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    this.box = dialog(t('Publish this draft'), form);
    this.note.focus();
  }

  refuse(words) {
    this.fault.hidden = !words;
    this.fault.textContent = words;
    this.note.setAttribute('aria-invalid', String(Boolean(words)));
  }

  async submit() {
    const note = this.note.value.trim();
    if (!note) {
      this.refuse(t('Say why: it stands in the history'));
      this.note.focus();
      return;
    }
    this.refuse('');
    this.button.disabled = true;
    try {
      this.done(await this.server.publish(this.revision(), note));
    } catch (error) {
      if (error instanceof Conflict) {
        this.box.close();
        this.onStale(error.body);
      } else {
        this.refuse(error instanceof Refused ? error.message : t('The server does not answer: nobody knows yet whether it was published. Load the page again before trying once more'));
        this.button.disabled = false;
      }
    }
  }

  done(answer) {
    const link = h('a', { class: 'btn btn-primary big', href: answer.url || `/areas/history/${answer.publication}` }, t('See the new version'));
    this.box.querySelector('.form').replaceChildren(
      h('header', {}, h('h2', { id: 'dialog-title' }, icon('circle-check', 18), ' ', t('Published'))),
      h('p', { class: 'lead', role: 'status' }, t('{moved} got another patch, {bureaus} another bureau.', { moved: countWord(answer.findings_moved || 0), bureaus: countWord(answer.bureaus_changed || 0) })),
      h('footer', { class: 'act-f' }, h('a', { class: 'btn btn-default', href: '/areas' }, t('All areas')), link));
    link.focus();
    this.onDone(answer);
  }
}

/** Somebody saved this draft in between: theirs, both where they do not touch, or a draft of one's own. */
export function conflictDialog({ who, when, theirs, mine, clash }, { onTheirs, onBoth, onOwn, now }) {
  const name = local(who) || t('Somebody');
  const lines = (word, names) => (names.length ? h('li', {}, h('b', {}, word), ' ', names.join(', ')) : null);
  let box = null;
  const choice = (kind, symbol, word, more, act) => h('button', { type: 'button', class: 'choice-button', data: { choice: kind }, on: { click: () => { box.close(); act(); } } }, icon(symbol, 16), h('span', {}, h('b', {}, word), h('small', {}, more)));
  box = dialog(t('{name} saved this draft in between', { name }),
    h('p', { class: 'lead' }, when ? t('That was {time}. Nothing of theirs and nothing of yours is lost: choose how to go on.', { time: moment(when, now) }) : t('Nothing of theirs and nothing of yours is lost: choose how to go on.')),
    h('ul', { class: 'effects' }, lines(t('They changed:'), theirs), lines(t('You changed:'), mine)),
    h('div', { class: 'choices-list' },
      clash.length ? null : choice('both', 'squares-unite', t('Both together'), t('No area was changed by both of you'), onBoth),
      choice('own', 'copy', t('Keep mine as a new draft'), t('Theirs stays here; yours opens beside it'), onOwn),
      choice('theirs', 'refresh-cw', t('Take theirs'), t('Your steps since the last saving are dropped'), onTheirs)));
  return box;
}

/** Areas that this draft and somebody's publication both changed: whose stays, one by one. */
export function clashDialog(clashes, { onChoice, now }) {
  const chosen = new Map(clashes.map(({ key }) => [key, 'mine']));
  const pick = (one, side, word) => {
    const input = h('input', { type: 'radio', name: `clash-${one.key}`, value: side, checked: side === 'mine', on: { change: () => chosen.set(one.key, side) } });
    return h('label', { class: 'check' }, input, word);
  };
  const row = (one) => h('fieldset', { class: 'clash' }, h('legend', {}, nameOf(one)),
    one.when ? h('p', { class: 'xs muted' }, t('{name} published it {time}', { name: local(one.who) || t('Somebody'), time: moment(one.when, now) })) : null,
    pick(one, 'mine', one.mine ? t('as in this draft') : t('removed, as in this draft')), pick(one, 'theirs', one.theirs ? t('as in force now') : t('ended, as in force now')));
  const go = h('button', { type: 'button', class: 'btn btn-primary big' }, icon('check', 17), t('Go on with these'));
  const box = dialog(t('Changed by both: whose stays?'), h('p', { class: 'lead' }, t('Everything else is taken over as it is.')), h('div', { class: 'choices-list' }, clashes.map(row)),
    h('footer', { class: 'act-f' }, h('button', { type: 'button', class: 'btn btn-default', on: { click: () => box.close() } }, t('Later')), go));
  go.addEventListener('click', () => {
    box.close();
    const of = (side) => [...chosen].filter(([, value]) => value === side).map(([key]) => key);
    onChoice({ mine: of('mine'), theirs: of('theirs') });
  });
  return box;
}
