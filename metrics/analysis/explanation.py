"""Why a number moved between two spans of weeks, split along its tree as far as formulas go (domain 6.9).

Formula edges are split exactly: factors by LMDI (Shapley where something is not above 0), parts and flows by
their sums, level by level from the top. What they do not account for stays visible as the rest.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from metrics.analysis.decomposition import (
    MOST_FACTORS,
    PRODUCT,
    SUM,
    Branch,
    growth_accounting,
    quick_ratio,
    tree_parts,
)
from metrics.analysis.points import AVERAGE, RATIO, Point, complete_points
from northstar.lib import periods as calendar

FLOWS = {"inflow": 1, "outflow": -1}
#: How many periods everything may be late before nothing is explained any more.
PATIENCE = 4


@dataclass(frozen=True, slots=True)
class Comparison:
    """The mean of the newest `mean_of` complete periods with the mean of those `span` periods earlier."""

    span: int
    mean_of: int = 1


@dataclass(frozen=True, slots=True)
class Node:
    """A number of the tree: the root has no parent. `points` None is not measured; `trouble` says why not."""

    key: int
    name: str
    points: Sequence[Point] | None
    kind: str
    parent: int | None = None
    edge: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """The change of the root and what each node has in it, in the root's unit.

    `steps` are (key, value) of the first level; `parts` of every node under formula edges; `rest` is what the
    first level leaves open. With `missing` (one sentence) there are no numbers.
    """

    comparison: Comparison
    before: float = 0.0
    after: float = 0.0
    last: date | None = None
    steps: tuple[tuple[int, float], ...] = ()
    parts: dict[int, float] = field(default_factory=dict)
    rest: float = 0.0
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Accounting:
    """What came (+) and went (−) between two weeks by key, oldest week first, and what nobody counted.

    `leaving` are the keys of what goes out.
    """

    weeks: tuple[tuple[date, tuple[tuple[int, float], ...]], ...] = ()
    totals: tuple[tuple[int, float], ...] = ()
    before: float = 0.0
    after: float = 0.0
    rest: float = 0.0
    quick: float | None = None
    leaving: frozenset[int] = frozenset()
    missing: str = ""


def split(root: Node, nodes: Iterable[Node], comparison: Comparison, *, grain: str = "week") -> Split | None:
    """The change of the root along its factors or parts; None where nothing but beliefs hangs from it."""
    tree = _Tree(root, nodes)
    first = tree.formula(root.key)
    if not first:
        return None
    periods = comparison.span + comparison.mean_of
    last, missing = _common([root, *first], periods, grain)
    if last is None:
        return Split(comparison, missing=missing)
    if len(first) > MOST_FACTORS and first[0].edge == "factor":
        return Split(comparison, missing=f"{root.name} has more than {MOST_FACTORS} factors. Group some.")
    days = _back(last, periods, grain)
    tree.trim(first, days)
    window = _Window(comparison, days)
    before, after = window.values(root)
    leaves = tree_parts(tree.branch(root, window))
    parts = {node.key: tree.total(node.key, leaves) for node in tree.inside(root.key)}
    steps = tuple((node.key, parts[node.key]) for node in first)
    rest = math.fsum([after, -before, *(-value for _, value in steps)])
    return Split(comparison, before, after, last, steps, parts, rest)


def account(root: Node, nodes: Iterable[Node], span: int, *, grain: str = "week") -> Accounting | None:
    """What came into the root and what left it in the newest `span` periods; None without such edges."""
    flows = [node for node in nodes if node.parent in (None, root.key) and node.edge in FLOWS]
    if not flows:
        return None
    last, missing = _common([root, *flows], span, grain, also=root)
    if last is None:
        return Accounting(missing=missing)
    days = _back(last, span, grain)
    read = {node.key: _values(node.points) for node in flows}
    weeks = tuple(
        (day, tuple((node.key, FLOWS[node.edge] * read[node.key][day]) for node in flows)) for day in days
    )
    came, went = (
        {str(node.key): math.fsum(read[node.key][day] for day in days) for node in flows if node.edge == edge}
        for edge in ("inflow", "outflow")
    )
    level = _values(root.points)
    before, after = level[_back(last, span + 1, grain)[0]], level[last]
    growth = growth_accounting(before, after, inflows=came, outflows=went)
    totals = tuple((node.key, growth.parts[str(node.key)]) for node in flows)
    quick = quick_ratio(sum(came.values()), sum(went.values()))
    leaving = frozenset(node.key for node in flows if node.edge == "outflow")
    return Accounting(weeks, totals, before, after, growth.rest, quick, leaving)


class _Tree:
    """Who is a factor or a part of whom."""

    def __init__(self, root: Node, nodes: Iterable[Node]) -> None:
        self.below: dict[int, list[Node]] = {}
        for node in nodes:
            if node.edge in ("factor", "addend"):
                self.below.setdefault(root.key if node.parent is None else node.parent, []).append(node)

    def formula(self, key: int) -> list[Node]:
        return self.below.get(key, [])

    def inside(self, key: int) -> list[Node]:
        """Everything that formulas reach from there, from the top down."""
        return [each for node in self.formula(key) for each in (node, *self.inside(node.key))]

    def trim(self, nodes: Iterable[Node], days: Sequence[date]) -> None:
        """Forget deeper formulas that are not whole: what they hang from is known all the same."""
        for node in nodes:
            held = self.formula(node.key)
            known = [_values(each.points) for each in held if not each.trouble]
            whole = len(known) == len(held) and all(day in values for values in known for day in days)
            if not whole or (held and held[0].edge == "factor" and len(held) > MOST_FACTORS):
                self.below.pop(node.key, None)
            self.trim(self.formula(node.key), days)

    def branch(self, node: Node, window: _Window) -> Branch:
        """The node as measured: its formula, and what the formula leaves open."""
        before, after = window.values(node)
        held = self.formula(node.key)
        if not held:
            return Branch(str(node.key), before, after)
        how = PRODUCT if held[0].edge == "factor" else SUM
        made = Branch("", how=how, children=tuple(self.branch(each, window) for each in held))
        then, now = made.values
        return Branch("", how=SUM, children=(made, Branch(f"rest {node.key}", before - then, after - now)))

    def total(self, key: int, leaves: Mapping[str, float]) -> float:
        """The part of a node: its own leaf, or all leaves below with its own rest."""
        held = self.formula(key)
        if not held:
            return leaves[str(key)]
        return math.fsum([leaves[f"rest {key}"], *(self.total(each.key, leaves) for each in held)])


class _Window:
    """The two spans of a comparison, out of the days that it covers."""

    def __init__(self, comparison: Comparison, days: Sequence[date]) -> None:
        self.before, self.after = set(days[: comparison.mean_of]), set(days[-comparison.mean_of :])

    def values(self, node: Node) -> tuple[float, float]:
        return self._mean(node, self.before), self._mean(node, self.after)

    def _mean(self, node: Node, days: set[date]) -> float:
        points = [point for point in node.points or () if point.start in days]
        weights = [_weight(point, node.kind) for point in points]
        # Weighed, the mean of a share times the mean of its whole is the mean of the count: nothing is left.
        whole = math.fsum(weights)
        values = [(point.value or 0.0) * weight for point, weight in zip(points, weights, strict=True)]
        return math.fsum(values) / whole if whole else 0.0


def _weight(point: Point, kind: str) -> float:
    weighed = kind in (RATIO, AVERAGE) and point.denominator is not None
    return float(point.denominator or 0.0) if weighed else 1.0


def _common(
    nodes: Sequence[Node], periods: int, grain: str, *, also: Node | None = None
) -> tuple[date | None, str]:
    """The newest period up to which all have `periods` values (`also` one more), or who lacks one."""
    for node in nodes:
        if node.points is None:
            return None, f"{node.name} is not measured yet, so the change cannot be split."
        if node.trouble:
            return None, f"{node.name} cannot be relied on now: {node.trouble}"
    ends = {node.key: max(_values(node.points), default=None) for node in nodes}
    if empty := next((node for node in nodes if ends[node.key] is None), None):
        return None, f"{empty.name} has no complete {grain} yet, so the change cannot be split."
    newest = max(end for end in ends.values() if end is not None)
    last = min(end for end in ends.values() if end is not None)
    late = next(node for node in nodes if ends[node.key] == last)
    if last < _back(newest, PATIENCE + 1, grain)[0]:
        return (
            None,
            f"{late.name} has no value of the last {PATIENCE} {grain}s, so the change cannot be split.",
        )
    for node in nodes:
        known = _values(node.points)
        wanted = _back(last, periods + (1 if node is also else 0), grain)
        if gap := next((day for day in wanted if day not in known), None):
            return None, f"{node.name} lacks {_named(gap, grain)}, so the change cannot be split."
    return last, ""


def _named(day: date, grain: str) -> str:
    return f"the {grain} that began on {day:%-d %b %Y}"


def _values(points: Sequence[Point] | None) -> dict[date, float]:
    return {point.start: point.value for point in complete_points(points or ()) if point.value is not None}


def _back(last: date, count: int, grain: str) -> list[date]:
    """The starts of the `count` periods up to `last`, oldest first."""
    return [calendar.next_start(last, grain, -step) for step in range(count - 1, -1, -1)]
