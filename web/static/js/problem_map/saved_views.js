/** The bookmark in the filter bar: filters that a person keeps under a name, and going back to them. */
import { h, icon, said, toast } from '../dom.js';
import { t } from '../i18n.js';
import { send } from '../sending.js';
import { Refused, ask } from './data.js';
import { closePopover, isOpen, togglePopover } from './popover.js';
import { filterQuery, fromAddress } from './state.js';

const ADDRESS = '/desk/views';

export class SavedViews {
  /**
   * @param {HTMLElement} root the filter bar
   * @param {import('./state.js').Store} store
   */
  constructor(root, store) {
    this.store = store;
    this.button = h('button', {
      type: 'button', class: 'chip saved-views', 'aria-haspopup': 'dialog', 'aria-expanded': 'false', 'aria-label': t('Saved filters'),
      title: t('Saved filters'), on: { click: () => this.open() },
    }, icon('bookmark', 15));
    root.append(this.button);
  }

  open() {
    const list = h('div', { class: 'opts-list' });
    togglePopover(this.button, h('div', { class: 'choices-pop' }, h('h4', {}, t('Saved filters')), list, h('hr'), this.form()), { label: t('Saved filters'), className: 'pop-saved' });
    if (isOpen(this.button)) this.fill(list);
  }

  async fill(list) {
    try {
      const { views } = await ask('views', ADDRESS);
      list.replaceChildren(...(views.length ? views.map((view) => this.line(view)) : [h('p', { class: 'none' }, t('None yet'))]));
    } catch (error) {
      const words = error instanceof Refused ? error.message : t('The server does not answer');
      if (error.name !== 'AbortError') list.replaceChildren(h('p', { class: 'none' }, words));
    }
  }

  line({ name, query }) {
    const go = () => {
      closePopover();
      this.store.filter(fromAddress(query).filters);
    };
    const { filters } = fromAddress(query);
    const current = filterQuery(filters).toString() === filterQuery(this.store.state.filters).toString();
    return h('button', { type: 'button', class: 'opt', 'aria-current': current ? 'true' : null, on: { click: go } }, said(name, { class: 'ell' }));
  }

  form() {
    const query = filterQuery(this.store.state.filters).toString();
    if (!query) return h('p', { class: 'none' }, t('Set filters first, then save them here.'));
    const name = h('input', { class: 'input', name: 'name', required: true, maxlength: 60, placeholder: t('Name for these filters'), 'aria-label': t('Name for these filters') });
    const fault = h('p', { class: 'err', role: 'alert' });
    const form = h('form', { class: 'save-view' }, name, fault, h('button', { class: 'btn btn-default' }, t('Save the filters')));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.save(query, name.value, fault);
    });
    return form;
  }

  async save(query, name, fault) {
    const form = new FormData();
    form.set('name', name);
    form.set('query', query);
    const { kind, body } = await send(ADDRESS, form);
    if (kind === 'done') {
      closePopover();
      toast(body.said);
    } else {
      fault.textContent = { refused: body.detail, 'sign-in': t('Sign in first') }[kind] || t('The server does not answer');
    }
  }
}
