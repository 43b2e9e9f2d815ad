"""Batches of values and the keys they come with, without the API around them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from metrics import pushing
from metrics.models import AuditRow, Company, Metric, ObservationRevision, PushToken, Source
from northstar.lib import clock as our_clock
from teams.models import User

TODAY = date(2026, 11, 18)


@pytest.fixture
def jobs(company: Company) -> Source:
    return Source.objects.create(name="Billing jobs", slug="jobs", kind="push")


@pytest.fixture
def trials(jobs: Source, make_metric: Callable[..., Metric]) -> Metric:
    return make_metric("Trials", source=jobs)


@pytest.fixture
def share(jobs: Source, make_metric: Callable[..., Metric]) -> Metric:
    return make_metric("Trial to paid", source=jobs, kind="ratio", unit="")


def problem(metric: Metric, *items: Any) -> tuple[str, str]:
    found = pushing.read(metric, items, today=TODAY).problems
    assert len(found) == 1, found
    return found[0].path, found[0].message


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("NaN", "'NaN' is not a number"),
        ("Infinity", "'Infinity' is not a number"),
        (True, "true is not a number"),
        ("many", "'many' is not a number"),
        ("12,5", "write 12.5"),
        ("1_000", "write 1000"),
        (" 5", "remove the spaces"),
        ("12345678901234567890", "too large"),
        ("1234567890.1234567890", "significant digits"),
        ("1e400", "is not a number"),
        ("", "the value is empty"),
        ([], "a list is not a number"),
        ({}, "an object is not a number"),
    ],
)
def test_what_is_no_number_gets_a_sentence_at_its_place(trials: Metric, value: Any, sentence: str) -> None:
    path, message = problem(trials, {"period_start": "2026-11-09", "value": value})
    assert path == "observations[0].value"
    assert sentence in message


@pytest.mark.parametrize(
    ("start", "path", "sentence"),
    [
        ("2026-02-30", ".period_start", "no date"),
        ("16.11.2026", ".period_start", "no date"),
        ("20261116", ".period_start", "no date"),
        (20261116, ".period_start", "no date"),
        (None, ".period_start", "period_start is missing"),
        ("2026-11-10", "", "weeks start on a Monday"),
        ("2026-11-23", "", "has not begun yet"),
        ("1026-11-23", "", "Check the year"),
    ],
)
def test_what_is_no_period_gets_a_sentence(trials: Metric, start: Any, path: str, sentence: str) -> None:
    where, message = problem(trials, {"period_start": start, "value": 1})
    assert where == f"observations[0]{path}"
    assert sentence in message


@pytest.mark.parametrize(
    ("item", "path", "sentence"),
    [
        ({"period_start": "2026-11-09", "numerator": "2"}, ".denominator", "denominator is missing"),
        ({"period_start": "2026-11-09", "value": "0.2"}, ".value", "takes period_start, numerator and"),
        ({"period_start": "2026-11-09"}, ".numerator", "numerator and denominator is missing"),
        ({"period_start": "2026-11-09", "numerator": "1", "denominator": "-2"}, "", "cannot be negative"),
    ],
)
def test_a_share_needs_its_two_parts(share: Metric, item: Any, path: str, sentence: str) -> None:
    where, message = problem(share, item)
    assert where == f"observations[0]{path}"
    assert sentence in message


def test_a_row_that_is_no_object_is_told(trials: Metric) -> None:
    assert problem(trials, 7)[0] == "observations[0]"


def test_a_period_that_stands_twice_is_told_at_the_second(trials: Metric) -> None:
    row = {"period_start": "2026-11-09", "value": 1}
    path, message = problem(trials, row, row)
    assert path == "observations[1].period_start"
    assert "in row 0" in message


def test_null_says_missing_and_is_not_zero(trials: Metric) -> None:
    batch = pushing.read(trials, [{"period_start": "2026-11-09", "value": None}], today=TODAY)
    assert batch.rows[0].is_missing


def test_values_come_through_the_one_door_with_the_key_as_their_reason(
    trials: Metric, jobs: Source, maren: User, clock: Any
) -> None:
    token, _ = pushing.issue(jobs, "Nightly", days=90, actor=maren)
    batch = pushing.read(trials, [{"period_start": "2026-11-09", "value": Decimal("12.50")}], today=TODAY)
    stored = pushing.store(trials, batch, token=token)
    revision = ObservationRevision.objects.get()
    assert (stored.added, revision.origin, revision.value) == (1, "push", Decimal("12.5"))
    assert "Nightly" in revision.reason
    jobs.refresh_from_db()
    assert jobs.last_ok_at == our_clock.now()


def test_a_key_is_kept_as_a_fingerprint_only(jobs: Source, maren: User, clock: Any) -> None:
    token, text = pushing.issue(jobs, "Nightly", days=90, actor=maren)
    kept = json.dumps([str(value) for value in PushToken.objects.values_list().get()])
    assert text.startswith("nsm_")
    assert text not in kept
    assert text not in json.dumps([row.after for row in AuditRow.objects.all()])
    assert token.expires_at == our_clock.now() + timedelta(days=90)


def test_an_expired_or_revoked_key_is_not_usable(jobs: Source, maren: User, clock: Any) -> None:
    token, text = pushing.issue(jobs, "Nightly", days=1, actor=maren)
    assert PushToken.usable(text, our_clock.now()) == token
    clock.shift(timedelta(days=1))
    assert PushToken.usable(text, our_clock.now()) is None
    second, other = pushing.issue(jobs, "Hourly", days=1, actor=maren)
    pushing.revoke(second, actor=maren)
    assert PushToken.usable(other, our_clock.now()) is None


def test_the_last_use_is_written_once_a_minute(
    jobs: Source, maren: User, clock: Any, django_assert_num_queries: Any
) -> None:
    token, _ = pushing.issue(jobs, "Nightly", days=90, actor=maren)
    first = our_clock.now()
    pushing.note_use(token, first)
    pushing.note_use(token, first + timedelta(seconds=59))
    token.refresh_from_db()
    assert token.last_used_at == first
    pushing.note_use(token, first + timedelta(seconds=61))
    token.refresh_from_db()
    assert token.last_used_at == first + timedelta(seconds=61)
