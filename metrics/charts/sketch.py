"""A chart as SVG from the server: the first paint, mail and cards. Only classes, never colours or styles."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from metrics.analysis.points import Point
from metrics.charts import cones, former, goal_posts, limits, marks
from metrics.charts.canvas import Canvas
from metrics.charts.layout import Layout, arrange
from metrics.charts.scales import axis_start
from metrics.charts.spec import ChartSpec, runs


def line(
    spec: ChartSpec,
    *,
    width: float = 760,
    height: float = 320,
    today: date | None = None,
    small: bool = False,
) -> str:
    """The chart as one `<svg>`; `small` draws series, plan, target and forecast, from the window's start."""
    if small:
        spec = _from_window(spec)
    return drawn(arrange(spec, width=width, height=height, small=small), today=today, small=small)


def drawn(layout: Layout, *, today: date | None = None, small: bool = False) -> str:
    """A chart that is arranged already as one `<svg>`."""
    canvas, spec, box = Canvas(), layout.spec, layout.box
    filled = bool(spec.known) or (bool(spec.incomplete) and not small)
    if filled or spec.pace:
        _draw(canvas, layout, small=small, today=today)
    if not filled and not spec.pace:
        middle = (box.left + box.right) / 2
        canvas.text(
            middle, box.height / 2 + 4, "No values yet", css="chart-axis chart-empty", anchor="middle"
        )
    return _svg(canvas, layout, small=small)


def spark(spec: ChartSpec, *, width: float = 90, height: float = 24) -> str:
    """The bare series as a tiny `<svg>` for tables and lists."""
    bare = replace(
        spec,
        pace=(),
        target=None,
        target_day=None,
        former_target=None,
        former_goals=(),
        first_end=None,
        low=None,
        high=None,
        baseline=None,
        window=None,
        notes=(),
        cone=(),
    )
    return line(_quiet(bare), width=width, height=height, small=True)


def _quiet(spec: ChartSpec) -> ChartSpec:
    """Without what only a chart with words can show."""
    return replace(spec, limits=(), signals=(), restated=(), grey=(), former_goals=(), first_end=None)


def _draw(canvas: Canvas, layout: Layout, *, small: bool, today: date | None) -> None:
    if not small:
        marks.window(canvas, layout)
        marks.spans(canvas, layout)
        marks.grid(canvas, layout)
    marks.band(canvas, layout)
    cones.draw(canvas, layout.box, layout.cone)
    if not small:
        marks.former_target(canvas, layout)
        goal_posts.draw(canvas, layout)
        marks.today(canvas, layout, today)
        marks.baseline(canvas, layout)
        limits.draw(canvas, layout)
        former.draw(canvas, layout)
    marks.pace(canvas, layout)
    marks.series(canvas, layout)
    marks.target(canvas, layout)
    if not small:
        limits.rings(canvas, layout)
        marks.edge_labels(canvas, layout)
        marks.notes(canvas, layout)


def _from_window(spec: ChartSpec) -> ChartSpec:
    spec = _quiet(spec)
    if spec.window is None:
        return replace(spec, points=tuple(point for point in spec.points if point.complete))
    since = spec.window[0] - timedelta(days=7)
    points = tuple(point for point in spec.points if point.start >= since)
    # Nothing of the window is in yet: the weeks before it say more than an empty card.
    kept: tuple[Point, ...] = points if runs(points, spec.grain) else spec.points[-9:]
    kept = tuple(point for point in kept if point.complete)
    # Without its window a forecast still ends where the window does.
    cone = tuple(each for each in spec.cone if each.day <= spec.window[1])
    return replace(spec, points=kept, window=None, notes=(), baseline=None, former_target=None, cone=cone)


def _svg(canvas: Canvas, layout: Layout, *, small: bool) -> str:
    spec, box = layout.spec, layout.box
    says = " ".join(each for each in (f"{spec.title}.", spec.sentence) if each)
    if not small:
        says = f"{says} {axis_start(spec)}".strip()
    gaps = [box.left, box.top, box.width - box.right, box.height - box.bottom]
    data = (
        f'data-plot="{" ".join(f"{round(gap, 1):g}" for gap in gaps)}" '
        f'data-x="{box.first} {box.last}" data-y="{box.low!r} {box.high!r}" '
    )
    return canvas.svg(width=box.width, height=box.height, says=says, data=data)
