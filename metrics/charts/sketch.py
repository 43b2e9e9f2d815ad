"""A chart as SVG from the server: the first paint, mail and cards. Only classes, never colours or styles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from html import escape

from metrics.analysis.points import Point
from metrics.charts import marks
from metrics.charts.marks import Canvas
from metrics.charts.scales import axis_start, frame
from metrics.charts.spec import ChartSpec, runs


def line(
    spec: ChartSpec,
    *,
    width: float = 760,
    height: float = 320,
    today: date | None = None,
    small: bool = False,
) -> str:
    """The chart as one `<svg>`; `small` draws series, plan and target only, from the window's start on."""
    if small:
        spec = _from_window(spec)
    canvas = Canvas(spec, frame(spec, width=width, height=height, small=small))
    drawn = bool(spec.known) or (bool(spec.incomplete) and not small)
    if drawn or spec.pace:
        _draw(canvas, small=small, today=today)
    if not drawn:
        middle = (canvas.frame.left + canvas.frame.right) / 2
        canvas.text(middle, height / 2 + 4, "No values yet", css="chart-axis chart-empty", anchor="middle")
    return _svg(canvas, small=small)


def spark(spec: ChartSpec, *, width: float = 90, height: float = 24) -> str:
    """The bare series as a tiny `<svg>` for tables and lists."""
    bare = replace(
        spec,
        pace=(),
        target=None,
        target_day=None,
        former_target=None,
        low=None,
        high=None,
        baseline=None,
        window=None,
        notes=(),
    )
    return line(bare, width=width, height=height, small=True)


def _draw(canvas: Canvas, *, small: bool, today: date | None) -> None:
    if not small:
        marks.window(canvas)
        marks.grid(canvas)
    marks.band(canvas)
    if not small:
        marks.former_target(canvas)
        marks.today(canvas, today)
        marks.baseline(canvas)
    marks.pace(canvas)
    marks.series(canvas)
    marks.target(canvas)
    if not small:
        marks.edge_labels(canvas)
        marks.notes(canvas)


def _from_window(spec: ChartSpec) -> ChartSpec:
    if spec.window is None:
        return replace(spec, points=tuple(point for point in spec.points if point.complete))
    since = spec.window[0] - timedelta(days=7)
    points = tuple(point for point in spec.points if point.start >= since)
    # Nothing of the window is in yet: the weeks before it say more than an empty card.
    kept: tuple[Point, ...] = points if runs(points, spec.grain) else spec.points[-9:]
    kept = tuple(point for point in kept if point.complete)
    return replace(spec, points=kept, window=None, notes=(), baseline=None, former_target=None)


def _svg(canvas: Canvas, *, small: bool) -> str:
    spec, box = canvas.spec, canvas.frame
    says = " ".join(each for each in (f"{spec.title}.", spec.sentence) if each)
    if not small:
        says = f"{says} {axis_start(spec)}".strip()
    words = escape(marks.plain(says, most=400))
    gaps = [box.left, box.top, box.width - box.right, box.height - box.bottom]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {box.width:g} {box.height:g}" role="img" '
        f'data-plot="{" ".join(f"{round(gap, 1):g}" for gap in gaps)}" '
        f'data-x="{box.first} {box.last}" data-y="{box.low!r} {box.high!r}" '
        f'aria-label="{words}"><title>{words}</title>{"".join(canvas.parts)}</svg>'
    )
