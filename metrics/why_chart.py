"""The document of a change: its waterfalls and flows as drawings, its sentences, words for each driver."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any

from metrics import formatting, reasons
from metrics.analysis.explanation import Accounting, Split
from metrics.charts import flows as flow_chart
from metrics.charts import waterfall as waterfall_chart
from metrics.charts.flows import Flows, FlowWeek
from metrics.charts.waterfall import Step, Waterfall
from metrics.models import ChartDocument

if TYPE_CHECKING:
    from metrics.explaining import Mix, Why

REST = "Other, unexplained"
WIDE, SMALL = 600, 360
TALL = 250


def keep(key: str, why: Why, *, today: date) -> ChartDocument:
    """Draw what is known and store it: sketches "waterfall-13" and "flows", each with a "…-small"."""
    falls = {each.comparison.span: _waterfall(why, each) for each in why.splits if not each.missing}
    sketches: dict[str, str] = {}
    for span, spec in falls.items():
        name = f"waterfall-{span}"
        sketches[name] = waterfall_chart.sketch(spec, width=WIDE, height=TALL)
        sketches[f"{name}-small"] = waterfall_chart.sketch(spec, width=SMALL)
    flows = _flows(why) if why.flows is not None and not why.flows.missing else None
    if flows is not None:
        sketches["flows"] = flow_chart.sketch(flows, width=WIDE, height=TALL)
        sketches["flows-small"] = flow_chart.sketch(flows, width=SMALL, height=TALL)
    facts = _facts(why, falls, flows)
    version = hashlib.sha256(f"{today}{sketches}{facts}".encode()).hexdigest()[:16]
    drawn = {"version": version, "figure": "{}", "sketches": sketches, "facts": facts, "drawn_on": today}
    document, _ = ChartDocument.objects.update_or_create(key=key, defaults=drawn)
    return document


def _facts(why: Why, falls: dict[int, Waterfall], flows: Flows | None) -> dict[str, Any]:
    return {
        "name": why.measure.name,
        "headline": why.headline,
        "clause": why.clause,
        "missing": why.missing,
        "span": reasons.span(why.splits[0].comparison, grain=why.grain) if why.whole else "",
        "splits": [_split_facts(why, split, falls.get(split.comparison.span)) for split in why.splits],
        "flows": _flow_facts(why, why.flows, flows) if why.flows is not None else None,
        "shares": _shares(why),
        "leads": {str(pk): reasons.lead(found, name=name) for pk, (name, found) in why.leads.items()},
        "mixes": [_mix_facts(mix) for mix in why.mixes],
    }


def _split_facts(why: Why, split: Split, drawn: Waterfall | None) -> dict[str, Any]:
    grain, span = why.grain, split.comparison.span
    columns, rows = waterfall_chart.table(drawn) if drawn is not None else ([], [])
    return {
        "key": f"waterfall-{span}",
        "small": f"waterfall-{span}-small",
        "label": f"Over {span} {grain}{'' if span == 1 else 's'}",
        "span": reasons.span(split.comparison, grain=grain),
        "headline": reasons.headline(split, why.names, why.measure),
        "change": "" if split.missing else reasons.change(split, why.measure, grain=grain),
        "missing": split.missing,
        "columns": columns,
        "table": rows,
    }


def _waterfall(why: Why, split: Split) -> Waterfall:
    measure = why.measure
    steps = [Step("Before", split.before, "total")]
    steps += [Step(why.names[key], value, "change") for key, value in split.steps]
    if reasons.rest_counts(split, measure):
        steps.append(Step(REST, split.rest, "rest"))
    steps.append(Step("Now", split.after, "total"))
    return Waterfall(
        title=f"Why {measure.name} moved",
        unit=measure.unit,
        decimals=measure.decimals,
        kind=measure.kind,
        sentence=f"{reasons.headline(split, why.names, measure)} "
        f"{reasons.change(split, measure, grain=why.grain)}",
        steps=tuple(steps),
        direction=measure.direction,
    )


def _flows(why: Why) -> Flows:
    found = why.flows
    assert found is not None
    weeks = tuple(
        FlowWeek(
            start,
            tuple((why.names[key], value) for key, value in row if key not in found.leaving),
            tuple((why.names[key], -value) for key, value in row if key in found.leaving),
        )
        for start, row in found.weeks
    )
    return Flows(
        title=f"What came and went: {why.measure.name}",
        unit=why.measure.unit,
        decimals=why.measure.decimals,
        sentence=reasons.flows(found, why.names, why.measure, grain=why.grain),
        weeks=weeks,
    )


def _flow_facts(why: Why, found: Accounting, drawn: Flows | None) -> dict[str, Any]:
    columns, rows = flow_chart.table(drawn) if drawn is not None else ([], [])
    return {
        "sentence": reasons.flows(found, why.names, why.measure, grain=why.grain),
        "quick": reasons.quick(found),
        "missing": found.missing,
        "label": f"{len(found.weeks)} {why.grain}s" if found.weeks else "",
        "columns": columns,
        "table": rows,
    }


def _shares(why: Why) -> dict[str, str]:
    """What each driver has in the change, for its card."""
    told: dict[str, str] = {}
    if why.whole:
        split = why.splits[0]
        told |= {
            str(key): _share(why, value, split.comparison.span, of=" of the change")
            for key, value in split.parts.items()
        }
    if why.flows is not None:
        weeks = len(why.flows.weeks)
        told |= {str(key): _share(why, value, weeks) for key, value in why.flows.totals}
    return told


def _share(why: Why, value: float, span: int, *, of: str = "") -> str:
    return f"{reasons.show_change(value, why.measure)}{of} in {span} {why.grain}s"


def _mix_facts(mix: Mix) -> dict[str, Any]:
    metric = mix.metric

    def moved(value: float) -> str:
        return formatting.show_change(value, unit=metric.unit, decimals=metric.decimals + 1, kind=metric.kind)

    own, weight = sum(rate for _, rate, _ in mix.rows), sum(part for _, _, part in mix.rows)
    return {
        "name": mix.name,
        "sentence": f"{mix.name} {moved(mix.change)}: {moved(own)} within its groups, "
        f"{moved(weight)} because their weights changed.",
        "rows": [(name, moved(rate), moved(part)) for name, rate, part in mix.rows],
    }
