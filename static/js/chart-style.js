// Gives a figure the theme's looks by the role each trace and shape names in meta.role or name. Pure: no page, no state.
const DASH = { pace: '6px,5px', baseline: '2px,3px', target: '6px,5px', forecast: '2px,4px', incomplete: '1px,5px' };

const roleOf = (trace) => trace.meta?.role || trace.name || '';

const lineOf = (role, colour) => ({
  actual: { color: colour.line, width: 2.4 },
  incomplete: { color: colour.line, width: 2.4, dash: DASH.incomplete },
  past: { color: colour.past, width: 2 },
  pace: { color: colour.past, width: 1.5, dash: DASH.pace },
  target: { color: colour.past, width: 1.5, dash: DASH.target },
  baseline: { color: colour.past, width: 1.5, dash: DASH.baseline },
  forecast: { color: colour.line, width: 2, dash: DASH.forecast },
  band: { width: 0, color: 'rgba(0,0,0,0)' },
  prior: { color: colour.past, width: 1.2, dash: DASH.pace },
}[role]);

const markerOf = (role, colour) => ({
  actual: { color: colour.line, size: 7, line: { color: colour.card, width: 1.6 } },
  incomplete: { color: colour.card, size: 7, line: { color: colour.line, width: 1.8 } },
  target: { color: colour.card, size: 9, line: { color: colour.muted, width: 2 } },
  note: { color: colour.card, size: 7, line: { color: colour.muted, width: 1.5 } },
}[role]);

const styledTrace = (trace, colour) => {
  const role = roleOf(trace);
  const styled = { ...trace, cliponaxis: false };
  if (trace.type === 'bar') return { ...styled, marker: { ...trace.marker, color: role === 'incomplete' ? colour.soft : colour.line } };
  const line = lineOf(role, colour);
  const marker = markerOf(role, colour);
  if (line) styled.line = { shape: 'linear', ...trace.line, ...line };
  if (marker) styled.marker = { ...trace.marker, ...marker };
  if (role === 'band') styled.fillcolor = colour.band;
  if (trace.mode?.includes('text')) styled.textfont = { color: role === 'target' ? colour.ink : colour.muted, size: 11, family: colour.font };
  return styled;
};

const SHAPES = {
  window: (colour) => ({ fillcolor: colour.window, line: { width: 0 }, layer: 'below' }),
  band: (colour) => ({ fillcolor: colour.band, line: { width: 0 }, layer: 'below' }),
  baseline: (colour) => ({ line: { color: colour.past, width: 1.5, dash: DASH.baseline } }),
  target: (colour) => ({ line: { color: colour.past, width: 1.5, dash: DASH.target } }),
  note: (colour) => ({ line: { color: colour.muted, width: 1 } }),
};

const styledShape = (shape, colour) => ({ ...shape, ...SHAPES[shape.name]?.(colour) });

const styledNote = (note, colour) => ({
  showarrow: false,
  ...note,
  arrowcolor: colour.muted,
  font: { family: colour.font, size: note.name === 'target' ? 12 : 10.5, color: note.name === 'target' ? colour.ink : colour.muted },
});

const today = (day, colour) => ({
  name: 'today', type: 'line', xref: 'x', yref: 'paper', x0: day, x1: day, y0: 0, y1: 1, line: { color: colour.past, width: 1.2, dash: '2px,3px' },
});

const todayWord = (day, colour) => ({
  name: 'today', text: 'today', xref: 'x', yref: 'paper', x: day, y: 1, xanchor: 'left', yanchor: 'top', xshift: 4, showarrow: false, font: { family: colour.font, size: 10.5, color: colour.muted },
});

const axis = (given, colour) => ({
  ...given,
  zeroline: false,
  showline: false,
  ticks: '',
  title: undefined,
  tickfont: { family: colour.font, size: 11, color: colour.muted },
  gridcolor: colour.grid,
  fixedrange: given?.fixedrange ?? false,
});

/** Data and layout ready for Plotly: `view` gives {colour, day, margin, xRange, yRange}. */
northstar.styled = (figure, view) => {
  const { colour, day } = view;
  const given = figure.layout || {};
  const shapes = (given.shapes || []).map((shape) => styledShape(shape, colour));
  const notes = (given.annotations || []).map((note) => styledNote(note, colour));
  const within = day && view.xRange && day >= view.xRange[0] && day <= view.xRange[1];
  return {
    data: figure.data.map((trace) => styledTrace(trace, colour)),
    layout: {
      ...given,
      title: undefined,
      template: 'none',
      autosize: true,
      width: undefined,
      height: undefined,
      margin: view.margin,
      paper_bgcolor: 'rgba(0,0,0,0)',
      plot_bgcolor: 'rgba(0,0,0,0)',
      font: { family: colour.font, size: 11, color: colour.muted },
      showlegend: false,
      hovermode: 'x unified',
      dragmode: view.coarse ? false : 'zoom',
      hoverlabel: { bgcolor: colour.card, bordercolor: colour.hairline, font: { family: colour.font, size: 12, color: colour.ink }, align: 'left', namelength: -1 },
      modebar: { bgcolor: 'rgba(0,0,0,0)', color: colour.muted, activecolor: colour.line, orientation: 'h' },
      xaxis: { ...axis(given.xaxis, colour), showgrid: false, range: view.xRange, autorange: false, showspikes: false, ...view.ticks },
      yaxis: { ...axis(given.yaxis, colour), showgrid: true, nticks: 6, fixedrange: true, range: view.yRange, autorange: !view.yRange },
      shapes: within ? [...shapes, today(day, colour)] : shapes,
      annotations: within ? [...notes, todayWord(day, colour)] : notes,
    },
  };
};
