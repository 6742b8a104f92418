/** The charts of the statistics, drawn from the JSON of the page in the theme's colours; the tables say the same. */
const source = document.getElementById('charts');
const data = source ? JSON.parse(source.textContent) : null;
const period = document.getElementById('s-period');

const value = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function look() {
  return {
    accent: value('--bp-accent'), late: value('--bp-over'), rest: value('--bp-done'), second: value('--bp-route-1'),
    ink: value('--bp-ink-2'), line: value('--bp-line'), surface: value('--bp-surface'), font: getComputedStyle(document.body).fontFamily,
  };
}

/** What every chart has: plain tooltips (HTML ones would need inline styles), no motion where none is wanted. */
function frame(c, words) {
  return {
    animation: !matchMedia('(prefers-reduced-motion: reduce)').matches, animationDuration: 200,
    textStyle: { fontFamily: c.font, color: c.ink },
    tooltip: { trigger: 'axis', renderMode: 'richText', axisPointer: { type: 'shadow' } },
    legend: { data: words, bottom: 0, textStyle: { color: c.ink }, itemWidth: 14, itemHeight: 10 },
    grid: { left: 8, right: 16, top: 18, bottom: 34, containLabel: true },
    aria: { enabled: true, decal: { show: true } }, // patterns as well as colours
  };
}

const across = (c, more = {}) => ({ axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false }, axisLabel: { color: c.ink, hideOverlap: true }, ...more });
const counted = (c, more = {}) => ({ type: 'value', minInterval: 1, splitLine: { lineStyle: { color: c.line } }, axisLabel: { color: c.ink }, ...more });

const draw = {
  bars(c, { names, on_time: onTime, late, open, words }) {
    const series = [[onTime, c.accent], [late, c.late], [open, c.rest]].map(([values, color], i) => ({
      name: words[i], type: 'bar', stack: 'cases', data: values.toReversed ? values.toReversed() : [...values].reverse(), barMaxWidth: 16, itemStyle: { color },
    }));
    return {
      ...frame(c, words), series, xAxis: counted(c),
      yAxis: across(c, { type: 'category', data: [...names].reverse(), axisLabel: { color: c.ink, width: 150, overflow: 'truncate', interval: 0, fontSize: 11 } }),
    };
  },
  trend(c, { names, filed, closed, rate, words }) {
    return {
      ...frame(c, words),
      xAxis: across(c, { type: 'category', data: names }),
      yAxis: [counted(c), counted(c, { min: 0, max: 100, splitLine: { show: false }, minInterval: 25 })],
      series: [
        { name: words[0], type: 'bar', data: filed, itemStyle: { color: c.second }, barMaxWidth: 18 },
        { name: words[1], type: 'bar', data: closed, itemStyle: { color: c.accent }, barMaxWidth: 18 },
        { name: words[2], type: 'line', yAxisIndex: 1, data: rate, connectNulls: true, symbol: 'circle', lineStyle: { color: c.ink, width: 2, type: 'dashed' }, itemStyle: { color: c.ink } },
      ],
    };
  },
  steps(c, { names, mean, median, words }) {
    return {
      ...frame(c, words),
      xAxis: counted(c, { minInterval: 0 }),
      yAxis: across(c, { type: 'category', data: [...names].reverse() }),
      series: [
        { name: words[0], type: 'bar', data: [...mean].reverse(), itemStyle: { color: c.accent }, barMaxWidth: 12 },
        { name: words[1], type: 'bar', data: [...median].reverse(), itemStyle: { color: c.second }, barMaxWidth: 12 },
      ],
    };
  },
};

function charts() {
  const made = [];
  for (const place of document.querySelectorAll('[data-chart]')) {
    const chart = window.echarts.init(place, null, { renderer: 'canvas' });
    const paint = () => chart.setOption(draw[place.dataset.chart](look(), data[place.dataset.chart]), true);
    paint();
    made.push({ chart, paint });
  }
  const watch = new ResizeObserver(() => made.forEach(({ chart }) => chart.resize()));
  document.querySelectorAll('[data-chart]').forEach((place) => watch.observe(place));
  document.addEventListener('bp:theme', () => made.forEach(({ paint }) => paint()));
}

/** The two days belong to a period of one's own. */
function ownDays() {
  document.querySelectorAll('.stat-form .own').forEach((field) => {
    field.hidden = period.value !== 'own';
    field.querySelector('input').disabled = field.hidden;
  });
}

if (data && window.echarts) charts();
if (period) {
  period.addEventListener('change', ownDays);
  ownDays();
}
