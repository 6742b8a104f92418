/* Runs before the first paint, so that the page never flashes in the wrong theme. Kept out of the modules, which wait. */
(function () {
  'use strict';
  var root = document.documentElement;
  function stored(key) {
    try { return localStorage.getItem(key); } catch { return null; }
  }
  var wanted = new URLSearchParams(location.search).get('theme');
  var choice = /^(light|dark|auto)$/.test(wanted) ? wanted : stored('bp-theme') || 'auto';
  var dark = matchMedia('(prefers-color-scheme: dark)');
  function apply() {
    var now = root.dataset.themeChoice === 'auto' ? (dark.matches ? 'dark' : 'light') : root.dataset.themeChoice;
    if (root.dataset.bsTheme === now) return;
    root.dataset.bsTheme = now;
    document.dispatchEvent(new Event('bp:theme'));
  }
  root.dataset.themeChoice = choice;
  if (stored('bp-sample') === 'seen') root.dataset.sample = 'seen';
  apply();
  dark.addEventListener('change', apply);
  document.addEventListener('bp:theme-choice', apply);
})();
