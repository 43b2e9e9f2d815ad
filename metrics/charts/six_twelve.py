"""The 6-12 chart: six weeks and twelve months, each with the year before and the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from metrics import formatting
from metrics.analysis.points import Point
from metrics.charts.canvas import Box, Canvas
from metrics.charts.panels import Panel, draw, ticks
from metrics.charts.scales import value_range
from metrics.charts.spec import ChartSpec
from metrics.charts.table import remark

#: Of an axis label, where a scaled drawing has its largest letters.
LETTER = 8.4
#: Under this width the months stand under the weeks.
NARROW = 560
#: Of the width, the weeks have this much.
_WEEKS = 0.36
_TOP, _FOOT = 30.0, 38.0
A_YEAR_OF_WEEKS = timedelta(days=364)


@dataclass(frozen=True, slots=True)
class SixTwelve:
    """Complete periods and the running one, oldest first; the year before by its own dates or by ours.

    `summed`: a month is the sum of its weeks, so each panel has its own axis, and `target`, which is that of
    a week, is marked on the weeks alone unless there is a `month_target`.
    """

    title: str
    unit: str
    decimals: int
    kind: str
    direction: str
    weeks: tuple[Point, ...]
    prior_weeks: tuple[Point, ...]
    months: tuple[Point, ...]
    prior_months: tuple[Point, ...]
    target: float | None = None
    summed: bool = False
    month_target: float | None = None

    @property
    def words(self) -> ChartSpec:
        """How values of it are written."""
        return ChartSpec(self.title, self.unit, self.decimals, self.kind, self.direction, points=())


def sketch(shown: SixTwelve, *, width: float = 900, height: float = 250) -> str:
    """Both panels as one `<svg>`; a panel without a value is left out."""
    canvas = Canvas()
    panels = arranged(shown, width=width, height=height)
    for panel in panels:
        draw(canvas, shown.words, panel)
    if panels:
        _key(canvas, shown, panels, width=width)
    else:
        canvas.text(width / 2, height / 2, "No values yet", css="chart-axis chart-empty", anchor="middle")
    return canvas.svg(width=width, height=height, says=_says(shown))


def table(shown: SixTwelve) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """(headers, rows of text): weeks, then months, each newest first, with the year before."""
    words = shown.words
    rows: list[tuple[str, ...]] = []
    both = (("week", shown.weeks, shown.prior_weeks), ("month", shown.months, shown.prior_months))
    for grain, points, before in both:
        for point, value in reversed(list(zip(points, _year_before(points, before, grain), strict=True))):
            # A period in progress is not compared with a whole one.
            whole = point.complete and point.value is not None and value is not None
            apart = (point.value or 0.0) - (value or 0.0) if whole else None
            period = formatting.period_words(point.start, grain)
            rows.append(
                (period, words.show(point.value), words.show(value), words.change(apart), remark(point))
            )
    return ("Period", "Value", "Year before", "Change", "Remark"), rows


def arranged(shown: SixTwelve, *, width: float, height: float) -> list[Panel]:
    """The panels that have a value, beside each other or, in a narrow box, under each other."""
    weeks = _year_before(shown.weeks, shown.prior_weeks, "week")
    months = _year_before(shown.months, shown.prior_months, "month")
    month_target = shown.month_target if shown.summed else shown.target
    given = [
        ("week", shown.weeks, weeks, shown.target),
        ("month", shown.months, months, month_target),
    ]
    given = [each for each in given if any(point.value is not None for point in each[1])]
    ranges = [_range(shown, each[1], each[2], target=each[3]) for each in given]
    if not shown.summed and ranges:
        ranges = [(min(low for low, _ in ranges), max(high for _, high in ranges))] * len(ranges)
    boxes = _boxes(shown, [len(each[1]) for each in given], ranges, width=width, height=height)
    return [
        Panel(
            _title(points, grain),
            grain,
            points,
            prior,
            target,
            box,
            *span,
            labelled=place == 0 or shown.summed or width < NARROW,
        )
        for place, ((grain, points, prior, target), span, box) in enumerate(
            zip(given, ranges, boxes, strict=True)
        )
    ]


def _title(points: Sequence[Point], grain: str) -> str:
    count = sum(point.complete for point in points)
    return f"{count} {grain}{'' if count == 1 else 's'}"


def _boxes(
    shown: SixTwelve,
    counts: Sequence[int],
    ranges: Sequence[tuple[float, float]],
    *,
    width: float,
    height: float,
) -> list[Box]:
    lefts = [
        25 + LETTER * max((len(label) for _, label in ticks(shown.words, *span, height=height)), default=0)
        for span in ranges
    ]
    if len(counts) < 2:
        return [Box(left, _TOP, width - 8, height - _FOOT) for left in lefts]
    if width < NARROW:
        half = height / 2
        left = max(lefts)
        return [
            Box(left, _TOP + (half + 6) * place, width - 6, half * (place + 1) - _FOOT) for place in range(2)
        ]
    split = width * _WEEKS
    second = split + 26 + (lefts[1] if shown.summed else 0)
    return [Box(lefts[0], _TOP, split, height - _FOOT), Box(second, _TOP, width - 8, height - _FOOT)]


def _range(
    shown: SixTwelve, points: Sequence[Point], prior: Sequence[float | None], *, target: float | None
) -> tuple[float, float]:
    """The rules of every chart, with the year before as a further series on the same axis."""
    start = date(2001, 1, 1)
    before = [Point(start + timedelta(weeks=i), value) for i, value in enumerate(prior) if value is not None]
    return value_range(replace(shown.words, points=(*before, *points), target=target))


def _year_before(points: Sequence[Point], before: Sequence[Point], grain: str) -> tuple[float | None, ...]:
    known = {point.start: point.value for point in before}
    return tuple(known.get(_a_year_earlier(p.start, grain), known.get(p.start)) for p in points)


def _a_year_earlier(start: date, grain: str) -> date:
    # 364 days, so that weekdays match.
    return start.replace(year=start.year - 1) if grain == "month" else start - A_YEAR_OF_WEEKS


def _key(canvas: Canvas, shown: SixTwelve, panels: Sequence[Panel], *, width: float) -> None:
    """What the thin lines are, at the right of the first row."""
    right, y = width - 8, panels[0].box.top - 14
    said = [
        ("year before", "chart-prior", any(value is not None for panel in panels for value in panel.prior)),
        (f"target {shown.words.label(shown.target)}", "chart-goal", panels[0].target is not None),
    ]
    for words, css, there in said:
        if there:
            canvas.path([(right - 18, y - 4), (right, y - 4)], css)
            canvas.text(right - 24, y, words, css="chart-axis", anchor="end")
            right -= 24 + len(words) * 8.4 + 10


def _says(shown: SixTwelve) -> str:
    parts = [f"{shown.title}, weeks and months."]
    for grain, points in (("week", shown.weeks), ("month", shown.months)):
        known = [point for point in points if point.complete and point.value is not None]
        if known:
            period = formatting.period_words(known[-1].start, grain)
            parts.append(f"{period}: {shown.words.show(known[-1].value)}.")
    return " ".join(parts)
