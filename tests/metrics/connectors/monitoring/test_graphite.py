"""Graphite as a source: a real graphite-web over whisper files, and answers that it may give."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors.base import Answer, ConnectorError
from metrics.connectors.monitoring.graphite import GraphiteConnector
from metrics.models import Company
from northstar.lib import periods
from tests.metrics.connectors.monitoring import shop
from tests.metrics.connectors.monitoring.shop import LONG_SUNDAY, QUIET_WEEK, SILENT_DAY
from tests.services.counterpart import serving
from tests.services.prometheus import Server

ORDERS = "sumSeries(orders.*)"


def fetched(url: str, query: str = ORDERS, **changes: Any) -> Answer:
    more = {name: changes.pop(name) for name in ("second", "how") if name in changes}
    with GraphiteConnector(GraphiteConnector.clean_settings({"url": url}), {}, egress=shop.OPEN) as source:
        return source.fetch(shop.asking({"query": query, **more}, **changes))


def values(answer: Answer) -> dict[date, Decimal | None]:
    return {row.period_start: row.value for row in answer.rows}


def points(*pairs: tuple[Any, Any], target: str = "orders") -> str:
    return json.dumps([{"target": target, "datapoints": [list(pair) for pair in pairs]}])


@pytest.mark.django_db
@pytest.mark.one_database
@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_what_the_real_pull_stores_is_what_was_written(
    graphite_server: Server, company: Company, clock: object, settings: Any, grain: str
) -> None:
    settings.EGRESS_LOOPBACK = True
    source = shop.source_of("graphite", {"url": graphite_server.url})
    found = shop.stored(source, {"query": ORDERS}, grain=grain)
    truth = shop.truth(grain)
    assert {start: value for start, value in found.items() if value is not None} == truth
    assert {start for start, value in found.items() if value is None} == {
        start
        for start in periods.starts(date(2026, 9, 28), date(2026, 11, 18), grain)
        if start < min(truth) or (grain == "day" and start == SILENT_DAY)
    }


def test_the_sunday_of_25_hours_has_25_points(graphite_server: Server) -> None:
    answer = fetched(graphite_server.url, preview=True, **(shop.DAYS | {"start": LONG_SUNDAY}))
    assert answer.sample[0][:5] == (
        "2026-10-25", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z", "25", "0",
    )  # fmt: skip
    assert answer.sample[5][3:] == ("24", "24", "no data")
    assert answer.request.startswith(f"GET {graphite_server.url}/render?target=sumSeries(orders.*)&from=")


@pytest.mark.parametrize(
    "how, expected", [("sum", "60"), ("average", "2.5"), ("last", "2.5"), ("max", "2.5"), ("min", "2.5")]
)
def test_points_are_gathered_as_chosen(graphite_server: Server, how: str, expected: str) -> None:
    found = values(fetched(graphite_server.url, "orders.wedding", how=how, **shop.DAYS))
    assert found[date(2026, 11, 3)] == Decimal(expected)


def test_a_share_has_its_numerator_and_denominator(graphite_server: Server) -> None:
    rows = fetched(graphite_server.url, "sumSeries(errors.*)", second=ORDERS, kind="ratio").rows
    errors, orders = shop.truth("week", "errors"), shop.truth("week")
    assert QUIET_WEEK not in errors
    assert {row.period_start: (row.numerator, row.denominator) for row in rows} == {
        week: (errors[week], orders[week]) for week in errors
    }


def test_an_average_has_its_weight_added_up(graphite_server: Server) -> None:
    rows = fetched(
        graphite_server.url, "orders.wedding", second="orders.wedding", how="average", kind="average"
    ).rows
    assert (rows[0].value, rows[0].denominator) == (Decimal("2.5"), 7 * 24 * Decimal("2.5"))


def test_several_series_are_named(graphite_server: Server) -> None:
    with pytest.raises(ConnectorError) as refused:
        fetched(graphite_server.url, "orders.*")
    assert refused.value.code == "schema"
    assert refused.value.message == (
        "The target gives 2 series: orders.mitte, orders.wedding. Make it one, such as sumSeries(…)."
    )


def test_an_unknown_function_says_where_to_look(graphite_server: Server) -> None:
    with pytest.raises(ConnectorError) as refused:
        fetched(graphite_server.url, "nofunc(orders.*)")
    assert refused.value.code == "query"
    assert refused.value.message.endswith("Check the names and brackets of the target, and the address.")


def test_a_target_without_series_is_missing_and_noted(graphite_server: Server) -> None:
    answer = fetched(graphite_server.url, "sumSeries(nothing.*)")
    assert answer.rows == ()
    assert answer.notes[0].startswith("Graphite finds no series for this target in that time.")


def test_a_check_connects(graphite_server: Server) -> None:
    settings = GraphiteConnector.clean_settings({"url": graphite_server.url})
    with GraphiteConnector(settings, {}, egress=shop.OPEN) as source:
        assert source.check() == ("Connected: the render API answers.",)


MONDAY = 1793574000  # midnight of 2 November 2026 in Berlin
WEEK = {"start": QUIET_WEEK, "end": QUIET_WEEK.replace(day=9)}
DAY = {"start": QUIET_WEEK, "end": QUIET_WEEK.replace(day=3), "grain": "day"}


@pytest.mark.parametrize(
    "said, code, words",
    [
        ("{}", "schema", "This is no answer of Graphite's render API."),
        ('[{"target": "a"}]', "schema", "This is no answer of Graphite's render API."),
        (points((1, None)), "schema", "A point of Graphite's answer is not a value with its time."),
        (points(("12,5", MONDAY)), "schema", "The point of 2026-11-01 23:00: "),
        (points((True, MONDAY)), "schema", "true is not a number"),
        ('[{"target": "a", "datapoints": [[1e999, 1793574000]]}]', "schema", "The point of 2026-11-01"),
        ('[{"target": "a", "datapoints": [[Infinity, 1793574000]]}]', "schema", "The point of 2026-11-01"),
        ((500, "text/plain", "boom"), "connection", "has trouble of its own (status 500)"),
    ],
)  # fmt: skip
def test_each_wrong_answer_has_its_sentence(said: Any, code: str, words: str) -> None:
    with serving(lambda asked: said) as counterpart, pytest.raises(ConnectorError) as refused:
        fetched(counterpart.url, **WEEK)
    assert refused.value.code == code
    assert words in refused.value.message


def test_points_are_counted_from_the_first_second_to_the_last_of_a_period() -> None:
    said = points(
        (100, MONDAY - 1), (1, MONDAY), (None, MONDAY + 60), (2, MONDAY + 86399), (100, MONDAY + 86400)
    )
    with serving(lambda asked: said) as counterpart:
        answer = fetched(counterpart.url, **DAY)
        assert values(answer) == {QUIET_WEEK: 3}
        (asked,) = counterpart.asked
    # Graphite leaves the first moment of its range out and takes the last one.
    assert (asked.form["from"], asked.form["until"]) == (str(MONDAY - 1), str(MONDAY + 86400 - 1))


def test_a_point_that_stands_for_more_than_the_period_is_left_out() -> None:
    said = points((7, MONDAY), (8, MONDAY + 7 * 86400))
    with serving(lambda asked: said) as counterpart:
        answer = fetched(counterpart.url, **DAY)
    assert answer.rows == ()
    assert answer.notes == (
        "Left out from 2026-11-02 on: Graphite keeps one point for 168 hours there, "
        "which is more than a day.",
    )


def test_points_of_utc_days_are_noted_as_a_rough_cut() -> None:
    said = points((7, MONDAY + 3600), (8, MONDAY + 3600 + 86400))
    with serving(lambda asked: said) as counterpart:
        answer = fetched(counterpart.url, **DAY)
    assert values(answer) == {QUIET_WEEK: 7}
    assert "do not begin where a day of Europe/Berlin does" in answer.notes[0]


def test_two_years_are_asked_by_the_month() -> None:
    with serving(lambda asked: "[]") as counterpart:
        fetched(counterpart.url, start=date(2024, 11, 18), end=date(2026, 11, 19), grain="day")
        assert len(counterpart.asked) == 23
