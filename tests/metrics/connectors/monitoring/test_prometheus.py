"""PromQL as a source: a real Prometheus and a real VictoriaMetrics."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors.base import Answer, ConnectorError
from metrics.connectors.monitoring.prometheus import PrometheusConnector
from metrics.models import Company
from northstar.lib import periods
from tests.metrics.connectors.monitoring import shop
from tests.metrics.connectors.monitoring.shop import LONG_SUNDAY, QUIET_WEEK, SILENT_DAY
from tests.services.prometheus import Server

ORDERS = "sum(sum_over_time(orders[$__period]))"
ERRORS = "sum(sum_over_time(errors[$__period]))"


def connector(url: str, secrets: dict[str, str] | None = None, **settings: Any) -> PrometheusConnector:
    cleaned = PrometheusConnector.clean_settings({"url": url, **settings})
    return PrometheusConnector(cleaned, secrets or {}, egress=shop.OPEN)


def fetched(server: Server, query: str, **changes: Any) -> Answer:
    second = {name: changes.pop(name) for name in ("second", "empty") if name in changes}
    with connector(server.url) as source:
        return source.fetch(shop.asking({"query": query, **second}, **changes))


def values(answer: Answer) -> dict[date, Decimal | None]:
    return {row.period_start: row.value for row in answer.rows}


def refusal(server: Server, query: str, **changes: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as refused:
        fetched(server, query, **changes)
    return refused.value


@pytest.fixture
def loopback(settings: Any) -> None:
    settings.EGRESS_LOOPBACK = True


@pytest.mark.django_db
@pytest.mark.one_database
@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_what_the_real_pull_stores_is_what_was_written(
    server: Server, company: Company, clock: object, loopback: None, grain: str
) -> None:
    source = shop.source_of("prometheus", {"url": server.url})
    found = shop.stored(source, {"query": ORDERS}, grain=grain)
    truth = shop.truth(grain)
    assert {start: value for start, value in found.items() if value is not None} == truth
    first = min(truth)
    assert {start for start, value in found.items() if value is None} == {
        start
        for start in periods.starts(date(2026, 9, 28), date(2026, 11, 18), grain)
        if start < first or (grain == "day" and start == SILENT_DAY)
    }


def test_the_sunday_of_25_hours_has_25_and_the_day_after_24(server: Server) -> None:
    counted = values(
        fetched(server, 'sum(count_over_time(orders{branch="wedding"}[$__period]))', **shop.DAYS)
    )
    assert counted[LONG_SUNDAY] == 25
    assert counted[LONG_SUNDAY + timedelta(days=1)] == 24
    assert values(fetched(server, "vector($__seconds) and on() sum(stock)", **shop.DAYS)) == {}
    assert values(fetched(server, "vector($__seconds)", **shop.DAYS))[LONG_SUNDAY] == 25 * 3600


def test_the_period_under_way_looks_back_to_its_own_beginning(server: Server) -> None:
    found = values(fetched(server, 'sum(count_over_time(orders{branch="wedding"}[$__period]))', **shop.DAYS))
    assert found[date(2026, 11, 18)] == 11


def test_a_level_is_what_stands_at_the_end_of_the_period(server: Server) -> None:
    found = values(fetched(server, "sum(last_over_time(stock[1h]))", kind="snapshot_stock", **shop.DAYS))
    last_hour_of_monday = next(n for n, at in shop.hours() if at.isoformat() == "2026-11-09T22:00:00+00:00")
    assert found[date(2026, 11, 9)] == 1000 - last_hour_of_monday


def test_a_share_has_its_numerator_and_denominator(server: Server) -> None:
    rows = fetched(server, ERRORS, second=ORDERS, kind="ratio").rows
    errors, orders = shop.truth("week", "errors"), shop.truth("week")
    assert {row.period_start: (row.numerator, row.denominator) for row in rows} == {
        week: (errors[week], orders[week]) for week in errors
    }


def test_nothing_found_is_zero_only_where_the_server_recorded_anything(server: Server) -> None:
    assert QUIET_WEEK not in values(fetched(server, ERRORS))
    found = values(fetched(server, ERRORS, empty="zero"))
    assert found == shop.truth("week", "errors") | {QUIET_WEEK: Decimal(0)}


def test_an_average_without_its_weight_says_what_is_missing(server: Server) -> None:
    error = refusal(server, ORDERS, kind="average")
    assert (error.code, error.field, error.permanent) == ("config", "second", True)
    assert error.message == "A metric of this kind needs a second expression: its weight."


def test_several_series_are_named_and_nothing_is_taken(server: Server) -> None:
    error = refusal(server, "sum_over_time(orders[$__period])")
    assert error.code == "schema"
    assert "the expression gives 2 series: " in error.message
    assert '{branch="mitte"}' in error.message and error.message.endswith("Make it one, such as sum(…).")


def test_not_a_number_is_missing(server: Server) -> None:
    assert fetched(server, "vector(0) / vector(0)").rows == ()


@pytest.mark.parametrize("expression", ["vector(1) / vector(0)", "-vector(1) / vector(0)"])
def test_infinity_is_an_error_that_names_the_division(server: Server, expression: str) -> None:
    error = refusal(server, expression)
    assert (error.code, error.permanent) == ("schema", True)
    assert "Inf, so something was divided by zero." in error.message


def test_a_scalar_and_many_digits_are_read(server: Server) -> None:
    assert set(values(fetched(server, "scalar(vector(10) / 3)")).values()) == {Decimal("3.33333333333333")}


@pytest.mark.parametrize(
    "query, code, words",
    [
        ("sum(", "query", "refuses the question (status 4"),
        ("orders[$__interval]", "config", "There is no placeholder $__interval here. There are: $__period"),
        ("   ", "config", "Expression is required."),
    ],
)
def test_an_expression_that_cannot_work_says_why(server: Server, query: str, code: str, words: str) -> None:
    error = refusal(server, query)
    assert (error.code, error.permanent) == (code, True)
    assert words in error.message


def test_a_preview_shows_what_was_asked_and_what_came(server: Server) -> None:
    answer = fetched(server, ORDERS, preview=True)
    assert answer.columns == ("period", "evaluated at", "expression", "series", "value")
    assert answer.sample[2][:3] == ("2026-10-12", "2026-10-18T21:59:59.999Z", "Expression")
    assert answer.sample[0][3:] == ("", "empty")
    assert answer.request.startswith(f"POST {server.url}/api/v1/query\n")
    assert "query: sum(sum_over_time(orders[212400s]))\ntime: 1794995999.999" in answer.request
    assert answer.request.endswith("This is the last of 8 requests.")
    assert answer.mapping == (
        ("period", "each local week of Europe/Berlin"), ("value", "the expression in “Expression”"),
    )  # fmt: skip


def test_an_expression_that_looks_back_a_fixed_time_is_noted(server: Server) -> None:
    note = "The expression looks back a fixed time, whatever the length of the period. Write [$__period]."
    assert fetched(server, "sum(sum_over_time(orders[1d]))").notes == (note,)
    assert fetched(server, ORDERS).notes == ()


def test_a_check_connects(server: Server) -> None:
    with connector(server.url + "/") as source:
        assert source.check()[-1].startswith("Connected")


def test_what_does_not_fit_into_one_pull_is_the_oldest(prometheus_server: Server) -> None:
    answer = fetched(
        prometheus_server, "vector(1)", start=date(2020, 1, 1), end=date(2026, 11, 19), grain="day"
    )
    assert len(answer.rows) == 800
    assert answer.covers == (answer.rows[0].period_start, date(2026, 11, 19))
    assert answer.notes == (
        "Only the newest 800 of 2,514 periods were asked for: each is a question of its own, and a pull ends "
        "after 200 seconds. Fill in the rest in parts.",
    )


class Hurried(PrometheusConnector):
    deadline_seconds = 0.3


def test_a_slow_server_gives_the_newest_periods(prometheus_server: Server) -> None:
    with Hurried(Hurried.clean_settings({"url": prometheus_server.url}), {}, egress=shop.OPEN) as source:
        answer = source.fetch(
            shop.asking({"query": "vector(1)"}, start=date(2024, 12, 1), end=date(2026, 11, 19), grain="day")
        )
    assert 50 <= len(answer.rows) < 718
    assert answer.rows[-1].period_start == date(2026, 11, 18)
    assert answer.covers == (answer.rows[0].period_start, date(2026, 11, 19))
