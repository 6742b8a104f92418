/** What every page has: theme, language, search shortcut, menus that close, lines that can be hidden. */

const root = document.documentElement;
const THEMES = ['light', 'dark', 'auto'];
const ICONS = { light: 'sun', dark: 'moon', auto: 'monitor' };

function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is off: the choice lasts for this page only.
  }
}

function themeButton(button) {
  const show = () => {
    const choice = root.dataset.themeChoice;
    button.title = button.dataset[choice];
    button.setAttribute('aria-label', button.dataset[choice]);
    const word = button.querySelector('[data-theme-word]');
    if (word) word.textContent = button.dataset[choice];
    button.querySelector('use').setAttribute('href', `${root.dataset.icons}#${ICONS[choice]}`);
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.themeChoice) + 1) % THEMES.length];
    root.dataset.themeChoice = next;
    store('bp-theme', next);
    document.dispatchEvent(new Event('bp:theme-choice'));
  });
  document.addEventListener('bp:theme-choice', show);
  show();
}

/** The switch comes back to the address of this moment: the map changes it without loading a page. */
function languageLink(link) {
  link.addEventListener('click', () => {
    const address = new URL(link.href);
    const here = new URL(location.href);
    here.searchParams.delete('lang');
    address.searchParams.set('next', here.pathname + here.search);
    link.href = address.href;
  });
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (menu !== except) menu.open = false;
  }
}

function dismissers() {
  document.addEventListener('click', (event) => {
    closeMenus(event.target.closest('details.menu'));
    const button = event.target.closest('[data-dismiss], [data-dismiss-sample]');
    if (!button) return;
    if ('dismissSample' in button.dataset) {
      store('bp-sample', 'seen');
      root.dataset.sample = 'seen';
      dispatchEvent(new Event('resize'));
    } else {
      button.closest('.flash').remove();
    }
  });
}

const typing = (target) => target.closest?.('input, textarea, select, [contenteditable]');

function shortcuts(field) {
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      const open = document.querySelector('details.menu[open]');
      if (open) {
        open.open = false;
        open.querySelector('summary').focus();
      }
    }
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (!field || !field.offsetParent || document.querySelector('dialog[open]')) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
}

/** The × in the search field, and Escape, empty it; the form's owner hears an `input` event. */
function searchField(form) {
  const field = form.querySelector('input[type="search"]');
  const clear = form.querySelector('.clear');
  const hint = form.querySelector('kbd');
  const show = () => {
    clear.hidden = !field.value;
    if (hint) hint.hidden = Boolean(field.value);
  };
  clear.addEventListener('click', () => {
    field.value = '';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    if (!form.dataset.live && new URLSearchParams(location.search).get('q')) form.requestSubmit();
    field.focus();
  });
  field.addEventListener('input', show);
  field.addEventListener('bp:set', show);
  show();
}

document.querySelectorAll('[data-theme-next]').forEach(themeButton);
document.querySelectorAll('[data-language]').forEach(languageLink);
document.querySelectorAll('form.find').forEach(searchField);
dismissers();
shortcuts(document.getElementById('find-text'));

// On a phone the row of tabs is wider than the screen: the one that is open must be in view.
const tab = document.querySelector('nav.tabs [aria-current]');
if (tab) tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.clientWidth / 3;
