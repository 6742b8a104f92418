// Copying what is shown this once.
const button = document.querySelector('[data-copy]');
const secret = document.querySelector('[data-secret]');

if (button && secret && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(secret.textContent);
    button.querySelector('span').textContent = button.dataset.done;
  });
}
