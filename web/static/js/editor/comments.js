/** What people say about a draft: a list, each with its place if it has one; added by clicking the map, done when settled. */
import { h, icon, said, toast } from '../dom.js';
import { shortMoment } from '../format.js';
import { local, number, t } from '../i18n.js';

export class CommentsPanel {
  /**
   * @param {HTMLElement} root
   * @param {{server, flags, may: boolean, onGo: (place) => void, onPlace: (wanted: boolean) => void, now: () => string}} parts
   */
  constructor(root, parts) {
    Object.assign(this, { root, ...parts, comments: [], place: null, placing: false });
    this.text = h('textarea', { class: 'input', id: 'comment-text', rows: '2', maxlength: '2000' });
    this.fault = h('p', { class: 'err', role: 'alert', hidden: true });
    this.where = h('button', { type: 'button', class: 'btn btn-default sm', 'aria-pressed': 'false', on: { click: () => this.askPlace(!this.placing) } });
    this.form = h('form', { class: 'form comment-form', novalidate: true, on: { submit: (event) => this.submit(event) } },
      h('div', { class: 'field' }, h('label', { for: 'comment-text' }, t('Say something about this draft')), this.text, this.fault),
      h('div', { class: 'bt' }, h('button', { type: 'submit', class: 'btn btn-primary sm' }, icon('send', 14), t('Comment')), this.where));
    this.list = h('ol', { class: 'comments' });
    this.count = h('span', { class: 'n' });
    root.replaceChildren(h('h3', { class: 'grp' }, t('Comments'), this.count), this.list, ...(this.may ? [this.form] : []));
    this.markPlace(null);
  }

  async load() {
    try {
      const answer = await this.server.comments();
      this.show(answer.comments);
    } catch (error) {
      this.list.replaceChildren(h('li', { class: 'quiet' }, t('The comments did not come: {why}', { why: error.message })));
    }
  }

  show(comments) {
    this.comments = comments;
    const open = comments.filter((one) => !one.resolved_at);
    this.count.textContent = open.length ? number(open.length) : t('none');
    const places = open.filter((one) => one.place);
    this.flags.show(places.map((one) => ({ at: one.place, number: '', text: '', kind: 'comment', label: `${local(one.who)}: ${one.text}`, onPick: () => this.reveal(one) })));
    this.list.replaceChildren(...comments.map((one) => this.row(one)));
    this.onCount?.(open.length);
  }

  row(one) {
    const done = Boolean(one.resolved_at);
    return h('li', { class: done ? 'done' : null, data: { comment: one.id } },
      h('p', { class: 'xs muted' }, local(one.who), ' · ', shortMoment(one.at, this.now()), done ? [' · ', t('settled')] : null),
      h('p', { class: 'said' }, said(one.text)),
      h('div', { class: 'bt' },
        one.place ? h('button', { type: 'button', class: 'btn btn-quiet sm', on: { click: () => this.onGo(one.place) } }, icon('map-pin', 14), t('Locate')) : null,
        !done && this.may && one.may_resolve ? h('button', { type: 'button', class: 'btn btn-quiet sm', on: { click: () => this.resolve(one) } }, icon('check', 14), t('Settled')) : null));
  }

  reveal(one) {
    this.onShow?.();
    const row = this.list.querySelector(`[data-comment="${one.id}"]`);
    row?.scrollIntoView({ block: 'nearest' });
    row?.classList.add('is-hot');
    setTimeout(() => row?.classList.remove('is-hot'), 1500);
  }

  /** The next click on the map says where. */
  askPlace(on) {
    this.placing = on;
    if (on) this.markPlace(null);
    else this.label();
    this.onPlace(on);
  }

  label() {
    const words = this.placing ? t('Click the place on the map') : this.place ? t('Place chosen: change it') : t('With a place');
    this.where.replaceChildren(icon('map-pin', 14), words);
    this.where.setAttribute('aria-pressed', String(this.placing));
  }

  markPlace(place) {
    this.place = place;
    if (place) this.placing = false;
    this.label();
  }

  async submit(event) {
    event.preventDefault();
    const text = this.text.value.trim();
    this.refuse(text ? '' : t('Write what you mean'));
    if (!text) {
      this.text.focus();
      return;
    }
    const body = { text, ...(this.place ? { lon: this.place[0], lat: this.place[1] } : {}) };
    try {
      const { comments } = await this.server.comment(body);
      this.text.value = '';
      this.markPlace(null);
      this.show(comments);
    } catch (error) {
      this.refuse(error.body ? error.message : t('The server does not answer: your text is still here'));
    }
  }

  refuse(words) {
    this.fault.hidden = !words;
    this.fault.textContent = words;
    this.text.setAttribute('aria-invalid', String(Boolean(words)));
  }

  async resolve(one) {
    try {
      const { comments } = await this.server.resolve(one.id);
      this.show(comments);
    } catch (error) {
      toast(error.message);
    }
  }
}
