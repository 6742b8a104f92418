/** The demo's sign-in page: choosing an account fills the form. Without this the names can be typed. */

const list = document.querySelector('[data-demo-users]');
const form = document.getElementById('sign-in');

list.addEventListener('click', (event) => {
  const button = event.target.closest('[data-username]');
  if (!button) return;
  form.elements.username.value = button.dataset.username;
  form.elements.password.value = list.dataset.password;
  form.querySelector('[type="submit"]').focus();
});
