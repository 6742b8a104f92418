/** Photos of a case, and the dialog that shows them large. */
import { h, iconButton, joined } from '../dom.js';
import { moment } from '../format.js';
import { local, t } from '../i18n.js';

const kindWord = (kind) => ({
  before: t('Before'), during: t('Under way'), after: t('After'), near: t('Close up'), far: t('From afar'),
}[kind] || kind);

const whenWho = (photo, now) => joined([photo.taken_at && moment(photo.taken_at, now), local(photo.by)]);
const wordsOf = ({ kind, caption }) => (
  local(caption) ? t('{name}: {value}', { name: kindWord(kind), value: local(caption) }) : kindWord(kind)
);

function largeView(photos, start, now) {
  let at = start;
  const image = h('img', { alt: '' });
  const words = h('p', { 'aria-live': 'polite' });
  const step = (by) => {
    at = (at + by + photos.length) % photos.length;
    const photo = photos[at];
    image.src = photo.url;
    image.alt = wordsOf(photo);
    words.replaceChildren(...joined([t('{n} of {all}', { n: at + 1, all: photos.length }), wordsOf(photo), ...whenWho(photo, now).filter((part) => part !== ' · ')]));
  };
  const several = photos.length > 1;
  const dialog = h(
    'dialog', { class: 'viewer', 'aria-label': t('Photos') }, image,
    h('div', { class: 'cap' }, words,
      several ? iconButton('chevron-left', t('Previous photo'), { on: { click: () => step(-1) } }, 20) : null,
      several ? iconButton('chevron-right', t('Next photo'), { on: { click: () => step(1) } }, 20) : null,
      iconButton('x', t('Close'), { on: { click: () => dialog.close() } }, 20)),
  );
  dialog.addEventListener('keydown', ({ key }) => {
    if (key === 'ArrowLeft') step(-1);
    if (key === 'ArrowRight') step(1);
  });
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  step(0);
  dialog.showModal();
}

/** A missing "after" picture is said, while somebody is still expected to take it. */
function missingAfter(item) {
  const wanted = item.photos.some(({ kind }) => kind === 'before') && !item.photos.some(({ kind }) => kind === 'after');
  return wanted && item.s !== 'done' && item.photos.length < 2 ? h('div', { class: 'pic missing' }, t('No photo after rectification yet')) : null;
}

/** @returns {HTMLElement|null} */
export function photos(item, now) {
  if (!item.photos?.length) return null;
  return h('div', { class: 'pics' }, item.photos.map((photo, i) => h(
    'button',
    { type: 'button', class: 'pic', title: t('Larger'), on: { click: () => largeView(item.photos, i, now) } },
    h('img', { src: photo.url, alt: wordsOf(photo), loading: 'lazy' }),
    h('span', { class: 'lb' }, kindWord(photo.kind)),
    h('span', { class: 'wm' }, whenWho(photo, now)),
  )), missingAfter(item));
}
