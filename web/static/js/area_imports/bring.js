/** Bringing a map file: chosen or dropped, its size checked here, sent with its progress shown. */
import { csrfToken } from '../sending.js';
import { t } from '../i18n.js';

const form = document.querySelector('#bring');
const input = form.elements.files;
const progress = form.querySelector('.ai-progress');
const bar = progress.querySelector('progress');
const word = progress.querySelector('#sent');
const fault = document.querySelector('#bring-error');
const MB = 1024 * 1024;

const megabytes = (bytes) => (bytes / MB).toFixed(bytes < 10 * MB ? 1 : 0);

function complain(text) {
  fault.textContent = text;
  fault.hidden = !text;
  progress.hidden = true;
  form.removeAttribute('aria-busy');
  input.disabled = false;
}

function tooLarge(files) {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return bytes > Number(form.dataset.mb) * MB
    ? t('That is {mb} MB; at most {most} MB are taken at once. Bring fewer areas, or use baopian import areas', { mb: megabytes(bytes), most: form.dataset.mb })
    : '';
}

function told(request) {
  try {
    return JSON.parse(request.responseText).detail || '';
  } catch {
    return '';
  }
}

function finished(request) {
  if (request.status === 201) {
    word.textContent = t('Opening the file…');
    location.assign(JSON.parse(request.responseText).url);
    return;
  }
  const most = { most: form.dataset.mb };
  complain(told(request) || (request.status === 413 ? t('At most {most} MB are taken at once', most) : t('The server does not answer; the file was not kept')));
}

/** Sends files to the server; the page of their import opens then. */
function send(files) {
  const large = tooLarge(files);
  if (large) {
    complain(large);
    return;
  }
  complain('');
  const body = new FormData();
  for (const file of files) body.append('files', file, file.name);
  const request = new XMLHttpRequest();
  request.open('POST', form.action);
  request.setRequestHeader('Accept', 'application/json');
  request.setRequestHeader('X-CSRFToken', csrfToken());
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    bar.value = total ? (100 * loaded) / total : 0;
    word.textContent = loaded < total ? t('{done} of {total} MB sent', { done: megabytes(loaded), total: megabytes(total) }) : t('Sent; the server stores it…');
  });
  request.addEventListener('load', () => finished(request));
  request.addEventListener('error', () => complain(t('The server does not answer; the file was not kept')));
  form.setAttribute('aria-busy', 'true');
  input.disabled = true;
  progress.hidden = false;
  request.send(body);
}

input.addEventListener('change', () => {
  if (input.files.length) send([...input.files]);
});
form.addEventListener('dragover', (event) => {
  event.preventDefault();
  form.classList.add('is-over');
});
form.addEventListener('dragleave', () => form.classList.remove('is-over'));
form.addEventListener('drop', (event) => {
  event.preventDefault();
  form.classList.remove('is-over');
  const files = [...event.dataTransfer.files].filter((file) => file.size || file.type);
  if (files.length) send(files);
  else complain(t('That is no file: drop a map file or a .zip, not a folder'));
});
