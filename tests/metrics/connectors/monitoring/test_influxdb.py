"""InfluxQL as a source: a real InfluxDB 1, signed in as a user who can only read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors.base import Answer, ConnectorError
from metrics.connectors.monitoring.influxdb import InfluxdbConnector
from metrics.models import Company
from northstar.lib import periods
from tests.metrics.connectors.monitoring import shop
from tests.metrics.connectors.monitoring.shop import LONG_SUNDAY, QUIET_WEEK, SILENT_DAY
from tests.services import influxdb
from tests.services.counterpart import serving
from tests.services.prometheus import Server

ORDERS = 'SELECT sum("value") FROM "orders" WHERE $timeFilter'
ERRORS = "SELECT sum(value) FROM errors WHERE $timeFilter"
BY_DAY = f"{ORDERS} GROUP BY time(1d) fill(none) tz('Europe/Berlin')"
SECRETS = {"secret": influxdb.PASSWORD}


def settings_of(server: Server, **changes: Any) -> dict[str, Any]:
    typed = {"url": server.url, "database": influxdb.DATABASE, "sign_in": "basic", "user": influxdb.USER}
    return InfluxdbConnector.clean_settings(typed | changes)


def fetched(server: Server, query: str, secrets: dict[str, str] = SECRETS, **changes: Any) -> Answer:
    more = {name: changes.pop(name) for name in ("second", "empty") if name in changes}
    settings = {name: changes.pop(name) for name in ("database", "user") if name in changes}
    with InfluxdbConnector(settings_of(server, **settings), secrets, egress=shop.OPEN) as source:
        return source.fetch(shop.asking({"query": query, **more}, **changes))


def values(answer: Answer) -> dict[date, Decimal | None]:
    return {row.period_start: row.value for row in answer.rows}


def refusal(server: Server, query: str, **changes: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as refused:
        fetched(server, query, **changes)
    assert influxdb.PASSWORD not in refused.value.message
    return refused.value


@pytest.mark.django_db
@pytest.mark.one_database
@pytest.mark.parametrize(
    "grain, query", [("day", ORDERS), ("week", ORDERS), ("month", ORDERS), ("day", BY_DAY)],
    ids=["day", "week", "month", "group by"],
)  # fmt: skip
def test_what_the_real_pull_stores_is_what_was_written(
    influxdb_server: Server, company: Company, clock: object, settings: Any, grain: str, query: str
) -> None:
    settings.EGRESS_LOOPBACK = True
    source = shop.source_of("influxdb", settings_of(influxdb_server), SECRETS)
    found = shop.stored(source, {"query": query}, grain=grain)
    truth = shop.truth(grain)
    assert {start: value for start, value in found.items() if value is not None} == truth
    assert {start for start, value in found.items() if value is None} == {
        start
        for start in periods.starts(date(2026, 9, 28), date(2026, 11, 18), grain)
        if start < min(truth) or (grain == "day" and start == SILENT_DAY)
    }


def test_the_sunday_of_25_hours_is_one_day_either_way(influxdb_server: Server) -> None:
    count = "SELECT count(value) FROM orders WHERE branch = 'wedding' AND $timeFilter"
    for query in (count, f"{count} GROUP BY time(1d) fill(none) tz('Europe/Berlin')"):
        assert values(fetched(influxdb_server, query, **shop.DAYS))[LONG_SUNDAY] == 25


def test_fifty_periods_are_one_request(influxdb_server: Server) -> None:
    answer = fetched(influxdb_server, ORDERS, preview=True, **shop.DAYS)
    first, last = answer.request.count("SELECT"), answer.sample[0]
    assert first == 49
    assert last == ("2026-10-01", "2026-09-30T22:00:00.000Z", "2026-10-01T22:00:00.000Z", "no data")
    assert 'q: SELECT sum("value") FROM "orders" WHERE (time >= 1790805600000ms AND time < ' in answer.request


def test_nothing_found_is_zero_only_after_the_first_data(influxdb_server: Server) -> None:
    assert QUIET_WEEK not in values(fetched(influxdb_server, ERRORS))
    truth = shop.truth("week", "errors") | {QUIET_WEEK: Decimal(0)}
    assert values(fetched(influxdb_server, ERRORS, empty="zero")) == truth
    # Also where the range that is asked for begins with the quiet week.
    only = {"start": QUIET_WEEK, "end": QUIET_WEEK.replace(day=9)}
    assert values(fetched(influxdb_server, ERRORS, empty="zero", **only)) == {QUIET_WEEK: Decimal(0)}
    assert (
        values(fetched(influxdb_server, "SELECT sum(value) FROM nothing WHERE $timeFilter", empty="zero"))
        == {}
    )


def test_a_share_has_its_numerator_and_denominator(influxdb_server: Server) -> None:
    rows = fetched(influxdb_server, ERRORS, second=ORDERS, kind="ratio", empty="zero").rows
    errors, orders = shop.truth("week", "errors"), shop.truth("week")
    assert {row.period_start: (row.numerator, row.denominator) for row in rows} == {
        week: (errors.get(week, Decimal(0)), orders[week]) for week in orders
    }


@pytest.mark.parametrize(
    "query, code, words",
    [
        ("SELECT sum(value) FROM orders", "config", "has to name its time: WHERE $timeFilter."),
        ("DROP DATABASE shop", "config", "has to begin with SELECT."),
        (f"{ORDERS}; DROP DATABASE shop", "config", "Only one statement that reads is allowed"),
        ("SELECT sum(value) INTO x FROM orders WHERE $timeFilter", "config", "remove the semicolon, or INTO"),
        (f"{ORDERS} AND $interval", "config", "There is no placeholder $interval here."),
        (f"{ORDERS} GROUP BY time(1d)", "config", "needs fill(none) behind it"),
        (f"{ORDERS} GROUP BY time(1d) fill(none)", "schema", "where no week begins in Europe/Berlin."),
        (f"{ORDERS} GROUP BY branch", "schema", "gives 2 series: {'branch': 'mitte'}, "),
        ("SELECT value FROM orders WHERE $timeFilter", "schema", "rows. Aggregate it, such as sum(…)."),
        ("SELECT sum(value), max(value) FROM orders WHERE $timeFilter", "schema", "columns time, sum, max"),
        ("SELECT sum(value FROM orders WHERE $timeFilter", "query", "error parsing query"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_work_says_why(
    influxdb_server: Server, query: str, code: str, words: str
) -> None:
    error = refusal(influxdb_server, query)
    assert (error.code, error.permanent) == (code, True)
    assert words in error.message


def test_a_word_in_quotes_is_no_statement(influxdb_server: Server) -> None:
    query = "SELECT sum(value) FROM orders WHERE branch != 'into; drop' AND $timeFilter -- ; into"
    assert values(fetched(influxdb_server, query)) == shop.truth("week")


def test_a_wrong_password_and_a_foreign_database_have_their_own_sentences(influxdb_server: Server) -> None:
    error = refusal(influxdb_server, ORDERS, secrets={"secret": "wrong-one"})
    assert (error.code, error.permanent) == ("auth", True)
    error = refusal(influxdb_server, ORDERS, database="_internal")
    assert error.code == "auth"
    assert "not authorized" in error.message


def test_a_check_says_what_it_found(influxdb_server: Server) -> None:
    with InfluxdbConnector(settings_of(influxdb_server), SECRETS, egress=shop.OPEN) as source:
        assert source.check() == ("Connected: the database shop answers.",)


@pytest.mark.parametrize(
    "changes, field", [({"database": ""}, "database"), ({"language": "flux"}, "org"), ({"user": ""}, "user")]
)
def test_what_the_language_needs_is_asked_for(changes: dict[str, str], field: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        settings_of(Server("http://127.0.0.1:1", ""), **changes)
    assert refused.value.field == field


def rows_of(row: str, *, partial: str = "false") -> str:
    series = f'{{"columns": ["time", "sum"], "values": [{row}], "partial": {partial}}}'
    return f'{{"results": [{{"series": [{series}]}}]}}'


def answered(said: str) -> ConnectorError:
    with serving(lambda asked: said) as counterpart, pytest.raises(ConnectorError) as refused:
        fetched(Server(counterpart.url, ""), ORDERS, start=QUIET_WEEK, end=QUIET_WEEK.replace(day=9))
    return refused.value


@pytest.mark.parametrize(
    "said, words",
    [
        ("{}", "This is no answer of InfluxDB's /query."),
        ('{"results": []}', "InfluxDB answered fewer questions than were asked."),
        ('{"results": [5]}', "InfluxDB says: broken answer"),
        ('{"results": [{"series": 5}]}', "its series are no list of objects"),
        ('{"results": [{"series": [5]}]}', "its series are no list of objects"),
        (rows_of("[1]"), "a row of InfluxDB's answer is not a time with a value"),
        (rows_of('["x", 1]'), "a row of InfluxDB's answer is not a time with a value"),
        (rows_of("[1, true]"), "true is not a number"),
        (rows_of('[1, "12,5"]'), "'12,5' is not a number"),
        (rows_of("[1, 2]", partial="true"), "InfluxDB cut its answer short."),
    ],
)  # fmt: skip
def test_each_wrong_answer_has_its_sentence(said: str, words: str) -> None:
    assert words in answered(said).message
