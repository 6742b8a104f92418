/** The draft and what was published before it, newest first; sharing, comparing, putting the draft away. */
import { h, icon, said, toast } from '../dom.js';
import { dayOf, day, time } from '../format.js';
import { local, number, t } from '../i18n.js';
import { dialog } from './dialog.js';

const KINDS = { import: t('Import'), draft: t('Redrawn'), restore: t('Restored'), program: t('By a program') };

/** What a saving state is called. */
export function stateWords(state) {
  const at = state.at && time(state.at);
  return {
    saved: at ? t('saved {time}', { time: at }) : t('saved'), pending: t('saving…'), saving: t('saving…'),
    kept: state.stored === false ? t('The server does not answer. Keep this page open: retrying in {n} s', { n: state.wait_s }) : t('The server does not answer. Kept in this browser, retrying in {n} s', { n: state.wait_s }),
    refused: t('not saved: {why}', { why: state.words }), conflict: t('not saved: somebody else saved in between'),
    'signed-out': t('not saved: sign in again in another window, then go on here'),
  }[state.kind];
}

export class VersionsPane {
  /** @param {HTMLElement} root @param {{server, revision: () => number, onShared, onNamed, onDiscard: () => void, now: () => string}} parts */
  constructor(root, parts) {
    Object.assign(this, { root, ...parts, state: { kind: 'saved' } });
  }

  show(draft, publications) {
    Object.assign(this, { draft, publications });
    this.render();
  }

  setState(state) {
    this.state = state;
    const line = this.root.querySelector('[data-state]');
    if (!line) return;
    line.textContent = stateWords(state);
    line.classList.toggle('t-over', ['kept', 'refused', 'conflict', 'signed-out'].includes(state.kind));
  }

  render() {
    const { draft, publications, state } = this;
    const now = this.now();
    const who = draft.mine ? t('you') : local(draft.updated_by);
    const mine = h('li', { class: 'dr', 'aria-current': 'true' },
      h('b', {}, draft.status === 'open' ? t('Draft') : t('Published draft')),
      h('div', {}, said(draft.title || t('Changes that are not published'))),
      h('small', {}, who, ' · ', h('span', { data: { state: state.kind }, role: 'status' }, stateWords(state))),
      this.sharing(), this.ownActs());
    this.root.replaceChildren(h('ol', { class: 'ver' }, mine, publications.map((one, i) => this.version(one, i, now))));
  }

  version(one, i, now) {
    const until = i && this.publications[i - 1].at;
    const [from, to] = [one.at, until || one.at].map((at) => day(dayOf(at), dayOf(now).slice(0, 4)));
    const span = until ? (from === to ? from : t('{from} to {to}', { from, to })) : t('since {day}', { day: from });
    return h('li', { class: i ? null : 'cur' },
      h('b', {}, i ? t('Version {n}', { n: one.id }) : t('Version {n}, in force', { n: one.id })),
      h('div', {}, one.note ? said(one.note) : KINDS[one.kind] || one.kind),
      h('small', {}, [local(one.who) || KINDS[one.kind], span].filter(Boolean).join(' · ')),
      h('a', { class: 'link xs', href: `/areas/history/${one.id}` }, t('What it changed ({n} areas)', { n: number(Array.isArray(one.areas) ? one.areas.length : one.areas || 0) })));
  }

  /** What may be done with a draft of one's own: name it, put it away. */
  ownActs() {
    if (this.draft.status !== 'open' || !this.draft.may_edit) return null;
    const act = (symbol, word, run) => h('button', { type: 'button', class: 'btn btn-quiet sm', on: { click: run } }, icon(symbol, 14), word);
    return h('div', { class: 'share' }, act('pencil', t('Name it'), () => this.name()), this.draft.mine ? act('trash-2', t('Discard'), () => this.discard()) : null);
  }

  name() {
    const title = h('input', { class: 'input', id: 'draft-title', maxlength: '200', value: this.draft.title || '', autocomplete: 'off' });
    const note = h('textarea', { class: 'input', id: 'draft-note', rows: '3', maxlength: '500' }, this.draft.note || '');
    const fault = h('p', { class: 'err', role: 'alert', hidden: true });
    const form = h('form', { class: 'form', novalidate: true },
      h('div', { class: 'field' }, h('label', { for: 'draft-title' }, t('What the draft is called')), title),
      h('div', { class: 'field' }, h('label', { for: 'draft-note' }, t('What it is for (may stay empty)')), note, fault),
      h('footer', { class: 'act-f' }, h('button', { type: 'button', class: 'btn btn-default', on: { click: () => box.close() } }, t('Leave it')), h('button', { type: 'submit', class: 'btn btn-primary big' }, t('Save'))));
    const box = dialog(t('Name this draft'), form);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      try {
        this.onShared?.(await this.server.rename(this.revision(), title.value.trim(), note.value.trim()));
        Object.assign(this.draft, { title: title.value.trim(), note: note.value.trim() });
        box.close();
        this.render();
        this.onNamed?.();
      } catch (error) {
        fault.hidden = false;
        fault.textContent = error.body ? error.message : t('The server does not answer: your text is still here');
      }
    });
    title.focus();
  }

  discard() {
    const box = dialog(t('Discard this draft?'), h('p', { class: 'lead' }, t('Its changes are not published, and it leaves the list of drafts. The map in force stays as it is.')),
      h('footer', { class: 'act-f' }, h('button', { type: 'button', class: 'btn btn-default', on: { click: () => box.close() } }, t('Leave it')),
        h('button', { type: 'button', class: 'btn btn-danger-quiet big', on: { click: () => this.discarded(box) } }, icon('trash-2', 16), t('Discard'))));
  }

  async discarded(box) {
    try {
      const { url } = await this.server.discard(this.revision());
      this.onDiscard();
      location.assign(url);
    } catch (error) {
      box.close();
      toast(error.body ? error.message : t('The server does not answer: nothing was changed'));
    }
  }

  sharing() {
    const { draft } = this;
    if (draft.status !== 'open' || !draft.mine) return draft.shared ? h('p', { class: 'xs muted' }, t('Shared for comment')) : null;
    const box = h('input', { type: 'checkbox', checked: draft.shared, on: { change: ({ target }) => this.share(target) } });
    return h('div', { class: 'share' },
      h('label', { class: 'check' }, box, t('Shared for comment')),
      draft.shared ? h('button', { type: 'button', class: 'btn btn-quiet sm', on: { click: () => this.copy() } }, icon('link', 14), t('Copy the link')) : null);
  }

  async share(box) {
    box.disabled = true;
    try {
      const answer = await this.server.share(box.checked);
      this.draft.shared = box.checked;
      this.onShared?.(answer);
      toast(box.checked ? t('Leaders and inspectors can see this draft and comment on it') : t('Only you see this draft now'));
    } catch (error) {
      toast(error.message);
    }
    this.render();
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(location.href.split('?')[0]);
      toast(t('The link to this draft is copied'));
    } catch {
      toast(t('The browser did not let us copy; the address bar has the link'));
    }
  }
}

