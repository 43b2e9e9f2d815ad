"""A connector that somebody else wrote, doing its worst."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors import registry
from metrics.connectors.base import Ask, Connector, ConnectorError
from northstar.lib.egress import Egress
from tests.metrics.connectors.plugin_packages import Install, install

__all__ = ["install"]

SECRET = "marker-7f3a"
ASK = Ask(
    metric="m", kind="flow_sum", grain="week", query={"series": "a"}, start=date(2026, 11, 2),
    end=date(2026, 11, 23), zone="Europe/London", now=datetime(2026, 11, 18, 10, tzinfo=UTC),
)  # fmt: skip


@pytest.fixture
def ours(install: Install) -> Any:
    def made(code: str) -> type[Connector]:
        install("shop-ours", {"ours": "Ours"}, code)
        return registry.connector_class("ours")

    return made


def opened(found: type[Connector], settings: dict[str, Any] | None = None) -> Connector:
    return found(settings or {"place": "here"}, {"token": SECRET}, egress=Egress("admin"))


def refusal(found: type[Connector], ask: Ask = ASK) -> ConnectorError:
    with pytest.raises(ConnectorError) as refused, opened(found) as source:
        source.fetch(ask)
    return refused.value


def method(body: str, *, of: str = "fetch(self, ask)") -> str:
    return f"class Ours(Ours):\n    def {of}:\n        {body}\n"


def test_what_keeps_the_contract_passes_through(ours: Any) -> None:
    with opened(ours("")) as source:
        assert source.check() == ("It works.",)
        (row,) = source.fetch(ASK).rows
    assert (row.period_start, row.value) == (date(2026, 11, 2), Decimal(7))


@pytest.mark.parametrize(
    "body",
    [
        "raise KeyError(self.secrets['token'])",
        "raise SystemExit(3)",
        "return self.fetch(ask)",
        "import os; return Answer((Row(os.no_such_thing),))",
    ],
)
def test_whatever_it_raises_is_an_unexpected_error_without_its_text(
    ours: Any, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    error = refusal(ours(method(body)))
    assert error.code == "unexpected"
    assert error.message.startswith("The plug-in ours failed with ")
    assert "shop_ours.py" in caplog.text
    assert SECRET not in error.message + caplog.text


def test_its_own_sentences_arrive_without_the_secret(ours: Any) -> None:
    error = refusal(
        ours(method("raise ConnectorError('auth', 'no: ' + self.secrets['token'], permanent=True)"))
    )
    assert (error.code, error.message, error.permanent) == ("auth", "no: ••••", True)


def test_an_error_that_was_tampered_with_is_made_whole(ours: Any) -> None:
    body = "e = ConnectorError('auth', 'x'); e.code = 'party'; e.message = 5; e.retry_after = 'soon'; raise e"
    error = refusal(ours(method(body)))
    assert (error.code, error.message, error.retry_after) == (
        "unexpected", "The plug-in gave no reason.", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "rows, sentence",
    [
        ("None", "its rows are a NoneType instead of a tuple"),
        ("(1,)", "it returned a int instead of a Row"),
        ("(Row(datetime(2026, 11, 2)),)", "period_start is a datetime instead of a local date"),
        ("(Row('2026-11-02'),)", "period_start is a str instead of a local date"),
        ("(Row(date(2026, 11, 30), value=Decimal(1)),)", "2026-11-30 lies outside of 2026-11-02 to"),
        ("(Row(date(2026, 11, 4), value=Decimal(1)),)", "2026-11-04 is a Wednesday; weeks start on Monday"),
        ("(Row(ask.start, value=1.5),)", "Period 2026-11-02: a float instead of a Decimal"),
        ("(Row(ask.start, value=True),)", "Period 2026-11-02: a bool instead of a Decimal"),
        ("(Row(ask.start, value=Decimal('NaN')),)", "NaN is not a number that can be kept"),
        ("(Row(ask.start, value=Decimal('-Infinity')),)", "-Infinity is not a number"),
        ("(Row(ask.start, value=Decimal('1e400')),)", "is too large"),
        ("(Row(ask.start, numerator=Decimal(1)),)", "this kind of metric has a value, and no numerator"),
        ("(Row(ask.start), Row(ask.start))", "2026-11-02 is there twice"),
    ],
)  # fmt: skip
def test_rows_that_were_not_asked_for_are_refused(ours: Any, rows: str, sentence: str) -> None:
    error = refusal(ours(method(f"return Answer({rows})")))
    assert (error.code, error.permanent) == ("schema", True)
    assert error.message.startswith("The plug-in broke the contract: ")
    assert sentence in error.message


@pytest.mark.parametrize(
    "covers, sentence",
    [
        ("5", "what it covers is no pair of dates"),
        ("(ask.start, ask.now)", "what it covers is no pair of dates"),
        (
            "(date(2020, 1, 6), ask.end)",
            "covers reaches from 2020-01-06 to 2026-11-23, beyond what was asked",
        ),
        ("(date(2026, 11, 9), ask.end)", "a row lies outside of what it says it covers"),
    ],
)
def test_it_covers_no_more_than_was_asked_for(ours: Any, covers: str, sentence: str) -> None:
    error = refusal(ours(method(f"return Answer((Row(ask.start, value=Decimal(1)),), covers={covers})")))
    assert sentence in error.message


def test_what_it_covers_is_passed_on(ours: Any) -> None:
    body = "return Answer((Row(ask.start, value=Decimal(1)),), covers=(ask.start, date(2026, 11, 9)))"
    with opened(ours(method(body))) as source:
        assert source.fetch(ASK).covers == (date(2026, 11, 2), date(2026, 11, 9))


def test_rows_without_end_are_not_read_to_the_end(ours: Any) -> None:
    error = refusal(ours(method("from itertools import repeat; return Answer(repeat(Row(ask.start)))")))
    assert (error.code, error.message) == ("too_large", "The plug-in returned more than 100,000 rows.")


def test_anything_but_an_answer_is_refused(ours: Any) -> None:
    assert "it returned a dict instead of an Answer" in refusal(ours(method("return {}"))).message


def test_what_is_shown_beside_the_rows_is_cut_to_size_and_cleaned(ours: Any) -> None:
    body = (
        "return Answer((), columns=5, sample=(('a' * 9999, None),) * 99, "
        "notes=('n\\x00' + self.secrets['token'],), request='GET ' + self.secrets['token'], mapping=(1,))"
    )
    with opened(ours(method(body))) as source:
        answer = source.fetch(ASK)
    assert (answer.columns, answer.mapping, answer.notes, answer.request) == ((), (), ("n••••",), "GET ••••")
    assert len(answer.sample) == 20
    assert [len(cell) for cell in answer.sample[0]] == [200, 0]


def test_it_cannot_write_to_the_settings_it_was_handed(ours: Any) -> None:
    code = """
    class Ours(Ours):
        def __init__(self, settings, secrets, *, egress):
            settings["nested"]["place"] = "elsewhere"
            secrets.clear()
            super().__init__(settings, secrets, egress=egress)
    """
    handed = {"place": "here", "nested": {"place": "here"}}
    opened(ours(code), handed)
    assert handed == {"place": "here", "nested": {"place": "here"}}


@pytest.mark.parametrize(
    "of", ["__init__(self, settings, secrets, *, egress)", "__enter__(self)", "check(self)"]
)
def test_wherever_it_fails_it_is_its_own_error(ours: Any, of: str) -> None:
    found = ours(method("raise ValueError", of=of))
    with pytest.raises(ConnectorError) as refused, opened(found) as source:
        source.check()
    assert refused.value.code == "unexpected"


def test_closing_badly_hides_nothing(ours: Any) -> None:
    found = ours(
        method("raise ValueError", of="close(self)")
        + "    def __exit__(self, *error):\n        return True\n"
    )
    with pytest.raises(KeyError), opened(found):
        raise KeyError


@pytest.mark.parametrize(
    "of",
    ["clean_settings(cls, values)", "clean_query(cls, values)", "clean_secrets(cls, values, *, kept=())"],
)
@pytest.mark.parametrize("body", ["raise ValueError", "return [1]", "return {'x': object()}"])
def test_forms_get_a_sentence_where_it_misreads_them(ours: Any, of: str, body: str) -> None:
    found = ours(f"class Ours(Ours):\n    @classmethod\n    def {of}:\n        {body}\n")
    with pytest.raises(ConnectorError) as refused:
        getattr(found, of.partition("(")[0])({"place": "here"})
    assert refused.value.code == "config"


def test_its_secrets_are_asked_for_again_whatever_it_says(ours: Any) -> None:
    code = """
    class Ours(Ours):
        identity_changed = classmethod(lambda cls, before, after: False)
        secret_names = classmethod(lambda cls: ())
        host_of = classmethod(lambda cls, settings: 5)
    """
    found = ours(code)
    assert found.identity_changed({"place": "here"}, {"place": "there"})
    assert found.secret_names() == ("token",)
    assert found.host_of({}) == ""


def test_the_workers_time_limit_is_not_held_up(ours: Any) -> None:
    from celery.exceptions import SoftTimeLimitExceeded

    found = ours(method("from celery.exceptions import SoftTimeLimitExceeded as S; raise S()"))
    with pytest.raises(SoftTimeLimitExceeded), opened(found) as source:
        source.fetch(ASK)


def test_no_setting_of_the_installation_is_handed_to_it(ours: Any) -> None:
    assert ours("Ours.needs_setting = 'SECRET_KEY'").needs_setting == ""
