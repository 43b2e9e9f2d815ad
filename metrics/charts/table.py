"""The data of a chart as rows of text: its twin for everybody who reads rather than looks."""

from __future__ import annotations

from metrics import formatting
from metrics.analysis.points import Point, period_start
from metrics.charts import cones
from metrics.charts.cones import Ahead
from metrics.charts.spec import ChartSpec

Row = tuple[str, ...]


def data_table(spec: ChartSpec) -> tuple[Row, list[Row]]:
    """(headers, rows of text), newest first, for "Show data"; columns only for what the chart has.

    What is expected stands on top, marked so; the series of a former definition at the end.
    """
    planned, limited = bool(spec.pace), bool(spec.limits)
    expected = cones.listed(spec)
    told = remarks(spec)
    marked = bool(told) or bool(expected) or bool(spec.grey)
    headers = (
        spec.grain.capitalize(),
        "Value",
        *(("Plan", "Difference") if planned else ()),
        *(("Centre", "Limits") if limited else ()),
        *(("Remark",) if marked else ()),
    )
    rows = [_expected(spec, each, limited=limited) for each in expected]
    for point in reversed(spec.points):
        row = [*_value(spec, point), *(_plan(spec, point) if planned else ())]
        row += _limits(spec, point) if limited else ()
        rows.append(tuple([*row, told.get(point, "")] if marked else row))
    empty = [formatting.NOTHING] * (2 * planned + 2 * limited)
    rows += [(*_value(spec, point), *empty, "former definition") for point in reversed(spec.grey)]
    return headers, rows


def remarks(spec: ChartSpec) -> dict[Point, str]:
    """What a reader has to know about points: in progress, restated, signals."""
    found: dict[Point, list[str]] = {}
    for point in spec.points:
        if point.note or not point.complete:
            found[point] = [remark(point)]
    for day in spec.restated:
        point_there = spec.point_at(day)
        if point_there is not None:
            found.setdefault(point_there, []).append("restated")
    for mark in spec.signals:
        point_there = spec.point_at(mark.day)
        if point_there is not None and mark.words:
            found.setdefault(point_there, []).append(mark.words)
    return {point: "; ".join(words) for point, words in found.items()}


def remark(point: Point) -> str:
    """The state of a point itself: "in progress, 3 of 7 days"."""
    if point.complete:
        return point.note
    return f"in progress, {point.note}" if point.note else "in progress"


def _value(spec: ChartSpec, point: Point) -> Row:
    return formatting.period_words(point.start, spec.grain), spec.show(point.value)


def _plan(spec: ChartSpec, point: Point) -> Row:
    plan = spec.plan_at(spec.day_of(point))
    apart = None if plan is None or point.value is None else point.value - plan
    return spec.show(plan), spec.change(apart)


def _limits(spec: ChartSpec, point: Point) -> Row:
    day = spec.day_of(point)
    line = next((each for each in reversed(spec.limits) if each.first <= day <= each.last), None)
    if line is None:
        return formatting.NOTHING, formatting.NOTHING
    if line.low is None or line.high is None:
        side = "at most" if line.low is None else "at least"
        return spec.show(line.centre), f"{side} {spec.show(line.high if line.low is None else line.low)}"
    return spec.show(line.centre), spec.between(line.low, line.high)


def _expected(spec: ChartSpec, each: Ahead, *, limited: bool) -> Row:
    plan = spec.plan_at(each.day) if spec.pace else None
    period = formatting.period_words(period_start(each.period_end, spec.grain), spec.grain)
    planned = (spec.show(plan), spec.change(None if plan is None else each.mean - plan)) if spec.pace else ()
    empty = (formatting.NOTHING, formatting.NOTHING) if limited else ()
    return period, spec.show(each.mean), *planned, *empty, f"expected, {cones.range_words(spec, each)}"
