// The menu shows where one is; what is shown this once can be copied.
const menu = document.querySelector('.set-nav');
const current = menu?.querySelector('[aria-current]');
if (current) menu.scrollLeft = current.offsetLeft - menu.clientWidth / 3;

const button = document.querySelector('[data-copy]');
const secret = document.querySelector('[data-secret]');
if (button && secret && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(secret.textContent);
    button.querySelector('span').textContent = button.dataset.done;
  });
}
