"""What a preset makes of a question: parts of a long range, stocks of now, inputs that belong together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from metrics.connectors import registry
from metrics.connectors.base import ConnectorError
from metrics.connectors.preset import PresetConnector
from metrics.connectors.preset_filling import parts_of, without_empty
from tests.metrics.connectors.presets import analytics, billing
from tests.metrics.connectors.presets.replay import Asked, Case, LeadingEgress, Server, Service, Told, must


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


def opened(service: Service, server: Server) -> PresetConnector:
    cls = registry.connector_class(service.kind)
    assert issubclass(cls, PresetConnector)
    source = cls(service.settings, service.secrets, egress=LeadingEgress(server.port))
    source.around.sleep = lambda seconds: None
    return source


@pytest.mark.parametrize(
    ("grain", "start", "end", "days", "lengths"),
    [
        ("day", date(2025, 1, 1), date(2026, 1, 3), 365, [365, 2]),
        ("week", date(2026, 11, 2), date(2026, 11, 23), 20, [14, 7]),
        ("month", date(2026, 1, 1), date(2026, 6, 1), 92, [90, 61]),
        ("month", date(2026, 1, 1), date(2026, 3, 1), 7, [31, 28]),
        ("day", date(2026, 1, 1), date(2026, 1, 5), 0, [4]),
    ],
)
def test_a_long_range_is_cut_into_whole_periods(
    grain: str, start: date, end: date, days: int, lengths: list[int]
) -> None:
    ask = replace(Case("m", {}).ask(), grain=grain, start=start, end=end)
    parts = parts_of(ask, days)
    assert [(part.end - part.start).days for part in parts] == lengths
    assert [part.start for part in parts[1:]] == [part.end for part in parts[:-1]]
    assert (parts[0].start, parts[-1].end) == (start, end)


def test_two_years_are_asked_for_in_parts_and_joined(server: Server) -> None:
    spans: list[tuple[str, str]] = []

    def amplitude(asked: Asked, empty: bool) -> Told:
        first, last = date.fromisoformat(asked.params["start"]), date.fromisoformat(asked.params["end"])
        must((last - first).days < 365, "at most 365 days")
        spans.append((asked.params["start"], asked.params["end"]))
        days = [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]
        return Told({"data": {"series": [[1] * len(days)], "xValues": days}})

    service = replace(analytics.AMPLITUDE, answers=amplitude)
    case = Case("new_users", {}, grain="day", start=date(2024, 11, 18), end=date(2026, 11, 19))
    with server.serving(service), opened(service, server) as source:
        answer = source.fetch(case.ask())
    assert spans == [("20241118", "20251117"), ("20251118", "20261117"), ("20261118", "20261118")]
    assert len(answer.rows) == 731 and {row.value for row in answer.rows} == {1}
    assert [row.period_start for row in answer.rows] == sorted(row.period_start for row in answer.rows)


def test_a_stock_of_now_says_nothing_of_other_periods(server: Server) -> None:
    past = Case("active_subscriptions", {}, kind="snapshot_stock", grain="day", end=date(2026, 11, 18))
    with server.serving(billing.STRIPE_SERVICE), opened(billing.STRIPE_SERVICE, server) as source:
        nothing = source.fetch(past.ask())
        today = source.fetch(replace(past, end=date(2026, 11, 19)).ask())
    assert (nothing.rows, nothing.covers) == ((), (date(2026, 11, 2), date(2026, 11, 2)))
    assert nothing.notes == ("This is told for the present moment only; earlier periods stay as they are.",)
    assert today.covers == (date(2026, 11, 18), date(2026, 11, 19))


@pytest.mark.parametrize(
    ("kind", "query", "said"),
    [
        ("stripe", {"metric": "payments"}, "Currency is required for Payments received."),
        ("stripe", {"metric": "payments", "currency": "EUR"}, "Currency has to look like eur."),
        ("stripe", {"metric": "payments", "currency": "jpy"}, "Currency has to look like eur."),
        ("stripe", {"metric": "payments", "currency": "'||"}, "Currency has to look like eur."),
        ("stripe", {"metric": "profit"}, "Metric has to be one of: payments, refunds"),
        (
            "stripe",
            {"metric": "payments", "currency": "eur", "colour": "x"},
            "There is no setting called 'colour'.",
        ),
        ("posthog", {"metric": "events", "event": "x' OR '1'='1"}, "Event has to look like user signed up."),
        ("posthog", {"metric": "events", "event": "x{token}"}, "Event has to look like user signed up."),
        ("amplitude", {"metric": "events", "event": 'x","a":"'}, "Event has to look like Play Song."),
        (
            "jira",
            {"metric": "created_of_type", "project": "CORE", "type": '" OR 1'},
            "Issue type has to look like Bug.",
        ),
        ("jira", {"metric": "resolved", "project": "core x"}, "Project key has to look like CORE."),
        ("gitlab", {"metric": "merged", "project": "1/../2"}, "Project ID has to look like 278964."),
        (
            "mixpanel",
            {"metric": "property_sum", "event": "Buy", "property": 'a"] or 1'},
            "Property has to look like amount.",
        ),
    ],
)
def test_an_input_that_cannot_be_is_refused_at_its_field(kind: str, query: dict[str, Any], said: str) -> None:
    with pytest.raises(ConnectorError) as refused:
        registry.connector_class(kind).clean_query(query)
    assert (refused.value.code, refused.value.permanent) == ("config", True)
    assert refused.value.message.startswith(said)


def test_inputs_of_other_metrics_are_forgotten() -> None:
    cls = registry.connector_class("stripe")
    assert cls.clean_query({"metric": "new_customers", "currency": "eur"}) == {
        "metric": "new_customers",
        "currency": "",
    }


@pytest.mark.parametrize(
    ("kind", "grain", "said"),
    [
        ("ratio", "week", "Payments received is a sum of events. Choose that kind for the metric."),
        ("snapshot_stock", "day", "Payments received is a sum of events. Choose that kind for the metric."),
    ],
)
def test_a_metric_of_another_kind_is_refused(server: Server, kind: str, grain: str, said: str) -> None:
    case = Case("payments", {}, kind=kind, grain=grain, inputs={"currency": "eur"})
    with (
        server.serving(billing.STRIPE_SERVICE),
        opened(billing.STRIPE_SERVICE, server) as source,
        pytest.raises(ConnectorError) as refused,
    ):
        source.fetch(case.ask())
    assert refused.value.message == said and server.log == []


def test_what_holds_an_empty_input_is_left_out() -> None:
    body = {
        "a": "{x}",
        "b": [{"value": "{x}", "name": "n"}, {"value": "{y}"}],
        "c": ["{x}", "{y}"],
        "d": {"e": "{x}"},
    }
    assert without_empty(body, {"x": "", "y": "kept"}) == {"b": [{"value": "{y}"}], "c": ["{y}"], "d": {}}


def test_a_metric_without_its_place_says_which_field_is_needed() -> None:
    cls = registry.connector_class("matomo")
    with pytest.raises(ConnectorError) as refused:
        cls.clean_settings({"site": "1"})
    assert refused.value.message == "Name in the cloud or Own address is required."
    assert refused.value.field == "cloud"
    assert cls.host_of({"site": "1"}) == ""
