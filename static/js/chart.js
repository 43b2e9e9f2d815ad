// Draws Plotly over the server's sketch in every [data-chart]; Plotly is fetched only on a page that has one.
// The figure carries the axes of each range for a wide and a narrow box (layout.meta.views), the same as its sketch.
const plotlySource = document.currentScript?.dataset.plotlySrc;
const CONFIG = { displaylogo: false, displayModeBar: 'hover', responsive: false, scrollZoom: false, modeBarButtons: [['toImage', 'resetScale2d']] };
const TOKENS = { past: '--chart-past', soft: '--accent-ground', card: '--card', ink: '--ink', muted: '--muted', faint: '--faint', grid: '--grid', hairline: '--hairline', band: '--chart-band', window: '--chart-window', limit: '--warn', span: '--chart-span', good: '--good', bad: '--bad' };
const LINES = { on_track: '--good', at_risk: '--warn', off_track: '--bad' };
const NARROW = 560; // chart.css changes the sketch and the shape of the box at the same width
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

// A probe resolves light-dark(), which reading the custom property would not.
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

const view = (chart) => ({
  colour: colours(chart.frame),
  day: chart.frame.dataset.today,
  shown: chart.figure.layout.meta?.views?.[chart.range]?.[chart.box.clientWidth <= NARROW ? 'narrow' : 'wide'],
  width: chart.box.clientWidth,
  coarse: matchMedia('(pointer: coarse)').matches,
});

const draw = async (chart) => {
  const seen = view(chart);
  chart.width = chart.box.clientWidth;
  // A drawing that looks different in a narrow box has no figure for it: the sketch stays.
  chart.box.classList.toggle('is-still', Boolean(chart.figure.layout.meta?.views && !seen.shown));
  if (chart.box.classList.contains('is-still')) return;
  const library = await plotly();
  const { data, layout } = northstar.styled(chart.figure, seen);
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

const startAll = () => document.querySelectorAll('[data-chart]').forEach(start);

// A range is a button, or a link that also works without scripts.
document.addEventListener('click', (event) => {
  const chosen = event.target.closest?.('.range [data-range]');
  const chart = chosen && live.get(chosen.closest('[data-chart]'));
  if (!chart || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  chart.range = chosen.dataset.range;
  chosen.closest('.range').querySelectorAll('[data-range]').forEach((each) => {
    if (each.tagName === 'BUTTON') each.setAttribute('aria-pressed', String(each === chosen));
    else if (each === chosen) each.setAttribute('aria-current', 'true');
    else each.removeAttribute('aria-current');
  });
  draw(chart);
});

// A figure that was swapped into the page (a preview) starts too; one that left is forgotten.
const renew = () => {
  [...live.keys()].filter((frame) => !frame.isConnected).forEach((frame) => {
    window.Plotly?.purge(live.get(frame).plot);
    live.delete(frame);
  });
  startAll();
};

document.addEventListener('northstar:theme', () => live.forEach(draw));
document.addEventListener('htmx:after:swap', renew);
document.addEventListener('northstar:charts', renew);
let settle;
window.addEventListener('resize', () => {
  clearTimeout(settle);
  settle = setTimeout(() => live.forEach((chart) => { if (chart.width !== chart.box.clientWidth) draw(chart); }), 120);
});
startAll();
