"""The contract that every connector keeps, as tests to inherit (docs/plugins.md).

    class TestStatuspage(ConnectorContract):
        connector = StatuspageConnector
        settings = {"url": "https://status.example.com"}
        query = {"impact": "any"}

pytest collects the tests of the class; nothing here needs it, or Django's settings, or a database.
"""

from __future__ import annotations

import copy
import inspect
import json
import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from metrics.connectors.answering import SAMPLE_ROWS, checked_answer
from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Egress
from metrics.connectors.declaring import faults
from northstar.lib.egress import Client, EgressDenied, Limits, Socket, SSLContext, client

MARKER = "marker-5e1f-of-the-contract"
GARBAGE: tuple[Any, ...] = (
    None, "", " ", "\x00", "a\nb", "x" * 30_000, "🙂", "../..", "{}", "%s", -1, 0, 1.5, 10**30, True, [], [1],
    {}, {"a": 1}, b"bytes", object(),
)  # fmt: skip


class Blocked:
    """An egress that lets nothing out; `asked` says how often somebody tried."""

    def __init__(self) -> None:
        self.asked = 0

    def resolve(self, host: str, port: int, dbname: str | None = None) -> list[str]:
        raise self._denied()

    def connect(self, host: str, port: int, dbname: str | None = None, *, seconds: float = 5.0) -> Socket:
        raise self._denied()

    def http_client(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        ssl_context: SSLContext | None = None,
    ) -> Client:
        # As the real one: it is refused where it connects.
        return client.build(self.resolve, headers=headers, limits=limits, ssl_context=ssl_context)

    def _denied(self) -> EgressDenied:
        self.asked += 1
        return EgressDenied("Blocked: the contract lets nothing out.")


class DeclaredContract:
    """What a class promises by itself, without a service. Set `connector`."""

    connector: type[Connector]

    def test_the_class_says_all_that_the_product_shows(self) -> None:
        assert faults(self.connector, self.connector.kind) == ()
        assert self.connector.description.endswith(".")

    def test_an_unknown_setting_is_refused(self) -> None:
        error = _refusal(self.connector.clean_settings, {"no_such_setting": "x"})
        assert error is not None and error.code == "config"

    def test_an_unknown_input_of_a_question_is_refused(self) -> None:
        error = _refusal(self.connector.clean_query, {"no_such_input": "x"})
        assert error is not None and error.code == "config"

    def test_an_empty_form_is_refused_at_a_field_or_filled_with_defaults(self) -> None:
        for clean, fields in (
            (self.connector.clean_settings, self.connector.settings_fields),
            (self.connector.clean_query, self.connector.query_fields),
        ):
            names = {field.name for field in fields}
            error = _refusal(clean, {})
            if error is None:
                assert set(clean({})) <= names
            else:
                assert (error.code, error.permanent) == ("config", True)
                assert error.field in names | {""}

    def test_garbage_in_a_field_is_a_sentence_and_no_crash(self) -> None:
        for clean, fields in (
            (self.connector.clean_settings, self.connector.settings_fields),
            (self.connector.clean_query, self.connector.query_fields),
            (self.connector.clean_secrets, self.connector.settings_fields),
        ):
            for field in fields:
                for value in GARBAGE:
                    error = _refusal(clean, {field.name: value})
                    assert error is None or (error.code == "config" and error.message), (field.name, value)

    def test_secrets_are_kept_apart_from_settings(self) -> None:
        secret = tuple(field.name for field in self.connector.settings_fields if field.secret)
        assert self.connector.secret_names() == secret
        typed = dict.fromkeys(secret, MARKER)
        error = _refusal(self.connector.clean_settings, typed)
        if error is None:
            assert MARKER not in repr(self.connector.clean_settings(typed))
        else:
            assert MARKER not in error.message

    def test_secrets_are_asked_for_again_where_they_would_go_elsewhere(self) -> None:
        assert not self.connector.identity_changed({}, {})
        for field in self.connector.settings_fields:
            if field.identity:
                assert self.connector.identity_changed({field.name: "here"}, {field.name: "there"}), (
                    field.name
                )

    def test_the_host_is_a_short_text_whatever_the_settings(self) -> None:
        for value in ("", "a", "https://a.example.com/x", "http://[", "\x00", None):
            host = self.connector.host_of({field.name: value for field in self.connector.settings_fields})
            assert isinstance(host, str) and len(host) <= 300

    def test_a_missing_driver_is_a_sentence(self) -> None:
        without: Any = type("Without", (self.connector,), {"driver_module": "no_such_module_of_the_contract"})
        assert re.search(r"[A-Z].* .*\w", without.missing_driver())

    def test_suggestions_fit_the_form(self) -> None:
        names = {field.name for field in self.connector.query_fields}
        keys = [suggestion.key for suggestion in self.connector.suggestions]
        assert len(keys) == len(set(keys))
        for one in self.connector.suggestions:
            assert set(one.query) <= names, one.key
            assert one.name and one.definition.endswith("."), one.key

    def test_opening_connects_to_nothing_and_shows_no_secret(self) -> None:
        blocked = Blocked()
        opened = self.connector({}, dict.fromkeys(self.connector.secret_names(), MARKER), egress=blocked)
        assert MARKER not in repr(opened) and MARKER not in str(opened)
        opened.close()
        opened.close()
        assert blocked.asked == 0

    def test_what_it_is_handed_stays_as_it_is(self) -> None:
        handed: dict[str, Any] = {field.name: "x" for field in self.connector.settings_fields}
        before = copy.deepcopy(handed)
        for clean in (
            self.connector.clean_settings,
            self.connector.clean_secrets,
            self.connector.clean_query,
        ):
            _refusal(clean, handed)
        self.connector(handed, {}, egress=Blocked()).close()
        assert handed == before

    def test_nothing_is_unpickled_or_evaluated(self) -> None:
        source = inspect.getsource(sys.modules[self.connector.__module__])
        assert not re.search(r"^\s*(import|from) (pickle|marshal|shelve|dill)\b", source, re.MULTILINE)
        assert not re.search(r"(?<![\w.])(eval|exec)\(", source)


class ConnectorContract(DeclaredContract):
    """What it does as well, against a service that answers. Set `settings`, `secrets`, `query`, `egress`, and
    the range start..end of which the service has something; `metric_kind` and `grain` as the query gives."""

    settings: Mapping[str, Any]
    secrets: ClassVar[Mapping[str, str]] = {}
    query: Mapping[str, Any]
    egress: Egress
    metric_kind: str = "flow_sum"
    grain: str = "day"
    start: date = date(2026, 10, 19)
    end: date = date(2026, 11, 2)
    zone: str = "Europe/Berlin"
    now: datetime = datetime(2026, 11, 18, 10, tzinfo=UTC)

    def ask(self, **changes: Any) -> Ask:
        """The question of this contract, with changes."""
        values: dict[str, Any] = {
            "metric": "contract", "kind": self.metric_kind, "grain": self.grain, "start": self.start,
            "end": self.end, "zone": self.zone, "now": self.now,
        }  # fmt: skip
        return Ask(**{**values, "query": self.connector.clean_query(self.query), **changes})

    def opened(self, egress: Egress | None = None) -> Connector:
        """An open connector with the settings and secrets of this contract."""
        settings = self.connector.clean_settings(self.settings)
        return self.connector(settings, dict(self.secrets), egress=egress or self.egress)

    def fetched(self, **changes: Any) -> Answer:
        with self.opened() as source:
            return source.fetch(self.ask(**changes))

    def test_settings_and_question_can_be_stored_and_cleaned_again(self) -> None:
        for clean, typed in (
            (self.connector.clean_settings, self.settings), (self.connector.clean_query, self.query),
        ):  # fmt: skip
            cleaned = clean(typed)
            assert clean(json.loads(json.dumps(cleaned, allow_nan=False))) == cleaned

    def test_the_check_says_what_it_found(self) -> None:
        with self.opened() as source:
            notes = source.check()
        assert isinstance(notes, tuple) and all(isinstance(note, str) and note for note in notes)
        assert not self._leaks(" ".join(notes))

    def test_rows_are_those_asked_for_oldest_first(self) -> None:
        answer, ask = self.fetched(), self.ask()
        assert isinstance(answer.rows, tuple) and answer.rows, (
            "the range of the contract has to hold something"
        )
        assert (
            checked_answer(answer, ask, clean=lambda text, longest: str(text)[:longest]).rows == answer.rows
        )
        assert all(isinstance(number, Decimal) for row in answer.rows for number in _numbers(row))

    def test_the_same_question_has_the_same_answer(self) -> None:
        assert self.fetched().rows == self.fetched().rows

    def test_part_of_the_range_has_the_same_rows(self) -> None:
        rows = self.fetched().rows
        last = rows[-1].period_start
        assert self.fetched(start=last).rows == tuple(row for row in rows if row.period_start >= last)

    def test_an_empty_range_has_no_rows(self) -> None:
        assert self.fetched(end=self.start).rows == ()

    def test_a_preview_gives_the_same_rows_and_shows_where_they_come_from(self) -> None:
        preview = self.fetched(preview=True)
        assert preview.rows == self.fetched().rows
        assert preview.columns and preview.sample and len(preview.sample) <= SAMPLE_ROWS
        assert all(isinstance(cell, str) for cells in preview.sample for cell in cells)
        assert not self._leaks(repr(preview))

    def test_a_blocked_address_is_said_to_be_blocked(self) -> None:
        for work in (lambda source: source.check(), lambda source: source.fetch(self.ask())):
            blocked = Blocked()
            error = _failure(lambda work=work, blocked=blocked: work(self.opened(blocked)))  # type: ignore[misc]
            assert blocked.asked == 0 or (error is not None and error.code == "egress_denied")

    def test_a_question_of_another_kind_is_an_error_of_the_connector(self) -> None:
        for query in ({}, {"no_such_input": 1}, {field.name: "?" for field in self.connector.query_fields}):
            error = _failure(lambda query=query: self.fetched(query=query))  # type: ignore[misc]
            assert error is None or not self._leaks(error.message)

    def test_closing_twice_does_no_harm(self) -> None:
        with self.opened() as source:
            source.check()
        source.close()

    def _leaks(self, text: str) -> bool:
        return any(secret in text for secret in self.secrets.values() if len(secret) > 3)


def _refusal(clean: Callable[[Mapping[str, Any]], Any], values: Mapping[str, Any]) -> ConnectorError | None:
    return _failure(lambda: clean(values))


def _failure(work: Callable[[], Any]) -> ConnectorError | None:
    """The ConnectorError that comes of it, if one does; any other error goes through and fails the test."""
    try:
        work()
    except ConnectorError as error:
        return error
    return None


def _numbers(row: Any) -> list[Any]:
    return [number for number in (row.value, row.numerator, row.denominator) if number is not None]
