/** A question or a form over the page. */
import { h, icon } from '../dom.js';
import { t } from '../i18n.js';

/** A dialog that goes when it is closed. */
export function dialog(title, ...content) {
  const close = h('button', { type: 'button', class: 'ib', 'aria-label': t('Close') }, icon('x', 18));
  const box = h('dialog', { class: 'act-dialog editor-dialog', 'aria-labelledby': 'dialog-title' },
    h('div', { class: 'form' }, h('header', {}, h('h2', { id: 'dialog-title' }, title), close), ...content));
  close.addEventListener('click', () => box.close());
  box.addEventListener('close', () => box.remove());
  box.addEventListener('keydown', (event) => event.key === 'Escape' && event.stopPropagation());
  document.body.append(box);
  box.showModal();
  return box;
}
