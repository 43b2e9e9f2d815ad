"""The page of the metric tree: North Star, drivers, the bets on them. Read from documents, in six queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from metrics import formatting, tree
from metrics.models import Driver, Metric, NorthStarVersion
from metrics.models.driver import FORMULA
from northstar.home import shelf
from northstar.home.shelf import HERO, WHY, Drawing
from teams.models import Omtm
from teams.models.omtm import RUNNING

EDGE_WORDS = {
    "factor": "Factor",
    "addend": "Part",
    "inflow": "Comes in",
    "outflow": "Is lost",
    "influences": "Belief",
}
EVIDENCE_WORDS = {
    "assumed": "assumed",
    "correlated": "moves with it",
    "experiment": "shown by an experiment",
}
#: What hangs from the same parent stands together by the kind of its edge, in this order.
GROUPS = (
    ("factor", "They multiply to it"),
    ("addend", "They add up to it"),
    ("flow", "What comes in and goes out each week"),
    ("influences", "Beliefs: we think that they move it"),
)


@dataclass(frozen=True, slots=True)
class Bet:
    """A running OMTM on the metric of a driver."""

    pk: int
    name: str
    team: str
    state: str
    words: str
    reading: str
    way_to: str
    kept: str = ""
    estimate: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A driver as its card shows it; without a slug it is not measured yet."""

    pk: int
    name: str
    slug: str
    edge: str
    edge_words: str
    value: str
    period: str
    spark: str
    share: str
    evidence: str
    lead: str
    delay: str
    owners: tuple[str, ...]
    bets: tuple[Bet, ...]
    groups: tuple[Group, ...]

    @property
    def is_formula(self) -> bool:
        return self.edge in FORMULA


@dataclass(frozen=True, slots=True)
class Group:
    """Drivers that hang from the same by the same kind of edge."""

    kind: str
    words: str
    nodes: tuple[Node, ...]


def compose(*, today: date) -> dict[str, Any]:
    """The context of the page, in six queries whatever the size of the tree."""
    version = NorthStarVersion.in_force()
    if version is None:
        return {"star": None}
    star = version.north_star
    standing = list(star.drivers.select_related("metric").prefetch_related("teams"))
    omtms = list(
        Omtm.objects.filter(state__in=RUNNING, team__archived_at=None)
        .select_related("team", "metric")
        .order_by("start", "pk")
    )
    keys = [HERO, WHY, *(f"metric:{each.metric_id}" for each in standing if each.metric_id)]
    drawings = shelf.drawings([*keys, *(f"omtm:{omtm.pk}" for omtm in omtms)])
    planter = _Planter(version.metric, standing, omtms, drawings)
    linked = {each.metric_id for each in standing}
    loose = [omtm for omtm in omtms if omtm.metric_id not in linked]
    return {
        "star": star,
        "version": version,
        "hero": drawings.get(HERO, Drawing()),
        "why": drawings.get(WHY, Drawing()).facts,
        "groups": planter.groups(None),
        "count": len(standing),
        "unmeasured": sum(each.metric_id is None for each in standing),
        "unowned": sum(not each.teams.all() for each in standing),
        "loose": [_bet(each, None, version.metric, drawings) for each in loose],
        "today": today,
    }


def listed(standing: Sequence[Driver]) -> list[dict[str, Any]]:
    """The rows of the page on which the tree is changed, from the top down."""
    first = {below[0].pk for below in tree.children(standing).values()}
    return [
        {
            "driver": driver,
            "level": level,
            "edge": EDGE_WORDS[driver.edge],
            "first": driver.pk in first,
            "deepest": level >= tree.MOST_LEVELS,
            "owners": ", ".join(team.name for team in driver.teams.all()),
        }
        for level, driver in tree.walk(standing)
    ]


class _Planter:
    """Makes the nodes from rows that were all read before."""

    def __init__(
        self,
        metric: Metric,
        standing: Iterable[Driver],
        omtms: Iterable[Omtm],
        drawings: Mapping[str, Drawing],
    ) -> None:
        self.metric, self.drawings = metric, drawings
        self.below = tree.children(standing)
        why = drawings.get(WHY, Drawing()).facts
        self.shares, self.leads = why.get("shares", {}), why.get("leads", {})
        self.bets: dict[int, list[Omtm]] = {}
        for omtm in omtms:
            self.bets.setdefault(omtm.metric_id, []).append(omtm)

    def groups(self, parent: int | None) -> tuple[Group, ...]:
        """What hangs from `parent`, None for the North Star."""
        rows = self.below.get(parent, [])
        found = []
        for kind, words in GROUPS:
            edges = ("inflow", "outflow") if kind == "flow" else (kind,)
            nodes = tuple(self._node(each) for each in rows if each.edge in edges)
            if nodes:
                found.append(Group(kind, words, nodes))
        return tuple(found)

    def _node(self, driver: Driver) -> Node:
        metric = driver.metric
        drawing = self.drawings.get(f"metric:{metric.pk}", Drawing()) if metric else Drawing()
        bets = self.bets.get(metric.pk, []) if metric else []
        weeks = driver.expected_lag_weeks
        return Node(
            pk=driver.pk,
            name=driver.name,
            slug=metric.slug if metric else "",
            edge=driver.edge,
            edge_words=EDGE_WORDS[driver.edge],
            value=drawing.facts.get("value", ""),
            period=drawing.facts.get("period", ""),
            spark=drawing.sketches.get("spark", "") if drawing.facts.get("value") else "",
            share=self.shares.get(str(driver.pk), ""),
            evidence=EVIDENCE_WORDS[driver.evidence],
            lead=self.leads.get(str(driver.pk), ""),
            delay=f"arrives after {weeks} week{'' if weeks == 1 else 's'}" if weeks else "",
            owners=tuple(team.name for team in driver.teams.all()),
            bets=tuple(_bet(omtm, driver, self.metric, self.drawings) for omtm in bets),
            groups=self.groups(driver.pk),
        )


def _bet(omtm: Omtm, driver: Driver | None, star: Metric, drawings: Mapping[str, Drawing]) -> Bet:
    facts = drawings.get(f"omtm:{omtm.pk}", Drawing()).facts
    blocked = facts.get("trust", {}).get("blocks")
    words = "In review" if omtm.state == "in_review" else "No trusted data" if blocked else ""
    return Bet(
        pk=omtm.pk,
        name=omtm.name,
        team=omtm.team.name,
        state="neutral" if omtm.state == "in_review" else str(facts.get("state", "no_data")),
        words=words,
        reading=facts.get("reading_words", ""),
        way_to="" if facts.get("range_words") else facts.get("to_words", ""),
        kept=facts.get("range_words", ""),
        estimate=_estimate(omtm, driver, star, facts),
    )


def _estimate(omtm: Omtm, driver: Driver | None, star: Metric, facts: Mapping[str, Any]) -> str:
    """What the bet has moved the North Star by, as the model has it: sensitivity times its own change."""
    reading = facts.get("reading")
    if driver is None or driver.sensitivity is None or omtm.baseline is None or reading is None:
        return ""
    moved = driver.sensitivity * (Decimal(repr(float(reading))) - omtm.baseline)
    words = formatting.show_change(moved, unit=star.unit, decimals=star.decimals, kind=star.kind)
    return f"{words}, an estimate from the model ({EVIDENCE_WORDS[driver.evidence]})"
