"""Health and charts follow the data, once for each state of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics.models import Annotation, ChartDocument, Company, MetricChange, Observation
from northstar.lib import clock as our_clock
from teams import evaluating
from teams.models import Guardrail, HealthSnapshot, Omtm, Team
from tests.teams.bets import at_once, omtm_of, shared_between_threads

pytestmark = pytest.mark.django_db
BEFORE = [400, 402, 398, 401, 399, 403, 397, 400]
WEEKS = [410, 431, 446, 458, 477, 484, 493, 507, 512]


@pytest.fixture
def bet(clock: Any, marketing: Team, make_metric: Any, make_weeks: Any) -> Omtm:
    """Marketing goes from 400 to 560 since 14 September; nine complete weeks, on track."""
    metric = make_metric()
    make_weeks(metric, "2026-07-20", [*BEFORE, *WEEKS])
    return omtm_of(marketing, metric)


def test_an_omtm_on_plan_gets_a_snapshot_and_a_chart(bet: Omtm) -> None:
    evaluating.evaluate(our_clock.now())
    snapshot = bet.health.get()
    assert (snapshot.state, snapshot.as_of_week) == ("on_track", date(2026, 11, 9))
    document = ChartDocument.objects.get(key=f"omtm:{bet.pk}")
    assert document.facts["from_words"] == "400\u00a0trials"
    assert document.facts["weeks"] == 17 and document.facts["weeks_done"] == 9
    assert document.facts["state"] == "on_track"
    assert "<svg" in document.sketches["all"] and "<svg" in document.sketches["card"]


def test_changes_are_read_once_and_the_same_inputs_make_no_second_snapshot(bet: Omtm) -> None:
    evaluating.evaluate(our_clock.now())
    assert not MetricChange.objects.exists()
    assert evaluating.evaluate(our_clock.now()) == 0
    evaluating.evaluate_one(bet.pk, company=Company.current(), now=our_clock.now())
    assert HealthSnapshot.objects.count() == 1


def test_a_revised_week_makes_a_new_snapshot_and_one_taken_back_another(bet: Omtm, make_weeks: Any) -> None:
    evaluating.evaluate(our_clock.now())
    for value in (200, 512):
        make_weeks(bet.metric, "2026-11-09", [value])
        assert evaluating.evaluate(our_clock.now()) == 1
    found = list(bet.health.order_by("id").values_list("reading", flat=True))
    assert len(found) == 3 and found[0] == found[2] != found[1]


def test_a_change_of_a_guardrail_alone_is_enough(bet: Omtm, make_metric: Any, make_weeks: Any) -> None:
    guard = make_metric("Support contacts", unit="contacts", direction="down")
    Guardrail.objects.create(omtm=bet, metric=guard, side="at_most", limit=9)
    evaluating.evaluate(our_clock.now())
    make_weeks(guard, "2026-11-02", [12, 12])
    assert evaluating.evaluate(our_clock.now()) == 1
    facts = ChartDocument.objects.get(key=f"omtm:{bet.pk}").facts
    assert facts["guardrails"][0]["state"] == "bad"
    assert facts["guardrails"][0]["limit_words"] == "at most 9\u00a0contacts"


def test_a_new_day_is_evaluated_without_new_data(bet: Omtm, clock: Any) -> None:
    evaluating.evaluate(our_clock.now())
    clock.move_to(datetime(2026, 11, 23, 7, 0, tzinfo=UTC))
    assert evaluating.evaluate(our_clock.now()) == 1
    assert ChartDocument.objects.get(key=f"omtm:{bet.pk}").drawn_on == date(2026, 11, 23)


def test_silence_becomes_no_data(bet: Omtm, clock: Any) -> None:
    clock.move_to(datetime(2026, 12, 2, 7, 0, tzinfo=UTC))
    evaluating.evaluate(our_clock.now())
    assert bet.health.latest("id").state == "no_data"


def test_one_bad_omtm_does_not_stop_the_others(
    bet: Omtm, platform: Team, make_metric: Any, caplog: pytest.LogCaptureFixture
) -> None:
    broken = omtm_of(platform, make_metric("Syncs"), direction="range", target=None, low=1)
    Omtm.objects.filter(pk=broken.pk).update(low=None)
    evaluating.evaluate(our_clock.now())
    assert bet.health.exists() and not broken.health.exists()
    assert f"OMTM {broken.pk} could not be evaluated" in caplog.text


def test_notes_of_the_company_and_of_the_metric_stand_on_the_chart(bet: Omtm, make_metric: Any) -> None:
    other = make_metric("Other")
    for metric, text in ((None, "Price page"), (bet.metric, "Partner day"), (other, "Elsewhere")):
        Annotation.objects.create(day=date(2026, 10, 5), text=text, metric=metric)
    evaluating.evaluate(our_clock.now())
    notes = " ".join(ChartDocument.objects.get(key=f"omtm:{bet.pk}").facts["notes"])
    assert "Price page" in notes and "Partner day" in notes and "Elsewhere" not in notes


def test_a_retired_omtm_is_left_alone(bet: Omtm) -> None:
    Omtm.objects.filter(pk=bet.pk).update(state="retired")
    assert evaluating.evaluate(our_clock.now()) == 0


def test_twice_the_history_costs_no_more_queries(bet: Omtm, make_weeks: Any) -> None:
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            evaluating.evaluate_one(bet.pk, company=Company.current(), now=our_clock.now())
        counts.append(len(queries))
        make_weeks(bet.metric, "2025-10-06", [390 + n % 7 for n in range(40)])
    assert counts[1] <= counts[0] <= 18


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_leave_one_snapshot(bet: Omtm, tmp_path: Any) -> None:
    def counted() -> int:
        return HealthSnapshot.objects.count()

    with shared_between_threads(tmp_path):
        now = our_clock.now()
        found = at_once(lambda: evaluating.evaluate(now), lambda: evaluating.evaluate(now))
        assert not [each for each in found if isinstance(each, Exception)]
        assert at_once(counted) == [1]


def test_data_stay_when_everything_is_evaluated(bet: Omtm) -> None:
    before = Observation.objects.count()
    evaluating.evaluate(our_clock.now())
    assert Observation.objects.count() == before
