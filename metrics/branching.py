"""Branching: what hangs from the North Star, and from what moves it. Each verb leaves an audit row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from metrics import formatting, tree
from metrics.aiming import SteeringError, draw_again, metric_of
from metrics.auditing import record
from metrics.connectors.numbers import MAX_MAGNITUDE
from metrics.models import Driver, Metric, NorthStar
from metrics.models.driver import EDGES, EVIDENCE

FEWEST_INPUTS, MOST_INPUTS = 3, 6
LONGEST_LAG = 52
DEED = "north_star.drivers"


@dataclass(frozen=True, slots=True)
class Branch:
    """A driver as asked for. `sensitivity` is in units of the North Star for one unit of the metric.

    Without `parent` it hangs from the North Star; without `metric` it is named, and measured later.
    """

    name: str = ""
    metric: Metric | None = None
    parent: Driver | None = None
    edge: str = "influences"
    evidence: str = "assumed"
    lag_weeks: int = 0
    sensitivity: Decimal | None = None


def add(star: NorthStar, branch: Branch, *, actor: Any) -> Driver:
    """The new driver, last among those that hang from the same. Raises SteeringError."""
    with transaction.atomic():
        standing = _locked(star)
        if len(standing) >= tree.MOST_NODES:
            raise SteeringError(
                f"The tree has {len(standing)} drivers. More than that nobody can read: remove one first."
            )
        _check(star, branch, standing, driver=None)
        last = max((each.sort for each in standing), default=-1)
        driver = Driver.objects.create(north_star=star, sort=last + 1, **_fields(branch))
        record(DEED, star, actor=actor, after={"added": driver.name} | _told(branch))
        draw_again()
    return driver


def change(driver: Driver, branch: Branch, *, actor: Any) -> Driver:
    """The driver as it stands now; nothing is written where nothing changed. Raises SteeringError."""
    with transaction.atomic():
        star = driver.north_star
        standing = _locked(star)
        found = next((each for each in standing if each.pk == driver.pk), None)
        if found is None:
            raise SteeringError(f"{driver.name} was removed a moment ago.")
        _check(star, branch, standing, driver=found)
        before, wanted = _told(_branch_of(found)), _fields(branch)
        if all(getattr(found, name) == value for name, value in wanted.items()):
            return found
        for name, value in wanted.items():
            setattr(found, name, value)
        found.save(update_fields=list(wanted))
        record(DEED, star, actor=actor, before={"driver": driver.name} | before, after=_told(branch))
        draw_again()
    return found


def remove(driver: Driver, *, actor: Any) -> None:
    """Take a driver out of the tree; its metric stays. Raises SteeringError while others hang from it."""
    with transaction.atomic():
        standing = _locked(driver.north_star)
        below = [each.name for each in standing if each.parent_id == driver.pk]
        if below:
            raise SteeringError(
                f"{_listed(below)} {'hangs' if len(below) == 1 else 'hang'} from {driver.name}. "
                "Move or remove that first."
            )
        record(DEED, driver.north_star, actor=actor, before={"removed": driver.name})
        Driver.objects.filter(pk=driver.pk).delete()
        draw_again()


def move_up(driver: Driver, *, actor: Any) -> None:
    """Change places with the one before it under the same parent; the first one stays."""
    with transaction.atomic():
        standing = _locked(driver.north_star)
        row = [each for each in standing if each.parent_id == driver.parent_id]
        at = next((place for place, each in enumerate(row) if each.pk == driver.pk), 0)
        if not at:
            return
        standing.remove(row[at])
        standing.insert(standing.index(row[at - 1]), row[at])
        for place, each in enumerate(standing):
            each.sort = place
        Driver.objects.bulk_update(standing, ["sort"])
        record(DEED, driver.north_star, actor=actor, after={"moved up": driver.name})
        draw_again()


def warning(drivers: Sequence[Driver]) -> str:
    """A sentence where teams have too few or too many inputs to steer by, else empty."""
    count = len(tree.movable(drivers))
    if FEWEST_INPUTS <= count <= MOST_INPUTS:
        return ""
    noun = "input" if count == 1 else "inputs"
    return (
        f"{formatting.count_word(count)} measured {noun} for teams to move: "
        "three to six are easiest to steer by."
    )


def _locked(star: NorthStar) -> list[Driver]:
    # Two who edit at once could otherwise hang each other's drivers into a circle.
    NorthStar.objects.select_for_update().get(pk=star.pk)
    return list(star.drivers.select_related("metric", "parent"))


def _check(star: NorthStar, branch: Branch, standing: Sequence[Driver], *, driver: Driver | None) -> None:
    if branch.edge not in EDGES:
        raise SteeringError("Say how it moves what it hangs from.", "edge")
    if branch.evidence not in EVIDENCE:
        raise SteeringError("Say how we know.", "evidence")
    if not branch.name.strip() and branch.metric is None:
        raise SteeringError("Give it a name, or choose its metric.", "name")
    if not 0 <= branch.lag_weeks <= LONGEST_LAG:
        raise SteeringError(f"A delay is 0 to {LONGEST_LAG} weeks.", "lag_weeks")
    others = [each for each in standing if driver is None or each.pk != driver.pk]
    _check_metric(star, branch, others)
    _check_place(branch, standing, driver=driver)
    _check_edges(star, branch, others)


def _check_metric(star: NorthStar, branch: Branch, others: Sequence[Driver]) -> None:
    metric = branch.metric
    if metric is None:
        if branch.sensitivity is not None:
            raise SteeringError("An effect can be told once it is measured. Leave it empty.", "sensitivity")
        return
    if branch.sensitivity is not None and abs(branch.sensitivity) >= MAX_MAGNITUDE:
        raise SteeringError("The effect is too large: less than 1e15 is kept.", "sensitivity")
    if metric.pk == metric_of(star).pk:
        raise SteeringError(
            f"{metric.name} is the North Star itself. Choose a metric that moves it.", "metric"
        )
    if metric.archived_at is not None:
        raise SteeringError(f"{metric.name} is archived. Choose one that is still measured.", "metric")
    if twin := next((each for each in others if each.metric_id == metric.pk), None):
        raise SteeringError(f"{metric.name} is in the tree already, as {twin.name}.", "metric")


def _check_place(branch: Branch, standing: Sequence[Driver], *, driver: Driver | None) -> None:
    """No circle, no stranger, at most three levels."""
    levels = {each.pk: level for level, each in tree.walk(standing)}
    parent = branch.parent
    if parent is not None and parent.pk not in levels:
        raise SteeringError("What it hangs from is not in the tree any more. Choose again.", "parent")
    height = 1
    if driver is not None:
        below = _below(driver, standing)
        if parent is not None and (parent.pk == driver.pk or parent.pk in below):
            raise SteeringError(f"{driver.name} cannot hang from itself or from what it holds.", "parent")
        height = 1 + max((levels[pk] - levels[driver.pk] for pk in below), default=0)
    level = (levels[parent.pk] if parent is not None else 0) + height
    if level > tree.MOST_LEVELS:
        raise SteeringError(
            "A tree has three levels under the North Star; here it would have more. "
            "Hang it one level further up.",
            "parent",
        )


def _check_edges(star: NorthStar, branch: Branch, others: Sequence[Driver]) -> None:
    """A product or a sum, never half of each: what hangs beside it says which."""
    over = branch.parent.name if branch.parent is not None else star.name
    parent_id = branch.parent.pk if branch.parent is not None else None
    edges = {each.edge for each in others if each.parent_id == parent_id}
    if branch.edge == "factor" and "addend" in edges:
        raise SteeringError(f"{over} is a sum of parts already. A factor does not fit beside them.", "edge")
    if branch.edge == "addend" and "factor" in edges:
        raise SteeringError(
            f"{over} is a product of factors already. A part does not fit beside them.", "edge"
        )


def _below(driver: Driver, standing: Sequence[Driver]) -> set[int]:
    below = tree.children(standing)
    found: set[int] = set()
    waiting = [driver.pk]
    while waiting:
        held = [each.pk for each in below.get(waiting.pop(), ()) if each.pk not in found]
        found.update(held)
        waiting += held
    return found


def _fields(branch: Branch) -> dict[str, Any]:
    return {
        "name": branch.name.strip() or str(branch.metric),
        "metric": branch.metric,
        "parent": branch.parent,
        "edge": branch.edge,
        "evidence": branch.evidence,
        "expected_lag_weeks": branch.lag_weeks,
        "sensitivity": branch.sensitivity,
    }


def _branch_of(driver: Driver) -> Branch:
    return Branch(
        driver.name,
        driver.metric,
        driver.parent,
        driver.edge,
        driver.evidence,
        driver.expected_lag_weeks,
        driver.sensitivity,
    )


def _told(branch: Branch) -> dict[str, Any]:
    return {
        "name": branch.name.strip() or str(branch.metric),
        "metric": branch.metric or "not measured yet",
        "hangs from": branch.parent or "the North Star",
        "edge": branch.edge,
        "evidence": branch.evidence,
        "delay in weeks": branch.lag_weeks,
    } | ({} if branch.sensitivity is None else {"sensitivity": branch.sensitivity})


def _listed(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
