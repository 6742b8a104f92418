/** The few tokens that only the drawing page paints with, beside those of `map/theme.js`. */
import { theme } from '../map/theme.js';

let kept = null;

/** `{...theme(), accentSoft, overText, ink3, hatch}` of the page's theme. */
export function colours() {
  const tokens = theme();
  if (kept?.key === tokens.key && kept.accentSoft) return kept;
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  kept = { ...tokens, accentSoft: of('--bp-accent-soft'), overText: of('--bp-over-text'), ink3: of('--bp-ink-3') };
  return kept;
}
