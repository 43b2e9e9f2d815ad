"""HTTP and JSON: what an admin types becomes a question, and what cannot be one is told at its field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors.base import Ask, ConnectorError, Row
from metrics.connectors.http.json_kind import JsonConnector
from tests.metrics.connectors.asking import HERE, SECRET, asking
from tests.services.chaos import Chaos

QUESTION = {"path": "series", "params": "start = {start}\nend={end}", "rows": "data", "period": "day"}


@pytest.fixture
def chaos() -> Iterator[Chaos]:
    with Chaos() as source:
        source.series = {date(2026, 11, day): f"{day}00" for day in range(9, 19)}
        yield source


def source(chaos: Chaos, **settings: Any) -> JsonConnector:
    typed = {"address": f"{chaos.url}/", "auth": "bearer"} | settings
    return JsonConnector(JsonConnector.clean_settings(typed), {"token": SECRET}, egress=HERE)


def question(**changes: Any) -> Ask:
    return asking(query=JsonConnector.clean_query(QUESTION | changes))


def refusal(typed: dict[str, Any], *, of: Any) -> tuple[str, str]:
    with pytest.raises(ConnectorError) as refused:
        of(typed)
    assert (refused.value.code, refused.value.permanent) == ("config", True)
    return refused.value.field, refused.value.message


def test_a_question_is_asked_as_it_was_typed(chaos: Chaos) -> None:
    found = source(chaos, headers="X-Version: 3").fetch(question(scale="0.01"))
    assert found.rows[0] == Row(date(2026, 11, 9), value=Decimal(9))
    asked = chaos.asked[-1]
    assert (asked.path, asked.query) == ("/series", {"start": "2026-11-09", "end": "2026-11-19"})
    assert asked.headers["authorization"] == f"Bearer {SECRET}" and asked.headers["x-version"] == "3"


def test_a_week_is_gathered_from_days_as_chosen(chaos: Chaos) -> None:
    chaos.series = {date(2026, 11, 9): "1", date(2026, 11, 10): "1", date(2026, 11, 15): "7"}
    gathered = {"sum": "9", "count": "3", "mean": "3", "unique": "2", "last": "7"}
    for aggregate, value in gathered.items():
        ask = question(aggregate=aggregate)
        week = Ask("m", "flow_sum", "week", ask.query, ask.start, ask.end, ask.zone, ask.now)
        assert source(chaos).fetch(week).rows == (Row(date(2026, 11, 9), value=Decimal(value)),)
        assert (aggregate, "by week in Europe/Berlin") in source(chaos).fetch(week).mapping
    daily = Ask("m", "flow_sum", "week", question().query, ask.start, ask.end, ask.zone, ask.now)
    with pytest.raises(ConnectorError) as refused:
        source(chaos).fetch(daily)
    assert refused.value.message == (
        "Row 2: 2026-11-10 is a Tuesday; weeks start on Monday. "
        "Ask for weeks that begin in Europe/Berlin, or choose how rows are gathered by week."
    )


def test_the_test_says_whether_the_sign_in_is_accepted(chaos: Chaos) -> None:
    plain = "The address begins with http://, so the sign-in travels unencrypted."
    assert source(chaos, try_path="series").check() == ("The service answers.", plain)
    missing, _ = source(chaos).check()
    assert missing == "The service answers, but not at /: the sign-in may be untested."
    with pytest.raises(ConnectorError) as refused:
        source(chaos, try_path="locked").check()
    assert refused.value.code == "auth"


def test_an_address_decides_to_whom_secrets_go() -> None:
    before = JsonConnector.clean_settings({"address": "https://api.example.com/v2/"})
    assert before["address"] == "https://api.example.com/v2"
    assert JsonConnector.host_of(before) == "api.example.com:443"
    other = before | {"address": "https://api.example.org/v2"}
    assert JsonConnector.identity_changed(before, other)
    assert JsonConnector.identity_changed(before, before | {"token_url": "https://evil.example.com/"})
    assert not JsonConnector.identity_changed(before, before | {"try_path": "/me"})


@pytest.mark.parametrize(
    "typed, field, sentence",
    [
        (
            {"address": "ftp://example.com"},
            "address",
            "The address has to begin with https:// or",
        ),
        ({"address": "https://me:pw@example.com"}, "address", "The address holds a user name."),
        ({"address": "https://example.com/a?b=c"}, "address", "Parameters belong to the metric"),
        ({"address": "https://example.com/\\@evil"}, "address", "The base address ends with its path"),
        ({"headers": "Authorization: x"}, "headers", "The header Authorization is not typed here"),
        ({"headers": "no colon"}, "headers", "'no colon' is no line of the form name : value."),
        ({"auth": "oauth_client"}, "token_url", "This sign-in needs an address for tokens and a client."),
        ({"auth": "basic"}, "user", "This sign-in needs a user name."),
    ],
)
def test_settings_that_cannot_work(typed: dict[str, Any], field: str, sentence: str) -> None:
    found = refusal({"address": "https://example.com"} | typed, of=JsonConnector.clean_settings)
    assert found[0] == field and found[1].startswith(sentence)


@pytest.mark.parametrize(
    "typed, field, sentence",
    [
        ({"rows": "data[?"}, "rows", "The expression for rows, 'data[?', is not JMESPath"),
        ({"value": "a" * 250 + "["}, "value", "The expression for value"),
        ({"period": ""}, "period", "Period of a row is required."),
        ({"date_format": "dd.mm.yyyy"}, "date_format", "How dates are written has to be auto, unix"),
        ({"scale": "1,5"}, "scale", "Multiply values by: '1,5' is not a number: write 1.5."),
        ({"params": "token = abc"}, "params", "'token' does not belong into an address"),
        ({"path": "orders?api_key=abc"}, "path", "'api_key' does not belong into an address"),
        ({"path": "https://evil.example.com/"}, "path", "Path goes below the base address"),
        ({"method": "POST", "body": "{"}, "body", "Body is not JSON (character 2)."),
        ({"more": "[@,@]" + "|[@,@]" * 12}, "more", "The expression for more copies its input 8192 times."),
    ],
)
def test_questions_that_cannot_work(typed: dict[str, Any], field: str, sentence: str) -> None:
    found = refusal(QUESTION | typed, of=JsonConnector.clean_query)
    assert found[0] == field and found[1].startswith(sentence)


def test_a_placeholder_stays_in_its_place(chaos: Chaos) -> None:
    connector = source(chaos, user="../admin?x=1#")
    connector.around.sleep = lambda seconds: None
    with pytest.raises(ConnectorError):
        connector.fetch(question(path="users/{user}/series"))
    assert chaos.asked[-1].path == "/users/..%2Fadmin%3Fx%3D1%23/series"
    with pytest.raises(ConnectorError) as refused:
        connector.fetch(question(path="users/{nobody}"))
    assert refused.value.message.startswith("There is no placeholder {nobody}. Known are: address, auth,")
    found = question(
        method="POST", path="echo", params="", rows="`[]`", body='{"q": "{user}\\"", "n": "{unix_start}"}'
    )
    connector.fetch(found)
    assert chaos.asked[-1].body == '{"q": "../admin?x=1#\\"", "n": 1794178800}'


def test_a_pace_is_kept_within_a_pull(chaos: Chaos) -> None:
    waited: list[float] = []
    connector = source(chaos, per_minute=30)
    connector.around.sleep = waited.append
    connector.fetch(question(path="pages", paging="page", page_param="page", size_param="size", page_size=5))
    assert len(chaos.asked) == 3
    assert len(waited) == 2 and 1.5 < waited[0] <= 2.0


def test_what_stands_in_several_periods_counts_in_each(chaos: Chaos) -> None:
    chaos.series = {date(2026, 11, 9): "1", date(2026, 11, 10): "2"}
    typed = {"each": "period", "params": "", "period": "", "aggregate": "sum", "row_id": "day"}
    found = source(chaos).fetch(question(**typed))
    assert len(found.rows) > 2
    assert {row.value for row in found.rows} == {Decimal(3)}


def test_a_parameter_typed_twice_is_sent_twice(chaos: Chaos) -> None:
    ask = question(params="start = {start}\nend = {end}\nstatus = paid\nstatus = refunded")
    assert "status=paid&status=refunded" in source(chaos).fetch(ask).request


def test_pages_that_are_counted_by_rows_leave_no_row_out() -> None:
    typed = QUESTION | {"rows": "data[?status=='paid']", "paging": "offset", "page_param": "offset"}
    field, said = refusal(typed, of=JsonConnector.clean_query)
    assert field == "rows" and "Let a parameter filter" in said


def test_a_header_that_cannot_be_sent_is_refused_at_its_field() -> None:
    typed = {"address": "https://api.example.com", "headers": "X-Tenant: Müller"}
    assert refusal(typed, of=JsonConnector.clean_settings)[0] == "headers"
