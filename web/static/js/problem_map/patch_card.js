/** What the map says of a patch that was clicked: who is responsible, how much is open, and "only this patch". */
import { h, iconButton } from '../dom.js';
import { local, number, t } from '../i18n.js';

export class PatchCard {
  /** @param {HTMLElement} root @param {{names, store, onClose: () => void}} parts */
  constructor(root, parts) {
    Object.assign(this, { root, ...parts, code: null });
  }

  /** @param {?string} code the patch, or null to hide @param {Object<string, number[]>} shade open and overdue by patch */
  show(code, shade) {
    const area = code && this.names.areas.find((item) => item.code === code);
    this.code = area ? code : null;
    this.root.hidden = !area;
    if (!area) return;
    const [open, over] = shade[code] || [0, 0];
    const only = () => {
      this.onClose();
      this.store.filter({ area: code });
    };
    const counts = h('span', { class: 'sec' }, t('{n} open', { n: number(open) }), over ? [' · ', h('b', { class: 't-over' }, t('{n} overdue', { n: number(over) }))] : null);
    this.root.replaceChildren(
      h('div', {}, h('b', {}, area.word), area.leader ? h('span', { class: 'sec' }, t('leader {name}', { name: local(area.leader) })) : null, counts),
      h('button', { type: 'button', class: 'btn btn-default sm', on: { click: only } }, t('Only this patch')),
      iconButton('x', t('Close'), { on: { click: () => this.onClose() } }, 14),
    );
  }
}
