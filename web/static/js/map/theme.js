/**
 * The CSS tokens that the canvases draw with, read once for each theme and language:
 * `getComputedStyle` for every stroke would cost more than the strokes.
 */

const NAMES = {
  line: '--bp-st-line', statusHalo: '--bp-st-halo', surface: '--bp-surface', ink: '--bp-ink', ink2: '--bp-ink-2',
  accent: '--bp-accent', fontZh: '--bp-font-zh', fontEn: '--bp-font-en',
  over: '--bp-over', due: '--bp-due', prog: '--bp-prog', new: '--bp-new', check: '--bp-check', susp: '--bp-susp',
  done: '--bp-done',
  outside: '--map-outside', outsideText: '--map-outside-text', land: '--map-land', hill: '--map-hill',
  green: '--map-green', water: '--map-water', waterText: '--map-water-text', rail: '--map-rail',
  streetA: '--map-street-a', streetACase: '--map-street-a-case', streetB: '--map-street-b',
  streetBCase: '--map-street-b-case', streetC: '--map-street-c', streetText: '--map-street-text',
  halo: '--map-halo', patchLine: '--map-patch-line', patchText: '--map-patch-text', border: '--map-border',
  shade0: '--map-0', shade1: '--map-1', shade2: '--map-2', shade3: '--map-3', shade4: '--map-4',
};

let cached = null;

/**
 * The tokens of the page's theme as plain strings, by the short names above.
 * `dark` says which theme, `shades` holds the five patch shades, `font` the family for the page's language.
 */
export function theme() {
  const root = document.documentElement;
  const key = `${root.dataset.bsTheme || 'light'} ${root.lang}`;
  if (cached && cached.key === key) return cached;
  const style = getComputedStyle(root);
  const tokens = { key, dark: root.dataset.bsTheme === 'dark' };
  for (const [name, token] of Object.entries(NAMES)) tokens[name] = style.getPropertyValue(token).trim();
  tokens.shades = [0, 1, 2, 3, 4].map((step) => tokens[`shade${step}`]);
  tokens.font = root.lang.startsWith('zh') ? tokens.fontZh : tokens.fontEn;
  // Style sheets still on their way: hand out what there is, and look again next time.
  if (tokens.line) cached = tokens;
  return tokens;
}

/** Forgets the tokens, for a style sheet that changed under the same theme. */
export function forgetTheme() {
  cached = null;
}

const lessMotion = matchMedia('(prefers-reduced-motion: reduce)');
const finger = matchMedia('(pointer: coarse)');

/** Whether the reader asked for less motion. */
export const reducedMotion = () => lessMotion.matches;

/** Whether the main pointer is a finger. */
export const coarsePointer = () => finger.matches;
