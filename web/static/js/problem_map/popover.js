/** A popover under a button: one at a time, closed by Escape, by a click elsewhere, by its button. */
import { h } from '../dom.js';

const coarse = matchMedia('(pointer: coarse)');
let open = null;

/** Closes the popover that is open, if any; the focus goes back to its button when it was inside. */
export function closePopover() {
  if (!open) return;
  const { element, button, onClose } = open;
  open = null;
  const inside = element.contains(document.activeElement);
  element.remove();
  button.setAttribute('aria-expanded', 'false');
  if (inside && button.isConnected) button.focus();
  onClose?.();
}

/** Whether this button's popover is open. */
export const isOpen = (button) => open?.button === button;

function place(element, button) {
  const at = button.getBoundingClientRect();
  const width = element.offsetWidth;
  const left = Math.max(8, Math.min(at.left, innerWidth - width - 8));
  const below = innerHeight - at.bottom - 14;
  const above = at.top - 14;
  element.style.left = `${left}px`;
  if (below >= 260 || below >= above) {
    element.style.top = `${at.bottom + 6}px`;
    element.style.maxHeight = `${below}px`;
  } else {
    element.style.bottom = `${innerHeight - at.top + 6}px`;
    element.style.maxHeight = `${above}px`;
  }
}

/**
 * Opens `content` under `button`, or closes it when it is open there. On phones the style sheet makes it a sheet.
 * @param {HTMLElement} button
 * @param {HTMLElement} content
 * @param {{label: string, onClose?: () => void, className?: string}} options
 */
export function togglePopover(button, content, { label, onClose, className = '' }) {
  const again = isOpen(button);
  closePopover();
  if (again) return;
  const element = h('div', { class: `pop popover-layer ${className}`, role: 'dialog', tabindex: '-1', 'aria-label': label }, content);
  document.body.append(element);
  place(element, button);
  button.setAttribute('aria-expanded', 'true');
  open = { element, button, onClose };
  // Under a finger the first field would raise the keyboard over the list.
  const first = coarse.matches ? element : element.querySelector('[autofocus], input, button, a') || element;
  first.focus({ preventScroll: true });
}

document.addEventListener('pointerdown', ({ target }) => {
  if (open && !open.element.contains(target) && !open.button.contains(target)) closePopover();
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !open) return;
  event.stopImmediatePropagation();
  closePopover();
}, true);
addEventListener('resize', () => {
  // A phone's keyboard resizes the page too: that must not close the search it was opened for.
  if (open && !open.element.contains(document.activeElement)) closePopover();
});
