"""A change is split along the formula exactly, names what is missing, and leaves the unexplained visible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from metrics.analysis.explanation import Comparison, Node, account, split
from metrics.analysis.points import Point
from metrics.connectors import demo_growth as growth
from metrics.connectors.demo_growth import Week

NEWEST = date(2026, 11, 9)
TWO_WEEKS = Comparison(1)


def brindlewick(read: Callable[[Week], float], whole: Callable[[Week], float] | None = None) -> list[Point]:
    """A series of the demo company, of a share with its parts."""
    found = []
    for index in range(-30, 1):
        row, start = growth.week(index), NEWEST + timedelta(weeks=index)
        below = None if whole is None else float(whole(row))
        value = read(row) if below is None else read(row) / below
        found.append(Point(start, float(value), None if below is None else float(read(row)), below))
    return found


def series(*values: float | None) -> list[Point]:
    first = NEWEST - timedelta(weeks=len(values) - 1)
    return [Point(first + timedelta(weeks=place), value) for place, value in enumerate(values)]


CREWS = Node(0, "Weekly active crews", brindlewick(lambda row: row.wac), "unique")
FACTORS = [
    Node(1, "Paying accounts", brindlewick(lambda row: row.accounts), "snapshot_stock", edge="factor"),
    Node(2, "Crews per account", brindlewick(lambda row: row.enabled, lambda row: row.accounts), "ratio",
         edge="factor"),
    Node(3, "Engaged share", brindlewick(lambda row: row.wac, lambda row: row.enabled), "ratio",
         edge="factor"),
]  # fmt: skip
FLOWS = [
    Node(4, "New crews", brindlewick(lambda row: row.new), "flow_sum", edge="inflow"),
    Node(5, "Reactivated crews", brindlewick(lambda row: row.reactivated), "flow_sum", edge="inflow"),
    Node(6, "Lapsed crews", brindlewick(lambda row: row.lapsed), "flow_sum", edge="outflow"),
]


def test_thirteen_weeks_of_the_demo_split_as_domain_says() -> None:
    found = split(CREWS, [*FACTORS, *FLOWS], Comparison(13))

    assert found is not None and not found.missing
    assert (found.before, found.after, found.last) == (4684, 4871, NEWEST)
    assert dict(found.steps) == pytest.approx({1: 253.06, 2: 25.99, 3: -92.05}, abs=0.005)
    assert found.rest == pytest.approx(0, abs=1e-9)


def test_means_of_four_weeks_leave_nothing_open_because_shares_are_weighed() -> None:
    found = split(CREWS, FACTORS, Comparison(13, 4))

    assert found is not None
    assert (found.before, found.after) == (4636.75, 4858.75)
    assert sum(value for _, value in found.steps) == pytest.approx(222)
    assert dict(found.steps)[3] == pytest.approx(-61.5, abs=0.05)


def test_what_came_and_went_adds_up_to_the_change() -> None:
    found = account(CREWS, FLOWS, 13)

    assert found is not None
    assert found.totals == ((4, 992), (5, 494), (6, -1299))
    assert (found.before, found.after, found.rest) == (4684, 4871, 0)
    assert found.quick == pytest.approx(1486 / 1299)
    assert len(found.weeks) == 13 and found.weeks[-1] == (NEWEST, ((4, 70), (5, 38), (6, -101)))
    assert found.leaving == {6}


def test_what_nobody_counted_stays_visible() -> None:
    found = account(CREWS, FLOWS[1:], 13)

    assert found is not None and found.rest == 992


def test_parts_that_do_not_close_leave_a_rest() -> None:
    root = Node(0, "Crews", series(100, 130), "unique")
    parts = [
        Node(1, "North", series(60, 75), "unique", edge="addend"),
        Node(2, "South", series(40, 45), "unique", edge="addend"),
    ]

    found = split(root, parts, TWO_WEEKS)

    assert found is not None
    assert found.steps == ((1, 15), (2, 5)) and found.rest == 10


def test_a_factor_that_was_nothing_is_split_by_shapley() -> None:
    root = Node(0, "Product", series(0, 18), "unique")
    factors = [
        Node(1, "A", series(0, 3), "unique", edge="factor"),
        Node(2, "B", series(5, 6), "unique", edge="factor"),
    ]

    found = split(root, factors, TWO_WEEKS)

    assert found is not None and dict(found.steps) == pytest.approx({1: 16.5, 2: 1.5})


DEEP = [
    Node(1, "Accounts", series(100, 120), "snapshot_stock", edge="factor"),
    Node(2, "Crews per account", series(2, 2), "average", edge="factor"),
    Node(3, "Small", series(60, 90), "unique", parent=1, edge="addend"),
    Node(4, "Large", series(40, 25), "unique", parent=1, edge="addend"),
    Node(5, "Belief", series(1, 2), "unique", parent=1, edge="influences"),
]


def test_a_deeper_level_shares_out_what_its_parent_has() -> None:
    found = split(Node(0, "Crews", series(200, 240), "unique"), DEEP, TWO_WEEKS)

    assert found is not None
    assert found.parts == pytest.approx({1: 40, 2: 0, 3: 60, 4: -30})
    assert dict(found.steps) == pytest.approx({1: 40, 2: 0})


@pytest.mark.parametrize(
    "broken", [{"points": None}, {"points": series(None, 25)}, {"trouble": "It is late."}]
)
def test_a_deeper_formula_that_is_not_whole_does_not_spoil_the_level_above(broken: dict[str, object]) -> None:
    nodes = [replace(node, **broken) if node.key == 4 else node for node in DEEP]  # type: ignore[arg-type]

    found = split(Node(0, "Crews", series(200, 240), "unique"), nodes, TWO_WEEKS)

    assert found is not None and found.parts == pytest.approx({1: 40, 2: 0})


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ({"points": None}, "Accounts is not measured yet, so the change cannot be split."),
        ({"points": []}, "Accounts has no complete week yet, so the change cannot be split."),
        ({"points": series(None, 120)}, "Accounts lacks the week that began on 2 Nov 2026"),
        ({"trouble": "it has failed for 3 days."}, "Accounts cannot be relied on now: it has failed"),
    ],
)
def test_an_input_that_is_missing_is_named_and_there_are_no_numbers(
    broken: dict[str, object], sentence: str
) -> None:
    nodes = [replace(DEEP[0], **broken), DEEP[1]]  # type: ignore[arg-type]

    found = split(Node(0, "Crews", series(200, 240), "unique"), nodes, TWO_WEEKS)

    assert found is not None and found.missing.startswith(sentence)
    assert found.steps == () and found.parts == {}


def test_the_newest_week_that_all_have_is_compared_for_a_month_at_most() -> None:
    root = Node(0, "Crews", series(*range(100, 112)), "unique")
    late = Node(1, "Accounts", series(*range(50, 62))[:-2], "unique", edge="addend")
    found = split(root, [late], TWO_WEEKS)
    assert found is not None and found.last == NEWEST - timedelta(weeks=2)

    later = replace(late, points=series(*range(50, 62))[:-5])
    found = split(root, [later], TWO_WEEKS)
    assert found is not None and found.missing.startswith("Accounts has no value of the last 4 weeks")


def test_months_are_compared_by_the_month() -> None:
    months = [Point(date(2026, month, 1), 100.0 * month) for month in range(6, 11)]
    root = Node(0, "Crews", months, "unique")

    found = split(root, [Node(1, "North", months, "unique", edge="addend")], Comparison(3), grain="month")

    assert found is not None and (found.before, found.after) == (700, 1000)


def test_beliefs_alone_cannot_be_split() -> None:
    assert split(CREWS, [replace(FACTORS[0], edge="influences")], Comparison(13)) is None
    assert account(CREWS, FACTORS, 13) is None
