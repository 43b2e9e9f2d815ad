"""What a server of Prometheus' API may answer beside a number: sign-ins, warnings, other things (F34)."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from metrics.connectors.base import Answer, ConnectorError
from metrics.connectors.monitoring.prometheus import PrometheusConnector
from tests.metrics.connectors.monitoring import shop
from tests.services.counterpart import Counterpart, serving

ONE = {"resultType": "vector", "result": [{"metric": {}, "value": [1, "1"]}]}
SECRET = "marker-9c2e"


def vector(*values: str, **more: Any) -> str:
    result = [{"metric": {"pod": f"p{n}"}, "value": [1, value]} for n, value in enumerate(values)]
    return json.dumps({"status": "success", "data": {"resultType": "vector", "result": result}, **more})


def fetched(
    counterpart: Counterpart, secrets: dict[str, str] | None = None, *, query: str = "x", **settings: Any
) -> Answer:
    cleaned = PrometheusConnector.clean_settings({"url": counterpart.url, **settings})
    with PrometheusConnector(cleaned, secrets or {}, egress=shop.OPEN) as source:
        ask = shop.asking({"query": query}, start=shop.QUIET_WEEK, end=shop.QUIET_WEEK.replace(day=9))
        return source.fetch(ask)


def refusal(said: Any, **more: Any) -> ConnectorError:
    with serving(lambda asked: said) as counterpart, pytest.raises(ConnectorError) as refused:
        fetched(counterpart, **more)
    assert SECRET not in refused.value.message
    return refused.value


@pytest.mark.parametrize("value", ["NaN", "nan"])
def test_not_a_number_and_no_series_are_missing(value: str) -> None:
    for said in (vector(value), vector()):
        with serving(lambda asked, said=said: said) as counterpart:
            assert fetched(counterpart).rows == ()


@pytest.mark.parametrize("value", ["+Inf", "-Inf", "Inf"])
def test_infinity_is_refused(value: str) -> None:
    error = refusal(vector(value))
    assert error.message == (
        f"Period 2026-11-02: the answer is {value}, so something was divided by zero. "
        "Guard the divisor, or ask for numerator and denominator apart."
    )


@pytest.mark.parametrize("value", ["12,5", "", "1_000", "٣", "1e400", "0x10", " 5"])
def test_text_that_is_no_number_is_refused(value: str) -> None:
    error = refusal(vector(value))
    assert (error.code, error.permanent) == ("schema", True)
    assert error.message.startswith("Period 2026-11-02: ")


def test_warnings_and_infos_are_notes_each_once() -> None:
    said = vector("5", warnings=["store gateway is gone"], infos=["metric might not be a counter"])
    with serving(lambda asked: said) as counterpart:
        assert fetched(counterpart).notes == (
            "The server says: store gateway is gone", "The server says: metric might not be a counter",
        )  # fmt: skip


def test_many_series_are_counted_and_three_are_named() -> None:
    error = refusal(vector("1", "2", "3", "4", "5"))
    assert error.message == (
        'Period 2026-11-02: the expression gives 5 series: {pod="p0"}, {pod="p1"}, {pod="p2"} and 2 more. '
        "Make it one, such as sum(…)."
    )


@pytest.mark.parametrize(
    "said, code, words",
    [
        ("<html>sign in</html>", "schema", "The answer is a web page"),
        ((200, "text/html", "<html>"), "schema", "It may be a sign-in page"),
        ('{"results": []}', "schema", "This is no answer of Prometheus. Check the address."),
        ("[]", "schema", "This is no answer of Prometheus."),
        ('{"status": "error", "error": "too bad"}', "schema", "This is no answer of Prometheus: too bad."),
        ('{"status": "success", "data": {"resultType": "matrix", "result": []}}', "schema", "Wrap it"),
        ('{"status": "success", "data": {"resultType": "string", "result": [1, "a"]}}', "schema", "text"),
        ('{"status": "success", "data": {"resultType": "vector", "result": [{"histogram": []}]}}', "schema",
         "A histogram needs histogram_quantile(…)."),
        ('{"status": "success", "data": 5}', "schema", "gives text"),
        ((400, "application/json", '{"status": "error", "error": "parse error: unexpected )"}'), "query",
         "It says: “parse error: unexpected )”"),
        ((503, "application/json", '{"status": "error", "error": "query timed out"}'), "connection",
         "has trouble of its own (status 503)"),
        ((401, "text/plain", "who are you"), "auth", "does not accept the sign-in (status 401)"),
        ((404, "text/plain", "404 page not found"), "query", "has nothing at this address (status 404)"),
        ((302, "text/plain", ""), "query", "which is not followed"),
    ],
)  # fmt: skip
def test_each_wrong_answer_has_its_sentence(said: Any, code: str, words: str) -> None:
    error = refusal(said)
    assert error.code == code
    assert words.lower() in error.message.lower()


def test_it_signs_in_as_the_settings_say_and_shows_no_secret() -> None:
    basic = b64encode(f"reader:{SECRET}".encode()).decode()
    ways: list[tuple[dict[str, Any], str, str]] = [
        ({"sign_in": "basic", "user": "reader"}, "Authorization", f"Basic {basic}"),
        ({"sign_in": "token"}, "Authorization", f"Bearer {SECRET}"),
        ({"header_name": "X-Scope-OrgID"}, "X-Scope-OrgID", "tenant-4"),
    ]
    with serving(lambda asked: vector("1")) as counterpart:
        for settings, header, value in ways:
            answer = fetched(counterpart, {"secret": SECRET, "header_value": "tenant-4"}, **settings)
            assert counterpart.asked[-1].headers[header] == value
            assert SECRET not in repr(answer) and "tenant-4" not in repr(answer)


def test_a_server_that_repeats_the_secret_is_not_quoted_with_it() -> None:
    said = (400, "application/json", json.dumps({"error": f"no user {SECRET}"}))
    error = refusal(said, secrets={"secret": SECRET}, sign_in="token")
    assert "It says: “no user ••••”" in error.message


@pytest.mark.parametrize(
    "typed, secrets, field",
    [
        ({"sign_in": "basic"}, {"secret": "x"}, "user"),
        ({"sign_in": "basic", "user": "a:b"}, {"secret": "x"}, "user"),
        ({"sign_in": "token"}, {}, "secret"),
        ({"header_name": "X-Scope-OrgID"}, {}, "header_value"),
        ({"header_name": "Host"}, {"header_value": "x"}, "header_name"),
        ({"header_name": "a b"}, {"header_value": "x"}, "header_name"),
    ],
)
def test_a_sign_in_that_is_not_whole_names_the_field(
    typed: dict[str, Any], secrets: dict[str, str], field: str
) -> None:
    with serving(lambda asked: vector("1")) as counterpart, pytest.raises(ConnectorError) as refused:
        fetched(counterpart, secrets, **typed)
    assert (refused.value.field, counterpart.asked) == (field, [])


@pytest.mark.parametrize("secret", ["a\r\nX-Evil: 1", "ключ", "a\x00b"])
def test_a_secret_that_could_begin_another_header_is_refused(secret: str) -> None:
    with serving(lambda asked: vector("1")) as counterpart, pytest.raises(ConnectorError) as refused:
        fetched(counterpart, {"secret": secret}, sign_in="token")
    assert secret not in refused.value.message
    assert counterpart.asked == []


@pytest.mark.parametrize(
    "url",
    ["prometheus:9090", "ftp://a", "http://u:p@a", "http://a?x=1", "http://a/#x", "http://", "http://a b"],
)
def test_an_address_that_is_none_is_refused_at_its_field(url: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        PrometheusConnector.clean_settings({"url": url})
    assert (refused.value.code, refused.value.field) == ("config", "url")


def test_the_address_may_have_a_path_and_is_the_host_of_limits() -> None:
    settings = PrometheusConnector.clean_settings({"url": "https://mimir.example.com/prometheus/"})
    assert settings["url"] == "https://mimir.example.com/prometheus"
    assert PrometheusConnector.host_of(settings) == "mimir.example.com:443"
