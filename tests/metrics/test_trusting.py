"""What is gathered of stored values and pulls for the badge of a number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from metrics import auditing, rolling, series, storing, trusting
from metrics.analysis.trust import Trust
from metrics.connectors.base import Row
from metrics.models import Company, Metric, NorthStar, NorthStarVersion, Pull, Source
from northstar.lib.localtime import instant

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 16)
ZONE = "Europe/Berlin"


def at(text: str) -> datetime:
    return instant(datetime.fromisoformat(text), ZONE)


NOW = at("2026-11-16 09:00")


@pytest.fixture
def crm(company: Company) -> Source:
    return Source.objects.create(
        name="Partner CRM",
        slug="partner-crm",
        kind="demo",
        schedule={"kind": "every", "minutes": 60},
        next_due_at=at("2026-11-16 10:00"),
        last_ok_at=at("2026-11-16 08:30"),
    )


@pytest.fixture
def leads(crm: Source, make_metric: Callable[..., Metric]) -> Metric:
    made = make_metric("Leads", source=crm, grain="day", last_ok_at=at("2026-11-16 08:30"))
    read(made, date(2026, 10, 19), date(2026, 11, 15), seen=at("2026-11-16 08:30"))
    return made


def read(metric: Metric, first: date, last: date, *, seen: datetime, value: int = 7) -> None:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = [Row(day, value=Decimal(value)) for day in days]
    storing.store(metric, rows, origin="pull", as_of=seen)


def unread(metric: Metric, *days: str) -> None:
    metric.observations.filter(period_start__in=days).delete()
    rolling.rebuild(metric)


def look(metric: Metric, now: datetime = NOW, window: Any = None) -> Trust:
    company = Company.current()
    points = series.weekly([metric], company=company, now=now)
    found = trusting.trust_of([metric], points=points, company=company, now=now, window=window)
    return found[metric.pk]


@pytest.fixture(autouse=True)
def _at_nine(clock: object) -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def test_a_week_that_was_read_to_its_end_is_trusted(leads: Metric) -> None:
    assert look(leads) == Trust(False, "trusted")


def test_a_look_on_sunday_afternoon_does_not_do_for_the_week(leads: Metric) -> None:
    leads.observations.filter(period_start="2026-11-15").update(as_of=at("2026-11-15 14:00"))
    assert look(leads) == Trust(
        True,
        "incomplete",
        ("The newest week was last read on Sunday 14:00, before it was over; the next pull completes it.",),
    )


def test_the_time_that_a_source_needs_counts_too(leads: Metric) -> None:
    Metric.objects.filter(pk=leads.pk).update(latency_hours=9)
    leads.refresh_from_db()
    leads.observations.filter(period_start="2026-11-15").update(as_of=at("2026-11-16 08:59"))
    assert look(leads, at("2026-11-16 09:00")).badge == "trusted"  # the week waits for the look at ten
    assert look(leads, at("2026-11-16 11:00")).badge == "incomplete"
    leads.observations.filter(period_start="2026-11-15").update(as_of=at("2026-11-16 09:00"))
    assert look(leads, at("2026-11-16 09:00")).badge == "trusted"


def test_a_correction_by_hand_needs_no_later_look(leads: Metric) -> None:
    sunday = leads.observations.filter(period_start="2026-11-15")
    sunday.update(as_of=at("2026-11-15 14:00"), pinned_at=at("2026-11-15 14:00"))
    assert look(leads).badge == "trusted"


def test_a_source_that_refuses_since_thursday_names_the_week_before(leads: Metric, crm: Source) -> None:
    refused = at("2026-11-12 07:00")
    Source.objects.filter(pk=crm.pk).update(
        failures=3, failing_since=refused, last_error_code="auth", paused_at=refused, next_due_at=None
    )
    Metric.objects.filter(pk=leads.pk).update(last_ok_at=at("2026-11-12 06:00"))
    leads.refresh_from_db()
    unread(leads, "2026-11-12", "2026-11-13", "2026-11-14", "2026-11-15")
    assert look(leads) == Trust(
        True,
        "failing",
        (
            "Partner CRM has refused the sign-in since 12 Nov; the last complete week is the one to 8 Nov."
            " It is paused until it is resumed.",
        ),
    )


def test_a_week_that_was_half_read_when_the_source_broke_is_not_the_last_complete_one(
    leads: Metric, crm: Source
) -> None:
    Source.objects.filter(pk=crm.pk).update(
        failures=2, failing_since=at("2026-11-15 15:00"), last_error_code="timeout"
    )
    leads.observations.filter(period_start="2026-11-15").update(as_of=at("2026-11-15 14:00"))
    Metric.objects.filter(pk=leads.pk).update(last_ok_at=at("2026-11-15 14:00"))
    leads.refresh_from_db()
    found = look(leads, at("2026-11-24 09:00"))
    assert found.blocks and "since 15 Nov; the last complete week is the one to 8 Nov" in found.sentences[0]


def test_a_failure_after_the_week_was_read_is_a_badge_only(leads: Metric, crm: Source) -> None:
    Source.objects.filter(pk=crm.pk).update(
        failures=1, failing_since=at("2026-11-16 08:45"), last_error_code="connection"
    )
    found = look(leads)
    assert (found.badge, found.blocks) == ("failing", False)


def test_a_question_that_fails_by_itself_is_told_like_a_source(leads: Metric) -> None:
    Metric.objects.filter(pk=leads.pk).update(failures=2, last_error_code="schema")
    leads.refresh_from_db()
    assert look(leads).badge == "failing"


def test_days_under_way_again_block_where_they_count(leads: Metric, crm: Source) -> None:
    days = {"start": date(2024, 1, 1), "end": date(2024, 2, 1)}
    old = Pull.objects.create(source=crm, metric=leads, kind="backfill", **days)
    assert look(leads).badge == "trusted"
    Pull.objects.filter(pk=old.pk).update(start=date(2026, 10, 1), end=date(2026, 11, 1))
    assert (look(leads).badge, look(leads).blocks) == ("backfilling", True)
    Pull.objects.filter(pk=old.pk).update(state="ok")
    assert look(leads).badge == "trusted"


def test_a_changed_question_blocks_until_the_weeks_before_were_read_again(leads: Metric) -> None:
    query = {"after": {"query": "new"}, "before": {"query": "old"}}
    auditing.record("metric.redefined", leads, **query)  # type: ignore[arg-type]
    later = at("2026-11-16 12:00")
    assert (look(leads, later).badge, look(leads, later).blocks) == ("redefined", True)
    leads.observations.update(as_of=later)
    assert (look(leads, later).badge, look(leads, later).blocks) == ("redefined", False)


def test_only_another_name_is_no_other_meaning(leads: Metric) -> None:
    auditing.record("metric.redefined", leads, before={"name": "Leads"}, after={"name": "Partner leads"})
    assert look(leads).badge == "trusted"


def test_a_redefined_north_star_blocks_targets_from_before(leads: Metric) -> None:
    star = NorthStar.objects.create(name="Leads", state="active")
    version = {"north_star": star, "metric": leads, "plain_definition": "x", "value_proposition": "x"}
    NorthStarVersion.objects.create(
        version_no=2, effective_from=date(2026, 11, 2), change_type="redefinition", **version
    )
    end = date(2026, 12, 31)
    assert look(leads, window=(date(2026, 10, 1), end)).blocks
    assert not look(leads, window=(date(2026, 11, 2), end)).blocks
    assert look(leads, window=(date(2026, 11, 2), end)).badge == "trusted"
    assert (look(leads).badge, look(leads).blocks) == ("redefined", False)


def test_what_broke_after_the_window_does_not_matter_to_it(leads: Metric, crm: Source) -> None:
    unread(leads, "2026-11-14", "2026-11-15")
    assert look(leads).blocks
    assert not look(leads, window=(date(2026, 10, 19), date(2026, 11, 8))).blocks


def test_typed_values_are_missed_by_the_week(
    make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    visits = make_metric("Visits")
    assert look(visits) == Trust(True, "quiet", ("No value has been typed yet.",))
    make_weeks(visits, "2026-10-19", [9, 11, 8])
    assert look(visits) == Trust(
        False,
        "quiet",
        ("No value has been typed for the week to 15 Nov. The newest value is of the week to 8 Nov.",),
    )
    assert look(visits, at("2026-12-01 09:00")).badge == "stale"
    assert look(visits, at("2026-12-01 09:00")).blocks
    make_weeks(visits, "2026-11-09", [12])
    assert look(visits).badge == "trusted"


def test_a_share_of_nothing_is_known(
    make_metric: Callable[..., Metric], make_weeks: Callable[..., None]
) -> None:
    share = make_metric("Share", kind="ratio")
    make_weeks(share, "2026-11-02", [(3, 9), (0, 0)])
    assert look(share).badge == "trusted"


def test_many_metrics_cost_no_more_queries_than_one(
    leads: Metric,
    crm: Source,
    make_metric: Callable[..., Metric],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    more = [make_metric(f"Leads {n}", source=crm, grain="day") for n in range(5)]
    company = Company.current()
    points = series.weekly([leads, *more], company=company, now=NOW)
    for wanted in ([leads], [leads, *more]):
        with django_assert_num_queries(5):
            trusting.trust_of(wanted, points=points, company=company, now=NOW)
