"""Every preset against a server that replays its documented answers: numbers, pages, sign-in, limits."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors import registry
from metrics.connectors.base import ConnectorError, Row
from metrics.connectors.preset import PresetConnector
from tests.metrics.connectors.presets import analytics, billing, code, crm, jira, support
from tests.metrics.connectors.presets.replay import Case, LeadingEgress, Server, Service

SERVICES = (
    *analytics.SERVICES,
    *billing.SERVICES,
    *code.SERVICES,
    *crm.SERVICES,
    *jira.SERVICES,
    *support.SERVICES,
)
ALL = pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.kind)
CASES = [(service, case) for service in SERVICES for case in service.cases]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.close()


def opened(service: Service, server: Server, **secrets: str) -> PresetConnector:
    cls = registry.connector_class(service.kind)
    settings = cls.clean_settings(service.settings)
    typed = cls.clean_secrets({**service.secrets, **secrets})
    source = cls(settings, typed, egress=LeadingEgress(server.port))
    assert isinstance(source, PresetConnector)
    source.around.sleep = lambda seconds: None  # the pace is the engine's business, and tested there
    return source


def short(rows: tuple[Row, ...]) -> dict[str, Any]:
    """Rows as the cases write them: by month and day, a number or a pair."""
    return {f"{row.period_start:%m-%d}": _number(row) for row in rows}


def _number(row: Row) -> Any:
    if row.numerator is not None:
        return row.numerator, row.denominator
    return row.value if row.denominator is None else (row.value, row.denominator)


def exact(expected: Any) -> Any:
    if isinstance(expected, tuple):
        return tuple(Decimal(str(one)) for one in expected)
    return None if expected is None else Decimal(str(expected))


@pytest.mark.parametrize(("service", "case"), CASES, ids=[f"{s.kind}-{c.metric}-{c.grain}" for s, c in CASES])
def test_a_metric_gives_the_numbers_that_were_worked_out_by_hand(
    server: Server, service: Service, case: Case
) -> None:
    with server.serving(service), opened(service, server) as source:
        answer = source.fetch(case.ask())
    assert short(answer.rows) == {day: exact(number) for day, number in case.expected.items()}
    assert len(server.log) >= case.requests
    assert answer.columns and answer.sample and all(any(cells) for cells in answer.sample)
    assert answer.request.startswith(("GET https://", "POST https://"))
    for secret in service.secrets.values():
        assert secret not in answer.request
        assert not any(secret in asked.address for asked in server.log)


@ALL
def test_every_metric_of_the_file_is_tried(service: Service) -> None:
    preset = registry.connector_class(service.kind).preset  # type: ignore[attr-defined]
    assert {metric.key for metric in preset.metrics} == {case.metric for case in service.cases}
    for case in service.cases:
        assert preset.metric(case.metric).kind == case.kind


@ALL
def test_the_check_says_that_the_sign_in_is_accepted(server: Server, service: Service) -> None:
    with server.serving(service), opened(service, server) as source:
        (note,) = source.check()
    assert note.endswith("accepts the sign-in.")


@ALL
def test_a_wrong_sign_in_is_refused_for_good(server: Server, service: Service) -> None:
    wrong = {name: _changed(text) for name, text in service.secrets.items()}
    with server.serving(service), opened(service, server, **wrong) as source:
        for attempt in (source.check, lambda: source.fetch(service.cases[0].ask())):
            with pytest.raises(ConnectorError) as refused:
                attempt()
            assert (refused.value.code, refused.value.permanent) == ("auth", True)
            assert not any(secret in refused.value.message for secret in wrong.values())


@ALL
def test_too_many_requests_are_told_with_the_time_to_wait(server: Server, service: Service) -> None:
    with (
        server.serving(service, "limited"),
        opened(service, server) as source,
        pytest.raises(ConnectorError) as refused,
    ):
        source.fetch(service.cases[0].ask())
    assert (refused.value.code, refused.value.permanent) == ("rate_limited", False)
    assert refused.value.retry_after == (None if service.wait is None else pytest.approx(service.wait, abs=2))


@ALL
def test_a_service_that_has_nothing_gives_zero_or_nothing(server: Server, service: Service) -> None:
    for case in service.cases:
        with server.serving(service, "empty"), opened(service, server) as source:
            rows = source.fetch(case.ask()).rows
        values = [row.value for row in rows if not row.is_missing]
        assert all(value == 0 for value in values), case.metric


def _changed(secret: str) -> str:
    return analytics.STRANGE_FILE if secret.startswith("{") else f"{secret}-wrong"
