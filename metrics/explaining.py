"""Explaining: why the North Star moved, worked out with its chart and kept in a document of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from metrics import reasons, series, telling, trusting
from metrics.analysis import explanation, leading
from metrics.analysis.decomposition import Segment, mix_effects
from metrics.analysis.explanation import Accounting, Comparison, Node, Split
from metrics.analysis.leading import Lead
from metrics.analysis.points import Point, complete_points
from metrics.models import ChartDocument, Company, Driver, Metric, NorthStar, NorthStarVersion
from metrics.models.driver import FORMULA
from metrics.verdict import Measure
from northstar.lib import periods

KEY = "why:north-star"
ROOT = 0
#: What pages compare: means, so that one odd week does not decide it. The first one has the headline.
WEEKS = (Comparison(13, 4), Comparison(4, 4))
MONTHS = (Comparison(3), Comparison(12))
FLOW_PERIODS = {"week": 13, "month": 12}


@dataclass(frozen=True, slots=True)
class Mix:
    """A share by its groups: (name, what its own rate did, what its weight did); they add up to `change`."""

    name: str
    metric: Metric
    change: float
    rows: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Why:
    """What is known of a change; keys are ids of drivers. `missing` says what keeps it from being split."""

    measure: Measure
    grain: str
    names: dict[int, str]
    splits: tuple[Split, ...] = ()
    flows: Accounting | None = None
    leads: dict[int, tuple[str, list[Lead]]] = field(default_factory=dict)
    mixes: tuple[Mix, ...] = ()
    missing: str = ""

    @property
    def headline(self) -> str:
        """ "Engaged share costs 62 crews; paying accounts bring 264."; empty where nothing can be split."""
        return reasons.headline(self.splits[0], self.names, self.measure) if self.whole else ""

    @property
    def clause(self) -> str:
        """For a verdict: "engaged share costs 62 crews in 13 weeks"; empty likewise."""
        split = self.splits[0] if self.whole else None
        return reasons.clause(split, self.names, self.measure, grain=self.grain) if split else ""

    @property
    def steps(self) -> list[tuple[str, float]]:
        """The first level with its names, in the unit of the North Star."""
        return [(self.names[key], value) for key, value in self.splits[0].steps] if self.whole else []

    @property
    def whole(self) -> bool:
        return bool(self.splits) and not self.splits[0].missing


def explain(
    star: NorthStar,
    version: NorthStarVersion,
    points: Mapping[int, Sequence[Point]],
    *,
    drivers: Sequence[Driver] | None = None,
    comparisons: Sequence[Comparison] | None = None,
    untrusted: Mapping[int, str] | None = None,
    segments: Mapping[int, Sequence[Metric]] | None = None,
) -> Why | None:
    """Why the North Star moved, None without drivers. `points` by metric id, as `series.weekly` has them.

    `untrusted` are sentences by metric id on why a number cannot be relied on, `segments` the groups of a
    share. Nothing is split where an input is not measured, late or untrusted: it is named instead.
    """
    rows = list(star.drivers.select_related("metric")) if drivers is None else list(drivers)
    if not rows:
        return None
    metric, grain = version.metric, series.grain_of(version.metric)
    doubts = untrusted or {}
    nodes = [_node(row, points, grain=grain, untrusted=doubts) for row in rows]
    root = Node(ROOT, star.name, points.get(metric.pk, ()), metric.kind, trouble=doubts.get(metric.pk, ""))
    wanted = comparisons or (WEEKS if grain == "week" else MONTHS)
    found = [explanation.split(root, nodes, each, grain=grain) for each in wanted]
    splits = tuple(each for each in found if each is not None)
    missing = (
        splits[0].missing
        if splits
        else f"Nothing but beliefs hangs from {star.name}, and beliefs do not add up."
    )
    window = next((each for each in splits if not each.missing and grain == "week"), None)
    return Why(
        telling.measure_of(metric, star.name),
        grain,
        {row.pk: row.name for row in rows},
        splits,
        explanation.account(root, nodes, FLOW_PERIODS[grain], grain=grain),
        _leads(root, rows, nodes) if grain == "week" else {},
        _mixes(metric, rows, points, segments or {}, split=window) if window else (),
        missing,
    )


def draw_why(
    star: NorthStar,
    version: NorthStarVersion,
    points: Mapping[int, Sequence[Point]],
    *,
    drivers: Sequence[Driver],
    company: Company,
    now: datetime,
) -> Why | None:
    """Explain, draw it and keep it under "why:north-star"; without drivers nothing is kept."""
    # Plotly is large: only who draws loads it.
    from metrics import why_chart

    rows = [row.metric for row in drivers if row.metric is not None and row.edge in FORMULA]
    counted = {metric.pk: metric for metric in (version.metric, *rows)}
    trust = trusting.trust_of(counted.values(), points=points, company=company, now=now)
    doubts = {
        pk: " ".join(each.sentences[:1]) or "its newest values are not in."
        for pk, each in trust.items()
        if each.blocks
    }
    groups: dict[int, list[Metric]] = {}
    for group in Metric.objects.listed().filter(segment_of__in=[*counted], kind="ratio"):
        groups.setdefault(group.segment_of_id or 0, []).append(group)
    parts = [group for each in groups.values() for group in each]
    read = {**points, **series.weekly(parts, company=company, now=now)} if parts else points
    why = explain(star, version, read, drivers=drivers, untrusted=doubts, segments=groups)
    if why is None:
        ChartDocument.objects.filter(key=KEY).delete()
        return None
    why_chart.keep(KEY, why, today=periods.local_day(now, company.zone))
    return why


def _node(
    driver: Driver, points: Mapping[int, Sequence[Point]], *, grain: str, untrusted: Mapping[int, str]
) -> Node:
    metric = driver.metric
    if metric is None:
        return Node(driver.pk, driver.name, None, "", driver.parent_id, driver.edge)
    own = series.grain_of(metric)
    trouble = untrusted.get(metric.pk, "")
    if own != grain:
        trouble = f"it is measured by the {own}, the North Star by the {grain}."
    read = points.get(metric.pk, ())
    return Node(driver.pk, driver.name, read, metric.kind, driver.parent_id, driver.edge, trouble)


def _leads(root: Node, rows: Iterable[Driver], nodes: Iterable[Node]) -> dict[int, tuple[str, list[Lead]]]:
    """For each measured belief: the name of what it is held against ("it" for its own parent), and how."""
    by_key = {node.key: node for node in nodes}
    found = {}
    for row in rows:
        node = by_key[row.pk]
        if row.edge != "influences" or node.points is None or node.trouble:
            continue
        above = by_key.get(row.parent_id or ROOT, root)
        direct = above
        while above is not root and (above.points is None or above.trouble):
            above = by_key.get(above.parent or ROOT, root)
        first, second = _aligned(node.points, above.points or ())
        name = "it" if above is direct else above.name
        found[row.pk] = (name, leading.lead_correlation(first, second))
    return found


def _aligned(
    first: Sequence[Point], second: Sequence[Point]
) -> tuple[list[float | None], list[float | None]]:
    """The complete values of both over the weeks that both cover."""
    left, right = ({p.start: p.value for p in complete_points(each)} for each in (first, second))
    if not left or not right:
        return [], []
    begin, end = max(min(left), min(right)), min(max(left), max(right))
    weeks = [begin + timedelta(weeks=n) for n in range((end - begin).days // 7 + 1)]
    return [left.get(week) for week in weeks], [right.get(week) for week in weeks]


def _mixes(
    metric: Metric,
    rows: Iterable[Driver],
    points: Mapping[int, Sequence[Point]],
    segments: Mapping[int, Sequence[Metric]],
    *,
    split: Split,
) -> tuple[Mix, ...]:
    wanted = [metric, *(row.metric for row in rows if row.metric is not None)]
    named = {row.metric_id: row.name for row in rows}
    found = [
        _mix(each, named.get(each.pk, each.name), segments[each.pk], points, split=split)
        for each in wanted
        if each.kind == "ratio" and segments.get(each.pk)
    ]
    return tuple(each for each in found if each is not None)


def _mix(
    metric: Metric,
    name: str,
    groups: Sequence[Metric],
    points: Mapping[int, Sequence[Point]],
    *,
    split: Split,
) -> Mix | None:
    """None where a group lacks its cases in one of the weeks: half a mix would say something else."""
    step = timedelta(weeks=1)
    comparison, last = split.comparison, split.last
    assert last is not None
    ends = [
        [day - n * step for n in range(comparison.mean_of)] for day in (last - comparison.span * step, last)
    ]
    read = {group.name: [_cases(points.get(group.pk, ()), days) for days in ends] for group in groups}
    cases = {
        group: Segment(before[1], before[0] / before[1], after[1], after[0] / after[1])
        for group, (before, after) in read.items()
        if before is not None and after is not None
    }
    if len(cases) < len(groups):
        return None
    effects = mix_effects(cases)
    parts = tuple((group, effects[group].rate, effects[group].mix) for group in cases)
    return Mix(name, metric, sum(rate + mix for _, rate, mix in parts), parts)


def _cases(points: Sequence[Point], days: Sequence[date]) -> tuple[float, float] | None:
    known = [
        p for p in complete_points(points) if p.start in days and p.numerator is not None and p.denominator
    ]
    if len(known) < len(days):
        return None
    return sum(p.numerator or 0.0 for p in known), sum(p.denominator or 0.0 for p in known)
