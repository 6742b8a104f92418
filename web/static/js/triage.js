/** Triage: a suggested reason with one tap, and how many findings are ticked. */
const reason = document.getElementById('reason');
for (const button of document.querySelectorAll('[data-reason]')) {
  button.addEventListener('click', () => {
    reason.value = button.textContent;
    reason.focus();
  });
}

const batch = document.getElementById('batch');
const count = batch?.querySelector('[data-picked]');
function show() {
  const n = batch.querySelectorAll('input[name="pick"]:checked').length;
  batch.classList.toggle('has-picked', n > 0);
  count.textContent = n ? ` ${n}` : '';
}
if (count) {
  batch.classList.add('is-live');
  batch.addEventListener('change', show);
  show();
}

// The chosen line is in sight, also far down the queue.
document.querySelector('.queue .item[aria-current]')?.scrollIntoView({ block: 'nearest' });
