"""Flux as a source: a counterpart that replays the annotated CSV as InfluxDB 2 documents it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors.base import Answer, ConnectorError
from metrics.connectors.monitoring.influxdb import InfluxdbConnector
from tests.metrics.connectors.monitoring import shop
from tests.services.counterpart import Asked, serving

TOKEN = "marker-token-4d1c"
SUM = 'from(bucket: "shop") |> range(start: v.timeRangeStart, stop: v.timeRangeStop) |> sum()'
ANNOTATIONS = (
    "#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,string,{type}\r\n"
    "#group,false,false,true,true,true,false\r\n"
    "#default,_result,,,,,\r\n"
    ",result,table,_start,_stop,region,_value\r\n"
)
# The example of the documentation, whose annotations stand in another order.
DOCUMENTED = """\
#group,false,false,true,true,false,false,true,true,true,true
#datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,double,string,string,string,string
#default,mean,,,,,,,,,
,result,table,_start,_stop,_time,_value,_field,_measurement,host,region
,,0,2022-12-31T05:41:24Z,2023-01-31T05:41:24.001Z,2023-01-01T00:52:00Z,15.43,mem,m,A,east
,,1,2022-12-31T05:41:24Z,2023-01-31T05:41:24.001Z,2023-01-01T00:52:00Z,59.25,mem,m,B,east
,,2,2022-12-31T05:41:24Z,2023-01-31T05:41:24.001Z,2023-01-01T00:52:00Z,52.62,mem,m,C,east
"""
ERROR = "#datatype,string,long\r\n,error,reference\r\n,Failed to parse query,897\r\n"


def table(*values: str, type: str = "double") -> str:
    times = "2026-11-01T23:00:00Z,2026-11-08T23:00:00Z"
    rows = "".join(f",,{number},{times},r{number},{value}\r\n" for number, value in enumerate(values))
    return ANNOTATIONS.format(type=type) + rows + "\r\n"


def csv(text: str) -> Callable[[Asked], tuple[int, str, str]]:
    return lambda asked: (200, "text/csv; charset=utf-8", text)


def fetched(answer: Callable[[Asked], Any], query: str = SUM, **changes: Any) -> tuple[Answer, list[Asked]]:
    with serving(answer) as counterpart:
        typed = {"url": counterpart.url, "language": "flux", "org": "shop", "sign_in": "token"}
        settings = InfluxdbConnector.clean_settings(typed)
        with InfluxdbConnector(settings, {"secret": TOKEN}, egress=shop.OPEN) as source:
            ask = {"start": shop.QUIET_WEEK, "end": shop.QUIET_WEEK.replace(day=9), **changes}
            return source.fetch(shop.asking({"query": query}, **ask)), counterpart.asked


def refusal(answer: Callable[[Asked], Any], query: str = SUM) -> ConnectorError:
    with pytest.raises(ConnectorError) as refused:
        fetched(answer, query)
    assert TOKEN not in refused.value.message
    return refused.value


def test_each_period_is_asked_for_at_its_exact_instants() -> None:
    answer, asked = fetched(csv(table("42.5")), start=date(2026, 10, 19), end=date(2026, 11, 2))
    assert {row.period_start: row.value for row in answer.rows} == dict.fromkeys(
        (date(2026, 10, 19), date(2026, 10, 26)), Decimal("42.5")
    )
    scripts = [json.loads(one.body)["query"] for one in asked]
    # The week in which the clocks go back lasts 169 hours.
    assert "range(start: 2026-10-18T22:00:00.000Z, stop: 2026-10-25T23:00:00.000Z)" in scripts[0]
    assert "range(start: 2026-10-25T23:00:00.000Z, stop: 2026-11-01T23:00:00.000Z)" in scripts[1]
    assert (asked[0].path, asked[0].form["org"]) == ("/api/v2/query", "shop")
    assert asked[0].headers["Authorization"] == f"Token {TOKEN}"


@pytest.mark.parametrize(
    "value, type, stored",
    [
        ("15.43", "double", "15.43"),
        ("15", "long", "15"),
        ("7", "unsignedLong", "7"),
        ("1e3", "double", "1000"),
    ],
)
def test_typed_numbers_are_read(value: str, type: str, stored: str) -> None:
    assert fetched(csv(table(value, type=type)))[0].rows[0].value == Decimal(stored)


@pytest.mark.parametrize("text", ["", "\r\n", table(""), table("NaN"), table()])
def test_no_table_no_value_and_not_a_number_are_missing(text: str) -> None:
    assert fetched(csv(text))[0].rows == ()


def test_an_empty_cell_takes_the_default_of_its_column() -> None:
    text = table("").replace("#default,_result,,,,,", "#default,_result,,,,,9.5")
    assert fetched(csv(text))[0].rows[0].value == Decimal("9.5")


@pytest.mark.parametrize(
    "text, code, words",
    [
        (table("1", "2"), "schema", "the answer has 2 rows: region=r0; region=r1. Make it one"),
        (DOCUMENTED, "schema", "the answer has 3 rows: host=A, region=east; host=B, region=east; host=C"),
        (table("true", type="boolean"), "schema", "_value is of type boolean, not a number."),
        (table("x", type="string"), "schema", "_value is of type string, not a number."),
        (table("+Inf"), "schema", "something was divided by zero"),
        (table("1").replace("_value", "total"), "schema", "no column _value; it has _start, "),
        (table("1") + ERROR, "query", "InfluxDB says: Failed to parse query"),
        (table("1").replace(",r0,1", ",r0"), "schema", "a row is shorter than its header"),
        (table('"1'), "schema", "not the annotated CSV"),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_one_number_says_why(text: str, code: str, words: str) -> None:
    error = refusal(csv(text))
    assert (error.code, error.permanent) == (code, True)
    assert words in error.message


@pytest.mark.parametrize(
    "query, words",
    [
        ('from(bucket: "shop") |> range(start: -7d)', "has to name its time"),
        (SUM + ' |> to(bucket: "other")', "only reads: leave to()"),
        (SUM + " |> window(every: v.windowPeriod)", "There is no v.windowPeriod here"),
    ],
)
def test_a_script_that_cannot_be_asked_is_not_sent(query: str, words: str) -> None:
    error = refusal(csv(table("1")), query)
    assert (error.code, error.field) == ("config", "query")
    assert words in error.message


def test_the_services_own_reason_is_told() -> None:
    said = json.dumps({"code": "invalid", "message": "compilation failed: undefined identifier"})
    error = refusal(lambda asked: (400, "application/json", said))
    assert error.code == "query"
    assert "It says: “compilation failed: undefined identifier”" in error.message
    assert refusal(lambda asked: (401, "application/json", "{}")).code == "auth"


def test_a_preview_shows_the_script_without_the_token() -> None:
    answer, _ = fetched(csv(table("42.5")), preview=True)
    assert "Authorization: •••" in answer.request
    assert "2026-11-01T23:00:00.000Z" in answer.request
    assert answer.sample == (
        ("2026-11-02", "2026-11-01T23:00:00.000Z", "2026-11-08T23:00:00.000Z", "42.5"),
    )  # fmt: skip
