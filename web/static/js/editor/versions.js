/** The draft and what was published before it, newest first; sharing, comparing, putting the draft away. */
import { h, icon, said, toast } from '../dom.js';
import { dayOf, day, time } from '../format.js';
import { local, number, t } from '../i18n.js';

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
  /** @param {HTMLElement} root @param {{server, onDiscard: () => void, now: () => string}} parts */
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
      this.sharing());
    this.root.replaceChildren(h('ol', { class: 'ver' }, mine, publications.map((one, i) => this.version(one, i, now))));
  }

  version(one, i, now) {
    const until = i && this.publications[i - 1].at;
    const [from, to] = [one.at, until || one.at].map((at) => day(dayOf(at), i ? '' : dayOf(now).slice(0, 4)));
    const span = until ? (from === to ? from : t('{from} to {to}', { from, to })) : t('since {day}', { day: day(dayOf(one.at), dayOf(now).slice(0, 4)) });
    return h('li', { class: i ? null : 'cur' },
      h('b', {}, i ? t('Version {n}', { n: one.id }) : t('Version {n}, in force', { n: one.id })),
      h('div', {}, one.note ? said(one.note) : KINDS[one.kind] || one.kind),
      h('small', {}, [local(one.who) || KINDS[one.kind], span].filter(Boolean).join(' · ')),
      h('a', { class: 'link xs', href: `/areas/history/${one.id}` }, t('What it changed ({n} areas)', { n: number(Array.isArray(one.areas) ? one.areas.length : one.areas || 0) })));
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

