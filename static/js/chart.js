// Draws Plotly over the server's sketch in every [data-chart]; Plotly is fetched only on a page that has one.
const plotlySource = document.currentScript?.dataset.plotlySrc;
const CONFIG = { displaylogo: false, displayModeBar: 'hover', responsive: true, scrollZoom: false, modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d', 'zoomIn2d', 'zoomOut2d', 'pan2d'] };
const TOKENS = { line: '--line', past: '--chart-past', soft: '--accent-ground', card: '--card', ink: '--ink', muted: '--muted', grid: '--grid', hairline: '--hairline', band: '--chart-band', window: '--chart-window' };
const LINES = { on_track: '--good', at_risk: '--warn', off_track: '--bad' };
const DAY = 86_400_000;
const live = new Map();
let loading;

const plotly = () => {
  loading ||= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = plotlySource;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error('The chart library did not load; the drawn charts stay.'));
    document.head.append(script);
  });
  return loading;
};

// A probe resolves light-dark() and inheritance, which reading the custom property would not.
const colours = (frame) => {
  const probe = document.createElement('span');
  frame.append(probe);
  const read = (token) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const found = Object.fromEntries(Object.entries(TOKENS).map(([name, token]) => [name, read(token)]));
  found.line = read(LINES[frame.dataset.state] || '--accent');
  found.font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return found;
};

const iso = (moment) => new Date(moment).toISOString().slice(0, 10);
const role = (trace) => trace.meta?.role || trace.name;

const extent = (figure) => {
  const days = figure.data.flatMap((trace) => trace.x || []).map((x) => Date.parse(x)).filter(Number.isFinite);
  return [Math.min(...days), Math.max(...days)];
};

const span = (name) => {
  const [, count, unit] = /^(\d+)\s*([wmy])$/.exec(name || '') || [];
  return count ? count * { w: 7, m: 30.44, y: 365.25 }[unit] * DAY : null;
};

const lastActual = (figure) => {
  const days = figure.data.filter((trace) => ['actual', 'incomplete'].includes(role(trace))).flatMap((trace) => trace.x || []);
  return Math.max(...days.map((x) => Date.parse(x)));
};

const xRange = (figure, name) => {
  const [first, last] = extent(figure);
  const length = span(name);
  const start = length ? Math.max(first, lastActual(figure) - length) : first;
  return [iso(start - 2 * DAY), iso(last + 2 * DAY)];
};

const yRange = (figure, [from, to]) => {
  const seen = figure.data.flatMap((trace) => (trace.x || []).flatMap((x, place) => {
    const y = trace.y?.[place];
    return typeof y === 'number' && x >= from && x <= to ? [y] : [];
  }));
  if (!seen.length) return undefined;
  const zero = figure.layout?.yaxis?.rangemode === 'tozero';
  const low = zero ? Math.min(0, ...seen) : Math.min(...seen);
  const high = Math.max(...seen);
  const pad = (high - low || Math.abs(high) || 1) * 0.09;
  return [zero && low === 0 ? 0 : low - pad, high + pad];
};

// The sketch says where its plot lies (data-plot="left top right bottom", data-x, data-y), so that nothing jumps.
const sketched = (box) => [...box.querySelectorAll('.chart-sketch svg')].find((svg) => svg.getClientRects().length);

const marginFrom = (svg, box) => {
  const [left, top, right, bottom] = (svg?.dataset.plot || '').split(/[ ,]+/).map(Number);
  const unit = svg?.viewBox?.baseVal?.width;
  if (!unit || !Number.isFinite(bottom)) return { l: 48, t: 18, r: 58, b: 30, pad: 0 };
  const scale = box.clientWidth / unit;
  return { l: left * scale, t: top * scale, r: right * scale, b: bottom * scale, pad: 0, autoexpand: false };
};

const numbers = (text, parse) => {
  const pair = (text || '').split(/[ ,]+/).filter(Boolean).map(parse);
  return pair.length === 2 ? pair : null;
};

const ticks = ([from, to], width) => {
  const months = (Date.parse(to) - Date.parse(from)) / (30.44 * DAY);
  if (months < 3) return { tickformat: '%-d %b', nticks: Math.max(3, Math.floor(width / 90)) };
  const step = [1, 2, 3, 6, 12, 24].find((n) => months / n <= width / 62) || 36;
  return { dtick: `M${step}`, tick0: '2000-01-01', tickformat: '%b', tickformatstops: undefined, labelalias: undefined };
};

const view = (chart) => {
  const svg = sketched(chart.box);
  const untouched = chart.range === chart.frame.dataset.range;
  const x = (untouched && numbers(svg?.dataset.x, String)) || xRange(chart.figure, chart.range);
  const y = (untouched && numbers(svg?.dataset.y, Number)) || yRange(chart.figure, x);
  const coarse = matchMedia('(pointer: coarse)').matches;
  return { colour: colours(chart.frame), day: chart.frame.dataset.today, margin: marginFrom(svg, chart.box), xRange: x, yRange: y, ticks: ticks(x, chart.box.clientWidth), coarse };
};

const draw = async (chart) => {
  const library = await plotly();
  const { data, layout } = northstar.styled(chart.figure, view(chart));
  await library.react(chart.plot, data, layout, CONFIG);
  chart.box.classList.add('is-live');
};

const start = (frame) => {
  const text = document.getElementById(frame.dataset.chart)?.textContent;
  const box = frame.querySelector('.chart-box');
  if (!text || !box || live.has(frame)) return;
  const plot = document.createElement('div');
  plot.className = 'chart-plot';
  box.append(plot);
  const chart = { frame, box, plot, figure: JSON.parse(text), range: frame.dataset.range };
  live.set(frame, chart);
  draw(chart).then(() => frame.querySelectorAll('.range[hidden]').forEach((group) => { group.hidden = false; })).catch((error) => {
    plot.remove();
    console.warn(error.message);
  });
};

const startAll = (root) => root.querySelectorAll('[data-chart]').forEach(start);

document.addEventListener('click', (event) => {
  const button = event.target.closest?.('button[data-range]');
  const chart = button && live.get(button.closest('[data-chart]'));
  if (!chart) return;
  chart.range = button.dataset.range;
  button.closest('.range').querySelectorAll('button').forEach((each) => each.setAttribute('aria-pressed', String(each === button)));
  draw(chart);
});
document.addEventListener('northstar:theme', () => live.forEach(draw));
document.addEventListener('htmx:after:swap', (event) => startAll(event.target.ownerDocument || document));
document.addEventListener('northstar:charts', () => startAll(document));
let settle;
window.addEventListener('resize', () => {
  clearTimeout(settle);
  settle = setTimeout(() => live.forEach(draw), 150); // margins and ticks follow the new width
});
startAll(document);
