/** Steps of the patch shade. */

const FIXED = [0, 3, 6, 10];
const FIXED_UP_TO = 40;

/** The nearest number with one leading digit (two from 10 to 30 in each decade), as a break people can read. */
function nice(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  const lead = value / unit;
  const step = lead < 3 ? 0.5 : 1;
  return Math.max(1, Math.round((Math.round(lead / step) * step * unit)));
}

/**
 * Upper ends of the first four shade steps, the fifth is open: [0, 3, 6, 10] means 0, 1–3, 4–6, 7–10, 11+.
 * Larger counts get readable breaks near the quartiles of the areas that have any.
 * @param {number[]} counts findings per area; zeros may be left out
 */
export function shadeBins(counts) {
  const some = counts.filter((count) => count > 0).sort((a, b) => a - b);
  if (!some.length || some[some.length - 1] <= FIXED_UP_TO) return FIXED.slice();
  const bins = [0];
  for (const share of [0.25, 0.5, 0.75]) {
    const value = nice(some[Math.floor(share * (some.length - 1))]);
    bins.push(Math.max(value, bins[bins.length - 1] + 1));
  }
  return bins;
}

/** The shade step 0–4 of a count. */
export function binOf(count, bins) {
  const step = bins.findIndex((upper) => count <= upper);
  return step < 0 ? bins.length : step;
}

/** Words for the five steps, for the legend: 0, 1–3, 4–6, 7–10, 11+. */
export function binLabels(bins) {
  const labels = bins.map((upper, i) => {
    if (i === 0) return '0';
    const lower = bins[i - 1] + 1;
    return lower === upper ? String(upper) : `${lower}–${upper}`;
  });
  return [...labels, `${bins[bins.length - 1] + 1}+`];
}
