"""The metric tree as rows: who hangs from whom, how deep, and which of them teams can move."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from metrics.models import Driver

MOST_LEVELS = 3
MOST_NODES = 29


def children(drivers: Iterable[Driver]) -> dict[int | None, list[Driver]]:
    """The drivers by the id of what they hang from, None for the North Star itself, in their order."""
    found: dict[int | None, list[Driver]] = {}
    for driver in drivers:
        found.setdefault(driver.parent_id, []).append(driver)
    return found


def walk(drivers: Sequence[Driver]) -> Iterator[tuple[int, Driver]]:
    """(level, driver) from the top down, each followed by what hangs from it; level 1 hangs from the star."""
    below = children(drivers)

    def visit(parent: int | None, level: int) -> Iterator[tuple[int, Driver]]:
        for driver in below.get(parent, ()):
            yield level, driver
            yield from visit(driver.pk, level + 1)

    return visit(None, 1)


def movable(drivers: Sequence[Driver]) -> list[Driver]:
    """The measured inputs that teams push: the beliefs, or the leaves of the formula where none is named."""
    measured = [driver for _, driver in walk(drivers) if driver.metric_id is not None]
    parents = {driver.parent_id for driver in drivers}
    beliefs = [driver for driver in measured if driver.edge == "influences"]
    return beliefs or [driver for driver in measured if driver.pk not in parents]
