/** Taking in a street network: how much of the file was sent, then how far the reading is. */
import { t } from './i18n.js';

const EVERY_MS = 1000;

async function look(note) {
  try {
    const response = await fetch(note.dataset.progress, { headers: { Accept: 'application/json' } });
    const now = await response.json();
    if (!response.ok || !now.running) return location.reload();
    note.querySelector('span').textContent = now.text;
  } catch {
    note.querySelector('span').textContent = t('The server does not answer; the reading goes on there');
  }
  return setTimeout(look, EVERY_MS, note);
}

/** Puts what the server said of a refused file in the place of this form. */
function showAnswer(html) {
  const said = new DOMParser().parseFromString(html, 'text/html').querySelector('.set-main');
  document.querySelector('.set-main').replaceWith(document.adoptNode(said));
  begin();
  document.querySelector('[data-streets] input[type=file]').focus();
}

function sendWithProgress(event) {
  const form = event.target;
  const file = form.querySelector('input[type=file]').files[0];
  if (!file) return;
  event.preventDefault();
  const line = form.querySelector('.streets-sending');
  const button = form.querySelector('button[type=submit]');
  const [bar, words] = [line.querySelector('progress'), line.querySelector('span')];
  line.hidden = false;
  button.disabled = true;
  const request = new XMLHttpRequest();
  request.upload.addEventListener('progress', (sent) => {
    if (!sent.lengthComputable) return;
    bar.value = (100 * sent.loaded) / sent.total;
    words.textContent = t('{sent} of {total} MB sent', {
      sent: (sent.loaded / 1e6).toFixed(1), total: (sent.total / 1e6).toFixed(1),
    });
  });
  request.addEventListener('load', () => {
    const page = request.getResponseHeader('Content-Type')?.startsWith('text/html');
    if (page && request.status >= 400) showAnswer(request.responseText);
    else location.assign(form.action);
  });
  request.addEventListener('error', () => {
    words.textContent = t('The server does not answer: nothing was changed. Try again');
    button.disabled = false;
  });
  request.open('POST', form.action);
  request.send(new FormData(form));
}

function begin() {
  const note = document.getElementById('streets-progress');
  if (note?.dataset.progress) setTimeout(look, EVERY_MS, note);
  document.querySelector('[data-streets]')?.addEventListener('submit', sendWithProgress);
}

begin();
