/** Before and after on one place: a range input moves the line between them, so keys, touch and mouse all work. */
import { t } from './i18n.js';

function start(box) {
  const range = box.querySelector('.cmp-range');
  const show = () => {
    box.style.setProperty('--cut', `${range.value}%`);
    range.setAttribute('aria-valuetext', t('{n} per cent of the photo from before', { n: range.value }));
  };
  box.classList.add('on');
  range.hidden = false;
  box.querySelector('.cmp-line').hidden = false;
  range.addEventListener('input', show);
  show();
}

for (const box of document.querySelectorAll('[data-compare]:not(.on)')) start(box);
for (const hint of document.querySelectorAll('.cmp-hint')) hint.hidden = false;
