"""Health and charts follow the data, once for each state of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from metrics import drawing, picturing
from metrics.analysis.trust import Trust
from metrics.models import (
    Annotation,
    ChartDocument,
    ForecastRecord,
    MetricChange,
    Observation,
)
from northstar.lib import clock as our_clock
from teams import evaluating, looking, telling
from teams.models import Guardrail, HealthSnapshot, Omtm, Team
from tests.teams.bets import at_once, omtm_of, shared_between_threads

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)
BEFORE = [400, 402, 398, 401, 399, 403, 397, 400]
WEEKS = [410, 431, 446, 458, 477, 484, 493, 507, 512]


@pytest.fixture
def bet(clock: Any, marketing: Team, make_metric: Any, make_weeks: Any) -> Omtm:
    """Marketing goes from 400 to 560 since 14 September; nine complete weeks, on track."""
    metric = make_metric()
    make_weeks(metric, "2026-07-20", [*BEFORE, *WEEKS])
    return omtm_of(marketing, metric)


def test_an_omtm_on_plan_gets_a_chart_and_a_snapshot_of_every_week(bet: Omtm) -> None:
    evaluating.evaluate(our_clock.now())
    rows = list(bet.health.order_by("as_of_week"))
    assert [row.as_of_week for row in rows] == [date(2026, 9, 14) + n * WEEK for n in range(9)]
    assert [row.state for row in rows][:3] == ["too_early"] * 3
    assert (rows[-1].state, rows[-1].raw) == ("on_track", "on_track")
    document = ChartDocument.objects.get(key=f"omtm:{bet.pk}")
    assert document.facts["from_words"] == "400\u00a0trials"
    assert document.facts["weeks"] == 17 and document.facts["weeks_done"] == 9
    assert document.facts["state"] == "on_track"
    assert "<svg" in document.sketches["all"] and "<svg" in document.sketches["card"]


def test_changes_are_read_once_and_the_same_inputs_make_no_second_snapshot(bet: Omtm) -> None:
    evaluating.evaluate(our_clock.now())
    assert not MetricChange.objects.exists()
    assert evaluating.evaluate(our_clock.now()) == 0
    evaluating.evaluate_these([bet.pk], now=our_clock.now())
    assert HealthSnapshot.objects.count() == 9


def test_a_revised_week_makes_a_new_snapshot_and_one_taken_back_another(bet: Omtm, make_weeks: Any) -> None:
    evaluating.evaluate(our_clock.now())
    for value in (200, 512):
        make_weeks(bet.metric, "2026-11-09", [value])
        assert evaluating.evaluate(our_clock.now()) == 1
    rows = bet.health.filter(as_of_week=date(2026, 11, 9)).order_by("id")
    found = list(rows.values_list("reading", flat=True))
    assert len(found) == 3 and found[0] == found[2] != found[1]
    assert bet.health.count() == 11


def test_a_revised_old_week_makes_new_rows_of_it_and_of_all_later_ones(bet: Omtm, make_weeks: Any) -> None:
    evaluating.evaluate(our_clock.now())
    make_weeks(bet.metric, "2026-10-19", [430])
    evaluating.evaluate(our_clock.now())
    again = bet.health.order_by("id")[9:]
    assert [row.as_of_week for row in again] == [date(2026, 10, 19) + n * WEEK for n in range(4)]


@pytest.mark.parametrize("falls", [0, 300])
def test_nothing_changes_within_a_week_whatever_its_running_days_bring(
    bet: Omtm, make_weeks: Any, clock: Any, falls: int
) -> None:
    evaluating.evaluate(our_clock.now())
    before = list(bet.health.order_by("id").values_list("pk", "state"))
    for day in range(19, 23):
        clock.move_to(datetime(2026, 11, day, 7, 0, tzinfo=UTC))
        make_weeks(bet.metric, "2026-11-16", [600 - falls * (day - 18)])
        evaluating.evaluate(our_clock.now())
    assert list(bet.health.order_by("id").values_list("pk", "state")) == before


def test_after_downtime_every_week_is_judged_as_if_it_had_been_watched(
    bet: Omtm, platform: Team, make_metric: Any, make_weeks: Any, clock: Any
) -> None:
    other = omtm_of(platform, make_metric("Twin"))
    make_weeks(other.metric, "2026-07-20", [*BEFORE, *WEEKS])
    for n, value in enumerate([470, 468, 466, 464]):
        moment = datetime(2026, 11, 25, 7, 0, tzinfo=UTC) + n * WEEK
        clock.move_to(moment)
        make_weeks(bet.metric, str(date(2026, 11, 16) + n * WEEK), [value])
        evaluating.evaluate_these([bet.pk], now=our_clock.now())
        make_weeks(other.metric, str(date(2026, 11, 16) + n * WEEK), [value])
    evaluating.evaluate_these([other.pk], now=our_clock.now())
    watched, caught_up = (
        list(each.health.order_by("as_of_week").values_list("as_of_week", "state", "raw", "p"))
        for each in (bet, other)
    )
    assert watched == caught_up
    assert {"on_track", "off_track"} <= {state for _, state, _, _ in watched}


def test_a_week_keeps_its_forecast_and_old_ones_are_marked_as_worked_out_later(bet: Omtm) -> None:
    evaluating.evaluate(our_clock.now())
    records = ForecastRecord.objects.filter(subject=f"omtm:{bet.pk}").order_by("as_of_week")
    assert [record.replayed for record in records] == [True] * 5 + [False]
    last, row = records[5], bet.health.latest("as_of_week")
    assert (last.p, last.mean) == (row.p, row.forecast["mean"])
    assert last.low80 < last.low50 < last.mean < last.high50 < last.high80


def test_numbers_that_cannot_be_relied_on_get_no_verdict_until_they_can(
    bet: Omtm, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluating.evaluate(our_clock.now())
    blocked = Trust(True, "failing", ("Acme has refused the sign-in since 15 Nov.",))
    with monkeypatch.context() as patch:
        patch.setattr(looking.trusting, "trust_of", lambda metrics, **_: {m.pk: blocked for m in metrics})
        evaluating.evaluate_these([bet.pk], now=our_clock.now())
    doubted = bet.health.latest("id")
    assert (doubted.state, doubted.raw, doubted.p) == ("no_data", "", None)
    assert doubted.trust == ["Acme has refused the sign-in since 15 Nov."]
    assert doubted.reason.endswith("It was on track in the week to Sun 8 Nov.")
    evaluating.evaluate_these([bet.pk], now=our_clock.now())
    assert (bet.health.latest("id").state, bet.health.latest("id").as_of_week) == (
        "on_track",
        doubted.as_of_week,
    )


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


def test_a_note_that_began_before_the_chart_and_lasts_stands_on_it(bet: Omtm) -> None:
    long_ago = date(2026, 2, 2)
    Annotation.objects.create(day=long_ago, until=date(2026, 10, 11), text="Building site")
    Annotation.objects.create(day=long_ago, until=date(2026, 2, 8), text="Cold week")
    evaluating.evaluate(our_clock.now())
    facts = ChartDocument.objects.get(key=f"omtm:{bet.pk}").facts
    assert [each["text"] for each in facts["flags"]] == ["Building site"]
    assert facts["flags"][0]["ranges"] == ["all"]


def test_a_retired_omtm_is_left_alone(bet: Omtm) -> None:
    Omtm.objects.filter(pk=bet.pk).update(state="retired")
    assert evaluating.evaluate(our_clock.now()) == 0


def test_twice_the_history_costs_no_more_queries(bet: Omtm, make_weeks: Any) -> None:
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            evaluating.evaluate_these([bet.pk], now=our_clock.now())
        counts.append(len(queries))
        make_weeks(bet.metric, "2025-10-06", [390 + n % 7 for n in range(40)])
    assert counts[1] <= counts[0] <= 34


def test_an_omtm_more_costs_few_queries_more(bet: Omtm, make_metric: Any, make_weeks: Any) -> None:
    counts = []
    for number in (0, 3):
        for each in range(number):
            metric = make_metric(f"Metric {each}")
            make_weeks(metric, "2026-07-20", [*BEFORE, *WEEKS])
            omtm_of(Team.objects.create(name=f"Team {each}", slug=f"team-{each}"), metric)
        with CaptureQueriesContext(connection) as queries:
            evaluating.evaluate_these(Omtm.objects.values_list("pk", flat=True), now=our_clock.now())
        counts.append(len(queries))
    assert counts[1] - counts[0] <= 3 * 10


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_leave_one_snapshot(bet: Omtm, tmp_path: Any) -> None:
    def counted() -> int:
        return HealthSnapshot.objects.count()

    with shared_between_threads(tmp_path):
        now = our_clock.now()
        found = at_once(lambda: evaluating.evaluate(now), lambda: evaluating.evaluate(now))
        assert not [each for each in found if isinstance(each, Exception)]
        assert at_once(counted) == [9]


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_while_omtms_are_judged_and_charts_are_drawn(
    bet: Omtm, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_then: list[bool] = []
    for module, name in ((looking, "judged"), (telling, "facts_of"), (drawing, "draw_metric")):
        work = getattr(module, name)

        def watched(*args: Any, work: Any = work, **named: Any) -> Any:
            open_then.append(connection.in_atomic_block)
            return work(*args, **named)

        monkeypatch.setattr(module, name, watched)
    evaluating.evaluate(our_clock.now())
    assert open_then == [False] * 3


def test_a_run_that_was_overtaken_does_not_bring_the_older_numbers_back(
    bet: Omtm, make_weeks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluating.evaluate(our_clock.now())
    see, first = looking.see, iter([True])

    def overtaken(*args: Any, **named: Any) -> looking.Seen:
        found = see(*args, **named)
        if next(first, False):
            make_weeks(bet.metric, "2026-11-09", [300])
            evaluating.evaluate_these([bet.pk], now=our_clock.now())
        return found

    monkeypatch.setattr(looking, "see", overtaken)
    make_weeks(bet.metric, "2026-11-09", [600])
    evaluating.evaluate_these([bet.pk], now=our_clock.now())
    document = ChartDocument.objects.get(key=f"omtm:{bet.pk}")
    assert document.facts["latest_words"] == "300\u00a0trials"
    assert bet.health.latest("id").state == document.facts["state"]
    assert bet.health.filter(as_of_week=date(2026, 11, 9)).count() == 2


def test_a_metric_drawn_by_two_runs_shows_the_newer_numbers(
    bet: Omtm, make_weeks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts, first = picturing.facts, iter([True])

    def overtaken(picture: picturing.Picture) -> dict[str, Any]:
        if next(first, False):
            make_weeks(bet.metric, "2026-11-09", [300])
            drawing.draw_metric(bet.metric, our_clock.now())
        return facts(picture)

    monkeypatch.setattr(picturing, "facts", overtaken)
    evaluating.evaluate(our_clock.now())
    assert ChartDocument.objects.get(key=f"metric:{bet.metric_id}").facts["figure"] == "300"


def test_data_stay_when_everything_is_evaluated(bet: Omtm) -> None:
    before = Observation.objects.count()
    evaluating.evaluate(our_clock.now())
    assert Observation.objects.count() == before
