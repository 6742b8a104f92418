/** Whether a box can be seen, not folded away. */
const seen = (box) => box.checkVisibility?.() ?? true;

/**
 * Ticking several findings of a section: all at once, a range with Shift, the arrow keys from box to box, and the count on
 * the button. Without scripts the form works as it is.
 */
function batch(form) {
  const boxes = [...form.querySelectorAll('input[name=finding]')];
  const all = form.querySelector('[data-all]');
  if (!all || !boxes.length) return;
  const bar = form.querySelector('.batch');
  let last = null;
  all.closest('label').hidden = false;

  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = boxes.filter(seen).every((box) => box.checked);
    all.indeterminate = ticked > 0 && !all.checked;
    bar.classList.toggle('on', ticked > 0);
    for (const count of bar.querySelectorAll('[data-count]')) count.textContent = ticked ? String(ticked) : '';
  };

  /** Everything between two boxes becomes as the second one is; what is folded away stays. */
  const fill = (from, to) => {
    const [first, end] = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b);
    for (const box of boxes.slice(first, end + 1)) if (seen(box)) box.checked = to.checked;
  };

  form.addEventListener('click', (event) => {
    if (!boxes.includes(event.target)) return;
    if (event.shiftKey && last) fill(last, event.target);
    last = event.target;
    tell();
  });
  form.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = boxes.indexOf(event.target);
    const next = step && at >= 0 && boxes[at + step];
    if (!next || !seen(next)) return;
    event.preventDefault();
    next.focus();
    if (event.shiftKey) {
      next.checked = event.target.checked;
      last = next;
      tell();
    }
  });
  all.addEventListener('change', () => {
    // Only what can be seen: nobody acts on rows that are folded away without knowing.
    for (const box of boxes) if (!all.checked || seen(box)) box.checked = all.checked;
    tell();
  });
  form.addEventListener('change', tell);
  tell();
}

for (const form of document.querySelectorAll('[data-batch]')) batch(form);
