"""The lines and rings of a Plotly figure as plain dicts: data and roles, no colours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from metrics import formatting
from metrics.analysis.points import Point, next_start
from metrics.charts import goal_posts, overlays
from metrics.charts.layout import BASELINE_SPAN, Layout
from metrics.charts.scales import day_range
from metrics.charts.spec import ChartSpec, runs
from metrics.charts.table import remarks
from metrics.charts.tracing import Json, plotly_text, trace


def traces(drawn_wide: Layout) -> list[Json]:
    """Every line and ring of the chart as a scatter trace with its role in `meta`, back to front."""
    spec = drawn_wide.spec
    drawn = overlays.behind(drawn_wide)
    if len(spec.pace) > 1:
        drawn.append(trace("pace", [(day, value) for day, value in spec.pace], width=1.5, dash="dash"))
    if spec.former_target is not None:
        places = [(day, spec.former_target) for day in _target_span(spec)]
        drawn.append(trace("target-former", places, width=1.5, dash="dash"))
    drawn += _former_goals(spec)
    if spec.baseline is not None:
        drawn.append(
            trace("baseline", [(day, spec.baseline) for day in _baseline_span(spec)], width=1, dash="dot")
        )
    if spec.target is not None and spec.target_day is None:
        drawn.append(trace("target", [(day, spec.target) for day in day_range(spec)], width=1.5, dash="dash"))
    drawn += _series(drawn_wide)
    if spec.target is not None and spec.target_day is not None:
        drawn.append(trace("target", [(spec.target_day, spec.target)], size=10))
    if spec.notes and spec.known:
        drawn.append(_notes(drawn_wide))
    return drawn + overlays.rings(spec)


def _former_goals(spec: ChartSpec) -> list[Json]:
    """All of them as one line with gaps."""
    first, last = day_range(spec)
    places: list[tuple[date | None, float | None]] = []
    for goal in spec.former_goals:
        places += [*goal_posts.steps(goal, first=first, last=last), (None, None)]
    return [trace("target-former", places[:-1], width=1.5, dash="dash")] if places[:-1] else []


def _series(drawn_wide: Layout) -> list[Json]:
    spec, told = drawn_wide.spec, remarks(drawn_wide.spec)
    start = spec.window[0] if spec.window else None
    complete = [point for point in spec.points if point.complete]
    before = [point for point in complete if start is not None and spec.day_of(point) < start]
    after = complete[max(len(before) - 1, 0) :]
    drawn = []
    if before:
        past = _values("past", spec, before, told=told)
        # Its last point is also the first one of the line inside the window, which has the words.
        past["text"][-1] = ""
        drawn.append(past)
    if after:
        drawn.append(_values("actual", spec, after, told=told))
    last, running = (spec.known[-1] if spec.known else None), drawn_wide.running
    if running:
        follows = last is not None and next_start(last.start, spec.grain) == running[0].start
        joined = [last, *running] if last and follows else running
        open_end = _values("incomplete", spec, joined, told=told)
        open_end["mode"] = "lines+markers"
        open_end["cliponaxis"] = False
        open_end["line"] = {"width": 2.4, "dash": "dot"}
        open_end["marker"] = {"size": [0] * (len(open_end["x"]) - 1) + [8]}
        open_end["text"][0] = "" if last and follows else open_end["text"][0]
        drawn.append(open_end)
    if last is not None and last.value is not None:
        drawn.append(trace("end", [(spec.day_of(last), last.value)], size=9))
    return drawn


def _values(role: str, spec: ChartSpec, points: list[Point], *, told: Mapping[Point, str]) -> Json:
    places = [(spec.day_of(point), point.value) for point in points]
    drawn = trace(role, places, width=2.4, says=[hover(spec, p, told=told.get(p, "")) for p in points])
    drawn["connectgaps"] = False
    alone = {run[0].start for run in runs(points, spec.grain, incomplete=True) if len(run) == 1}
    if alone:
        # A single point between gaps has no line: a dot keeps it in sight.
        drawn["mode"], drawn["marker"] = "lines+markers", {"size": [4 * (p.start in alone) for p in points]}
    return drawn


def hover(spec: ChartSpec, point: Point, *, told: str = "") -> str:
    """Period, value, plan, difference, number behind a ratio and what else is told of it, in lines."""
    if point.value is None:
        return ""
    plan = spec.plan_at(spec.day_of(point))
    rows = [f"<b>{formatting.period_words(point.start, spec.grain)}</b>", plotly_text(spec.show(point.value))]
    if plan is not None:
        rows.append(plotly_text(f"plan {spec.show(plan)}, difference {spec.change(point.value - plan)}"))
    if point.denominator is not None and spec.kind == "ratio":
        rows.append(f"of {formatting.show(point.denominator)}")
    if told:
        rows.append(plotly_text(told))
    return "<br>".join(rows)


def _notes(drawn_wide: Layout) -> Json:
    box, placed = drawn_wide.box, drawn_wide.notes
    says = [
        f"<b>{formatting.day_words(each.note.day)}</b><br>{plotly_text(each.note.text)}" for each in placed
    ]
    drawn = trace(
        "note", [(max(each.note.day, box.first), box.value(each.y)) for each in placed], size=7, says=says
    )
    if any(each.note.kind for each in placed):
        drawn["customdata"] = [each.note.kind for each in placed]
    return drawn


def _target_span(spec: ChartSpec) -> tuple[date, date]:
    first, last = day_range(spec)
    return (max(spec.window[0], first) if spec.window else first), last


def _baseline_span(spec: ChartSpec) -> tuple[date, date]:
    first, last = day_range(spec)
    if spec.window is None:
        return first, last
    return max(spec.window[0] - BASELINE_SPAN, first), spec.window[0]
