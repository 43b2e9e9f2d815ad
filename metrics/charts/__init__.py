"""Pure drawing: one description of a chart, as Plotly figure, as SVG and as table."""
