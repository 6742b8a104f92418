/** Ticking several findings of a section: tick all, and the count on the button. Without scripts the form works as it is. */
for (const form of document.querySelectorAll('[data-batch]')) {
  const boxes = [...form.querySelectorAll('input[name=finding]')];
  const all = form.querySelector('[data-all]');
  if (!all || !boxes.length) continue;
  all.closest('label').hidden = false;

  const tell = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    for (const count of form.querySelectorAll('[data-count]')) count.textContent = ticked ? String(ticked) : '';
  };

  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  form.addEventListener('change', tell);
  tell();
}
