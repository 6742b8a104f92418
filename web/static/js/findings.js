/** The list of findings applies a filter as soon as it is chosen; the file of one prints. */
const form = document.getElementById('filters');

/** An address holds only what is set. */
function send() {
  for (const field of form.elements) {
    if (field.name && field.type !== 'checkbox' && !field.value) field.disabled = true;
  }
  form.submit();
}

if (form) {
  form.querySelector('[data-manual]').classList.add('vh');
  // On a phone they would fill the first screen: all but the search fold away.
  const fold = form.querySelector('.fold');
  fold.hidden = false;
  form.classList.add('folded');
  fold.addEventListener('click', () => {
    fold.setAttribute('aria-expanded', String(!form.classList.toggle('folded')));
  });
  form.addEventListener('change', (event) => {
    // A date is typed digit by digit: it counts once it is whole and left.
    if (event.target.matches('select[data-auto], input[type="checkbox"][data-auto]')) send();
  });
  for (const field of form.querySelectorAll('input[type="date"][data-auto]')) {
    field.addEventListener('blur', () => {
      if (field.value !== field.defaultValue) send();
    });
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
  // Back shows the page as it was left, with the fields that `send` had switched off.
  addEventListener('pageshow', () => {
    for (const field of form.elements) field.disabled = false;
  });
}

document.querySelector('[data-print]')?.addEventListener('click', () => print());
