"""What is usual for a metric is locked once; what stands out from it is told with its figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from metrics import series, signalling
from metrics.analysis.points import Point
from metrics.models import AuditRow, Company, LimitSegment, Metric, MetricChange
from northstar.lib import clock as lib_clock
from tests.metrics.analysis.test_xmr import SERIES, STABLE, TREND

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
Make = Callable[..., Any]
# The clock of the tests stands on a Tuesday: the week of 9 November 2026 is the newest complete one.
NEWEST = date(2026, 11, 9)
MINUS, NBSP = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"


def weeks(values: list[Any]) -> list[Point]:
    first = NEWEST - timedelta(weeks=len(values) - 1)
    return [Point(first + timedelta(weeks=place), value) for place, value in enumerate(values)]


def monday(values: list[Any], place: int) -> date:
    return NEWEST - timedelta(weeks=len(values) - 1 - place)


@pytest.fixture
def trials(make_metric: Make) -> Metric:
    metric: Metric = make_metric()
    return metric


def stored(metric: Metric, make_weeks: Make, values: list[Any]) -> list[Point]:
    make_weeks(metric, monday(values, 0).isoformat(), values)
    return series.of(metric, company=Company.current(), now=lib_clock.now())


def lock(metric: Metric, values: list[float], **fields: Any) -> LimitSegment:
    """Limits as they were locked: those of the first 14 of SERIES unless said otherwise."""
    told = {"start": monday(values, 0), "points": 14, "centre": 50.214286, "range_mean": 4.461538}
    return LimitSegment.objects.create(metric=metric, **(told | fields))


def test_a_normal_week_needs_no_explanation(trials: Metric) -> None:
    seen = signalling.look(trials, weeks(STABLE))

    assert not seen.unusual
    assert seen.sentence == (
        f"Normal up and down: no explanation needed. 52{NBSP}trials in the week to 15 Nov, "
        f"usual 38 to 62{NBSP}trials."
    )


def test_a_week_beyond_a_limit_is_unusual_with_its_figure(trials: Metric) -> None:
    lock(trials, [*STABLE, 20])
    seen = signalling.look(trials, weeks([*STABLE, 20]))

    assert (seen.unusual, seen.rule, seen.week) == (True, 1, NEWEST)
    assert seen.sentence == (
        f"Unusual: look for a cause. 20{NBSP}trials in the week to 15 Nov, usual 38 to 62{NBSP}trials."
    )


def test_a_change_has_a_sign_and_a_recent_signal_is_still_told(trials: Metric) -> None:
    values = [100 + 18 * place + (place % 3) * 5 for place in range(30)]
    values[-2] = values[-3] - 12
    values[-1] = values[-2] + 7
    lock(trials, values, basis="changes", points=20, centre=17.6, range_mean=10.526)

    seen = signalling.look(trials, weeks(values))

    assert not seen.unusual
    assert seen.sentence == (
        f"Normal up and down: no explanation needed. +7{NBSP}trials in the week to 15 Nov, "
        f"usual {MINUS}10 to +46{NBSP}trials. The last signal: {MINUS}12{NBSP}trials in the week to 8 Nov."
    )


def test_a_run_is_unusual_as_long_as_it_goes_on(trials: Metric) -> None:
    values = [*SERIES[:23], 56]
    lock(trials, values)
    seen = signalling.look(trials, weeks(values))

    assert (seen.unusual, seen.rule) == (True, 2)
    assert seen.sentence == (
        f"Unusual: look for a cause. Nine weeks in a row above the usual 50{NBSP}trials, "
        "since the week to 20 Sep."
    )
    assert seen.suggestion.startswith("Nine weeks in a row lie above the usual")
    assert seen.suggestion.endswith(
        f"set new limits from the week to 20 Sep on; they would be 50 to 62{NBSP}trials."
    )


def test_three_of_four_close_to_a_limit_are_unusual(trials: Metric) -> None:
    values = [*STABLE, 57, 58, 50, 59]
    lock(trials, values)
    assert signalling.look(trials, weeks(values)).sentence == (
        "Unusual: look for a cause. Three of the last four weeks close to the upper limit "
        f"of 62{NBSP}trials, up to the week to 15 Nov."
    )


def test_a_small_shift_is_told_before_it_is_a_signal(trials: Metric) -> None:
    values = SERIES[:21]
    lock(trials, values)
    seen = signalling.look(trials, weeks(values))

    assert not seen.unusual
    assert seen.sentence.endswith(
        "A small shift may have begun: on the whole higher than usual since the week to 11 Oct."
    )


def test_shares_are_told_in_percent_and_their_changes_in_points(make_metric: Make) -> None:
    metric = make_metric("Activation", kind="ratio", unit="%", decimals=1)
    shares = [value / 200 for value in STABLE]
    assert "usual 19.2 to 31.0%" in signalling.look(metric, weeks(shares)).sentence
    climbing = signalling.look(metric, weeks([value / 400 for value in TREND]))
    assert climbing.basis == "changes"
    assert f"{MINUS}0.3{NBSP}pp in the week to 15 Nov" in climbing.sentence


def test_a_share_near_one_is_at_least(make_metric: Make) -> None:
    metric = make_metric("Delivered", kind="ratio", unit="%", decimals=1)
    seen = signalling.look(metric, weeks([0.99, 0.98, 1.0, 0.99, 0.97, 1.0, 0.98, 0.99] * 2))
    assert "usual at least 9" in seen.sentence


def test_what_is_outside_never_looks_as_if_it_were_on_the_limit(trials: Metric) -> None:
    lock(trials, [*STABLE, 62.4])
    seen = signalling.look(trials, weeks([*STABLE, 62.4]))
    assert f"62.4{NBSP}trials in the week to 15 Nov, usual 38.3 to 62.1{NBSP}trials" in seen.sentence


def test_a_count_outside_stays_a_count(trials: Metric) -> None:
    lock(trials, [*STABLE, 62], centre=50.0, range_mean=4.5)
    seen = signalling.look(trials, weeks([*STABLE, 62]))
    assert f"62{NBSP}trials in the week to 15 Nov, usual 38.03 to 61.97{NBSP}trials" in seen.sentence


def test_under_eight_weeks_nothing_is_called_usual(trials: Metric) -> None:
    seen = signalling.look(trials, weeks(STABLE[:7]))
    assert (seen.unusual, seen.segments, signalling.facts(seen)["known"]) == (False, (), False)
    assert seen.sentence == "Too few weeks to say what is usual: 7 so far, 8 are needed."
    assert signalling.look(trials, []).sentence.endswith("0 so far, 8 are needed.")


def test_from_eight_weeks_on_limits_are_provisional_and_not_kept(trials: Metric) -> None:
    seen = signalling.look(trials, weeks(STABLE[:9]), create=True)
    assert seen.sentence.endswith("Provisional: what is usual rests on 9 weeks so far.")
    assert not LimitSegment.objects.exists()


def test_limits_are_kept_by_who_draws_and_never_by_who_reads(trials: Metric) -> None:
    signalling.look(trials, weeks(STABLE))
    assert not LimitSegment.objects.exists()

    signalling.look(trials, weeks(STABLE), create=True)
    signalling.look(trials, weeks(STABLE), create=True)

    segment = LimitSegment.objects.get()
    assert (segment.start, segment.points, segment.basis) == (monday(STABLE, 0), 14, "level")
    assert segment.centre == pytest.approx(50.214286)


def test_locked_limits_do_not_move_with_later_weeks_or_late_revisions(trials: Metric) -> None:
    signalling.look(trials, weeks(STABLE), create=True)
    revised = weeks([90, *SERIES[1:]])[: len(SERIES)]
    before = signalling.look(trials, weeks(SERIES)).segments[0].limits

    after = signalling.look(trials, revised, create=True).segments[0].limits

    assert (after.centre, after.range_mean) == (before.centre, before.range_mean)
    assert LimitSegment.objects.count() == 1


def test_the_running_week_takes_no_part(trials: Metric) -> None:
    points = [*weeks(STABLE), Point(NEWEST + timedelta(weeks=1), 3, complete=False)]
    assert signalling.look(trials, points) == signalling.look(trials, weeks(STABLE))


def test_a_metric_by_the_month_is_told_by_the_month(make_metric: Make) -> None:
    metric = make_metric("Revenue", grain="month", unit="£")
    points = [Point(date(2025 + place // 12, place % 12 + 1, 1), value) for place, value in enumerate(STABLE)]
    assert "£52 in Feb 2026, usual £38 to £62." in signalling.look(metric, points).sentence


def test_new_limits_begin_with_the_run_and_the_old_ones_stay(
    trials: Metric, make_weeks: Make, maren: Any
) -> None:
    stored(trials, make_weeks, SERIES)
    lock(trials, SERIES)

    # A Thursday of the week in which the run began.
    started = monday(SERIES, 15) + timedelta(days=3)
    signalling.set_limits(trials, started, reason="New price page", actor=maren, now=lib_clock.now())

    old, new = LimitSegment.objects.all()
    assert (new.start, new.points, new.set_by) == (monday(SERIES, 15), 9, maren)
    assert (new.centre, new.range_mean) == (pytest.approx(57.555556), pytest.approx(3.25))
    seen = signalling.look(trials, weeks(SERIES))
    assert [(each.first, each.last) for each in seen.segments] == [
        (old.start, monday(SERIES, 14)),
        (new.start, NEWEST),
    ]
    assert (seen.unusual, seen.marks, seen.run) == (False, (), None)
    row = AuditRow.objects.get(action="limits.set")
    assert (row.actor, row.reason) == (maren, "New price page")
    assert (row.before["start"], row.after["start"]) == (str(old.start), str(new.start))
    assert MetricChange.objects.filter(metric=trials, first_period=new.start).exists()


def test_new_limits_replace_those_that_began_later(trials: Metric, make_weeks: Make, maren: Any) -> None:
    stored(trials, make_weeks, SERIES)
    lock(trials, SERIES, start=monday(SERIES, 15))

    signalling.set_limits(
        trials, monday(SERIES, 2), reason="Begin earlier", actor=maren, now=lib_clock.now(), basis="changes"
    )

    segment = LimitSegment.objects.get()
    assert (segment.start, segment.points, segment.basis) == (monday(SERIES, 2), 22, "changes")


@pytest.mark.parametrize(
    ("back", "reason", "field", "words"),
    [
        (15, "  ", "reason", "Say why"),
        (6, "Moved", "start", "there are 7 complete weeks"),
        (-90, "x", "start", "0 complete"),
    ],
)
def test_limits_that_cannot_be_are_refused_with_a_sentence(
    trials: Metric, make_weeks: Make, maren: Any, back: int, reason: str, field: str, words: str
) -> None:
    stored(trials, make_weeks, SERIES)
    with pytest.raises(signalling.SignallingError, match=words) as refused:
        signalling.set_limits(
            trials, NEWEST - timedelta(weeks=back), reason=reason, actor=maren, now=lib_clock.now()
        )
    assert refused.value.field == field
    assert not LimitSegment.objects.exists()


def test_provisional_limits_are_settled_at_the_twelfth_week(
    trials: Metric, make_weeks: Make, maren: Any
) -> None:
    stored(trials, make_weeks, SERIES)
    signalling.set_limits(trials, monday(SERIES, 15), reason="Moved", actor=maren, now=lib_clock.now())
    later = [*SERIES, 56, 58, 57, 90, 10]

    signalling.look(trials, _on(SERIES, later)[:26], create=True)
    assert LimitSegment.objects.get().points == 9
    signalling.look(trials, _on(SERIES, later)[:27], create=True)
    settled = LimitSegment.objects.get()
    assert settled.points == 12
    signalling.look(trials, _on(SERIES, later), create=True)
    assert LimitSegment.objects.get().centre == settled.centre


def _on(before: list[Any], after: list[Any]) -> list[Point]:
    """Weeks that begin where those of `before` begin, and go on after the newest."""
    return [Point(monday(before, 0) + timedelta(weeks=place), value) for place, value in enumerate(after)]


def test_many_are_looked_at_with_one_question(make_metric: Make, django_assert_num_queries: Any) -> None:
    metrics = [make_metric(f"Metric {number}") for number in range(5)]
    lock(metrics[0], SERIES)
    points = {metric.pk: weeks(SERIES) for metric in metrics[:4]}
    with django_assert_num_queries(1):
        seen = signalling.look_many(metrics, points)
    assert seen[metrics[0].pk].unusual
    assert not seen[metrics[4].pk].segments


def test_facts_are_what_a_document_can_keep(trials: Metric) -> None:
    lock(trials, SERIES)
    found = signalling.facts(signalling.look(trials, weeks(SERIES)))
    assert (found["unusual"], found["rule"], found["week"], found["known"]) == (True, 1, "2026-11-09", True)
