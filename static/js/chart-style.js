// Gives a figure the theme's looks by the role that each trace, shape and annotation names. Pure: no page, no state.
const DASH = { pace: '6px,5px', target: '6px,5px', 'target-former': '6px,5px', baseline: '2px,3px', forecast: '2px,4px', incomplete: '1px,5px', limit: '6px,4px', break: '2px,3px', 'first-end': '2px,3px' };
const CLEAR = 'rgba(0,0,0,0)';

const INKS = {
  actual: (colour) => [colour.line, 2.4],
  incomplete: (colour) => [colour.line, 2.4],
  forecast: (colour) => [colour.line, 2],
  past: (colour) => [colour.past, 2],
  pace: (colour) => [colour.past, 1.5],
  target: (colour) => [colour.past, 1.5],
  'target-former': (colour) => [colour.faint, 1.2],
  baseline: (colour) => [colour.past, 1.5],
  band: () => [CLEAR, 0],
  cone80: () => [CLEAR, 0],
  cone50: () => [CLEAR, 0],
  centre: (colour) => [colour.muted, 1.2],
  limit: (colour) => [colour.limit, 1.2],
  former: (colour) => [colour.past, 2],
};

const MARKERS = {
  actual: (colour) => ({ color: colour.line, line: { width: 0 } }),
  past: (colour) => ({ color: colour.past, line: { width: 0 } }),
  end: (colour) => ({ color: colour.line, line: { color: colour.card, width: 1.6 } }),
  incomplete: (colour) => ({ color: colour.card, line: { color: colour.line, width: 1.8 } }),
  target: (colour) => ({ color: colour.card, line: { color: colour.muted, width: 2 } }),
  note: (colour) => ({ color: colour.card, line: { color: colour.muted, width: 1.5 } }),
  signal: (colour) => ({ color: CLEAR, line: { color: colour.ink, width: 1.6 } }),
  restated: (colour) => ({ color: colour.muted, line: { color: colour.muted, width: 1.5 } }),
};

// The band of 50 lies on that of 80, so it is the darker one. The sketch has the same shares in chart.css.
const VEILS = { cone80: 0.13, cone50: 0.12 };
const veiled = (colour, share) => colour.replace(/^rgb\(/, 'rgba(').replace(/\)$/, `, ${share})`);

// Plotly writes <b> as a style attribute, which the page's policy refuses (with an error in the console).
const unstyled = (text) => (Array.isArray(text) ? text.map(unstyled) : typeof text === 'string' ? text.replace(/<\/?[bi]>/g, '') : text);

// A fall is hatched and the rest is open, so that bars differ without their colour.
const bar = ({ meta = {} }, colour) => {
  const tone = colour[meta.tone] || colour.line;
  if (meta.role === 'fall') return { color: CLEAR, line: { color: tone, width: 1.5 }, pattern: { shape: '\\', fgcolor: tone, bgcolor: CLEAR, size: 6, solidity: 0.25 } };
  if (meta.role === 'rest') return { color: CLEAR, line: { color: colour.muted, width: 1.5 } };
  return { color: meta.role === 'incomplete' ? colour.soft : tone, line: { width: 0 } };
};

const styledTrace = (trace, colour) => {
  const role = trace.meta?.role || trace.name;
  const styled = { ...trace, ...(trace.text && { text: unstyled(trace.text) }) };
  if (trace.type === 'bar') {
    styled.marker = { ...trace.marker, ...bar(trace, colour) };
    return styled;
  }
  const [ink, width] = INKS[role]?.(colour) || [colour.muted, 1.5];
  styled.line = { ...trace.line, color: ink, width, ...(DASH[role] && { dash: DASH[role] }) };
  const marker = MARKERS[role]?.(colour);
  // A line of one point hides its first marker with size 0; an outline would show it again.
  if (marker) {
    const sizes = trace.marker?.size;
    const outline = Array.isArray(sizes) ? { ...marker.line, width: sizes.map((size) => (size ? marker.line.width : 0)) } : marker.line;
    styled.marker = { ...trace.marker, ...marker, line: outline, opacity: 1 };
  }
  if (role === 'band') styled.fillcolor = colour.band;
  if (VEILS[role]) styled.fillcolor = veiled(colour.line, VEILS[role]);
  return styled;
};

const FILLS = { window: 'window', band: 'band', span: 'span' };
const hides = (name = '') => northstar.hidden?.has(name.split(':')[1]);

// A point of a kind that is hidden goes to nowhere.
const shownPoints = (trace) => (trace.customdata && (trace.meta?.role || trace.name) === 'note' ? { ...trace, y: trace.y.map((y, i) => (northstar.hidden?.has(trace.customdata[i]) ? null : y)) } : trace);
const STROKES = { baseline: 'past', target: 'past', 'target-former': 'faint', note: 'muted', break: 'muted' };

const styledShape = (shape, colour) => {
  if (shape.name === 'cut') return { ...shape, layer: 'above', fillcolor: colour.card, line: { width: 0 } };
  if (shape.name === 'link' || shape.name === 'foot') return { ...shape, layer: 'below', line: { width: 1, color: colour.past } };
  const fill = FILLS[shape.name?.split(':')[0]];
  if (fill) return { ...shape, layer: 'below', fillcolor: colour[fill], line: { width: 0 } };
  return { ...shape, line: { width: 1.5, ...shape.line, color: colour[STROKES[shape.name] || 'muted'], dash: DASH[shape.name] || 'solid' } };
};

const styledNote = (note, colour) => {
  const strong = note.name === 'target-label';
  return { showarrow: false, ...note, arrowcolor: colour.muted, font: { family: colour.font, size: strong ? 12 : 11, weight: strong ? 600 : 400, color: strong ? colour.ink : colour.muted } };
};

const todayLine = (day, colour) => ({
  name: 'today', type: 'line', layer: 'below', xref: 'x', yref: 'y domain', x0: day, x1: day, y0: 0, y1: 1.05, line: { color: colour.past, width: 1.2, dash: '2px,3px' },
});

// At the right edge the word stands before the line, where there is room.
const todayWord = (day, colour, last) => ({
  name: 'today', text: 'today', xref: 'x', yref: 'y domain', x: day, y: 1, yanchor: 'bottom', xanchor: last ? 'right' : 'left', xshift: last ? -3 : 3, showarrow: false, font: { family: colour.font, size: 11, color: colour.muted },
});

// Words keep their size on a narrower chart, so the right margin, which holds the label of the target, does too.
const margins = (plot, scale) => plot && ({ l: plot.l * scale, t: plot.t * scale, r: plot.r * Math.max(scale, 1), b: plot.b * scale, pad: 0, autoexpand: false });

const axis = (given, shown, colour) => ({
  ...given, ...shown, ...(shown && { tickmode: 'array', autorange: false }), tickfont: { family: colour.font, size: 11, color: colour.muted }, gridcolor: colour.grid, gridwidth: 1, zeroline: false, showline: false, ticks: '',
});

/** {data, layout} for Plotly. `view`: {colour: tokens, day: today or "", shown: view of the range, width, coarse}. */
northstar.styled = (figure, view) => {
  const { colour, day, shown } = view;
  const given = figure.layout;
  const scale = shown?.plot ? view.width / shown.plot.width : 1;
  const range = (shown || given).xaxis?.range;
  const within = day && range && day >= range[0] && day <= range[1];
  const late = within && (new Date(day) - new Date(range[0])) / (new Date(range[1]) - new Date(range[0])) > 0.94;
  const shapes = (given.shapes || []).filter((shape) => !hides(shape.name)).map((shape) => styledShape(shape, colour));
  const notes = (shown?.annotations || given.annotations || []).filter((note) => !hides(note.name)).map((note) => styledNote(note, colour));
  return {
    data: figure.data.map((trace) => styledTrace(shownPoints(trace), colour)),
    layout: {
      ...given,
      autosize: true,
      margin: margins(shown?.plot, scale) || given.margin,
      paper_bgcolor: colour.card, // Plotly mixes the halo of the hover line from it
      plot_bgcolor: CLEAR,
      font: { family: colour.font, size: 11, color: colour.muted },
      showlegend: false,
      hovermode: 'x unified',
      hoverdistance: 40,
      dragmode: view.coarse ? false : given.dragmode ?? false,
      hoverlabel: { bgcolor: colour.card, bordercolor: colour.hairline, font: { family: colour.font, size: 12, color: colour.ink }, align: 'left', namelength: 0 },
      modebar: { bgcolor: CLEAR, color: colour.muted, activecolor: colour.line },
      xaxis: { ...axis(given.xaxis, shown?.xaxis, colour), showgrid: false, ticklabelstandoff: Math.max(0, Math.round(19 * scale - 14)), unifiedhovertitle: { text: ' ' }, showspikes: true, spikemode: 'across', spikesnap: 'hovered data', spikethickness: 1, spikecolor: colour.past, spikedash: 'solid' },
      yaxis: { ...axis(given.yaxis, shown?.yaxis, colour), showgrid: true, ticklabelstandoff: Math.max(0, Math.round(9 * scale - 4)), showspikes: false },
      shapes: within ? [...shapes, todayLine(day, colour)] : shapes,
      annotations: within ? [...notes, todayWord(day, colour, late)] : notes,
    },
  };
};
