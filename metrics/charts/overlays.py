"""What the analysis adds to a Plotly figure: forecast, limits, signals, revisions, a former series."""

from __future__ import annotations

from datetime import date

from metrics import formatting
from metrics.charts import cones, limits
from metrics.charts.layout import Layout
from metrics.charts.scales import day_range
from metrics.charts.spec import ChartSpec, runs
from metrics.charts.tracing import Json, plotly_text, trace

Gapped = list[tuple[date | None, float | None]]


def behind(drawn: Layout) -> list[Json]:
    """Cone, limits and the grey series: all that lies behind the line, back to front."""
    return [*_cone(drawn), *_limits(drawn.spec), *_former(drawn.spec)]


def rings(spec: ChartSpec) -> list[Json]:
    """The marks of revised periods and the shapes around signals; their words stand with the line's."""
    found = []
    revised = limits.restated(spec)
    if revised:
        ticks = trace("restated", revised, size=2 * limits.TICK)
        ticks["marker"]["symbol"] = "line-ns"
        found.append(ticks)
    ringed = limits.ringed(spec)
    if ringed:
        shapes = trace("signal", [(day, mark.value) for day, mark, _ in ringed], size=1)
        shapes["marker"] = {
            "size": [2 * reach for _, _, reach in ringed],
            "symbol": [_symbol(limits.shape_of(mark)) for _, mark, _ in ringed],
        }
        found.append(shapes)
    return found


def _symbol(shape: str) -> str:
    return "triangle-up" if shape == "triangle" else shape


def _cone(drawn: Layout) -> list[Json]:
    if not drawn.cone:
        return []
    found = []
    for role, corners in cones.bands(drawn.cone).items():
        band = trace(role, corners, width=0)
        band["fill"] = "toself"
        found.append(band)
    # The tip is the last complete point, which has its own words.
    says = ["", *(_hover(drawn.spec, each) for each in drawn.cone[1:])]
    middle = [(each.day, each.mean) for each in drawn.cone]
    return [*found, trace("forecast", middle, width=2, dash="dot", says=says)]


def _hover(spec: ChartSpec, each: cones.Ahead) -> str:
    period, *rest = cones.hover(spec, each)
    return "<br>".join([f"<b>{period}</b>", *map(plotly_text, rest)])


def _limits(spec: ChartSpec) -> list[Json]:
    first, last = day_range(spec)
    found: dict[str, Gapped] = {"limit": [], "centre": []}
    for line in spec.limits:
        span = limits.clipped(line, first=first, last=last)
        for value, role in limits.levels(line) if span else ():
            found[role] += [*((day, value) for day in span or ()), (None, None)]
    looks = {"limit": "dash", "centre": "solid"}
    return [trace(role, at[:-1], width=1.5, dash=looks[role]) for role, at in found.items() if at]


def _former(spec: ChartSpec) -> list[Json]:
    places: Gapped = []
    words: list[str] = []
    for run in runs(spec.grey, spec.grain):
        places += [*((spec.day_of(point), point.value) for point in run), (None, None)]
        for point in run:
            period = formatting.period_words(point.start, spec.grain)
            words.append(f"<b>{period}</b><br>{plotly_text(spec.show(point.value))}<br>former definition")
        words.append("")
    return [trace("former", places[:-1], width=2, says=words[:-1])] if places else []
