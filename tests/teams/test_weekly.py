"""The weekly review: which lines it has, when it is frozen, and what stays as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from metrics.models import Metric, Source
from teams import weekly, weekly_lines
from teams.models import Guardrail, HealthSnapshot, Team, User, WeeklyReview
from tests.metrics.stars import aim, drive, make_star
from tests.teams.bets import at_once, omtm_of, shared_between_threads

pytestmark = pytest.mark.django_db
WEEK = date(2026, 11, 9)
# The company is in Berlin: 07:00 and 12:00 of Monday 16 November, one hour ahead of UTC.
SEVEN = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 16, 11, 0, tzinfo=UTC)
A_MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _monday() -> Any:
    """Everything was made on the Sunday before the review."""
    with time_machine.travel(datetime(2026, 11, 15, 12, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def trials(make_metric: Any, make_weeks: Any) -> Metric:
    metric = make_metric()
    make_weeks(metric, "2026-08-31", [400 + 5 * place for place in range(11)])
    return metric


def pulled(make_metric: Any, name: str = "Signups", **fields: Any) -> Metric:
    source = Source.objects.create(
        name=f"{name} source", slug=f"{name.lower()}-source", kind="demo", **fields
    )
    return make_metric(name, source=source)


def line_of(review: WeeklyReview, name: str) -> dict[str, Any]:
    return next(line for line in review.content["lines"] if line["name"] == name)


def test_inputs_stand_before_outputs_and_every_metric_once(
    marketing: Team, platform: Team, make_metric: Any, make_weeks: Any, trials: Metric
) -> None:
    Team.objects.filter(pk=marketing.pk).update(stage="activation")
    star = make_star(make_metric, make_weeks)
    aim(star)
    bet = omtm_of(marketing, trials)
    calls = make_metric("Support calls", direction="down")
    Guardrail.objects.create(omtm=bet, metric=calls, side="at_most", limit=Decimal(9))
    speed, visits = make_metric("Sync delay", kind="quantile"), make_metric("Visits")
    marketing.metrics.add(visits)
    omtm_of(platform, speed)
    drive(star, trials)
    drive(star, make_metric("Activation"))
    drive(star, make_metric("Accounts", role="output"))
    drive(star, make_metric("Gone", archived_at=SEVEN))
    found = [(each.section, each.name) for each in weekly_lines.lines(WEEK, SEVEN)]
    assert found == [
        ("Activation", "Qualified trials"),
        ("Activation", "Visits"),
        ("No stage", "Sync delay"),
        ("Drivers", "Activation"),
        ("North Star", "Weekly active crews"),
        ("Guardrails", "Support calls"),
        ("Results", "Accounts"),
    ]


def test_stages_stand_in_the_order_of_the_funnel(marketing: Team, platform: Team, make_metric: Any) -> None:
    Team.objects.filter(pk=marketing.pk).update(stage="revenue")
    Team.objects.filter(pk=platform.pk).update(stage="acquisition")
    omtm_of(marketing, make_metric("Paid"))
    omtm_of(platform, make_metric("Leads"))
    assert [each.section for each in weekly_lines.lines(WEEK, SEVEN)] == ["Acquisition", "Revenue"]


def test_two_bets_on_one_metric_both_stand(marketing: Team, platform: Team, trials: Metric) -> None:
    omtm_of(marketing, trials, name="Trials by partners")
    omtm_of(platform, trials, name="Trials by word")
    names = [each.name for each in weekly_lines.lines(WEEK, SEVEN)]
    assert names == ["Trials by partners", "Trials by word"]


def test_it_is_frozen_at_seven_on_the_companys_clocks(marketing: Team, trials: Metric) -> None:
    omtm_of(marketing, trials)
    assert weekly.freeze_due(SEVEN - A_MINUTE) is None
    review = weekly.freeze_due(SEVEN)
    assert review is not None
    assert (review.week, review.frozen_at, review.late_sources) == (WEEK, SEVEN, [])
    assert weekly.freeze_due(SEVEN + A_MINUTE) is None
    assert WeeklyReview.objects.count() == 1


def test_a_late_pull_is_waited_for_until_noon(marketing: Team, make_metric: Any) -> None:
    metric = pulled(make_metric)
    omtm_of(marketing, metric)
    assert weekly.freeze_due(SEVEN) is None
    assert weekly.freeze_due(NOON - A_MINUTE) is None
    review = weekly.freeze_due(NOON)
    assert review is not None
    assert review.late_sources == ["Signups source"]
    assert "late" in line_of(review, "Signups")["why"]


def test_it_is_frozen_as_soon_as_the_last_pull_has_come(marketing: Team, make_metric: Any) -> None:
    metric = pulled(make_metric)
    omtm_of(marketing, metric)
    # Midnight in Berlin was at 23:00 UTC; a look before the week was over does not count.
    Metric.objects.filter(pk=metric.pk).update(last_ok_at=datetime(2026, 11, 15, 22, 59, tzinfo=UTC))
    assert weekly.freeze_due(SEVEN) is None
    Metric.objects.filter(pk=metric.pk).update(last_ok_at=datetime(2026, 11, 15, 23, 5, tzinfo=UTC))
    assert weekly.freeze_due(SEVEN + 30 * A_MINUTE) is not None


def test_a_source_with_latency_is_waited_for_as_long_as_it_needs(marketing: Team, make_metric: Any) -> None:
    metric = pulled(make_metric)
    omtm_of(marketing, metric)
    Metric.objects.filter(pk=metric.pk).update(
        latency_hours=4, last_ok_at=datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
    )
    assert weekly.freeze_due(SEVEN) is None
    Metric.objects.filter(pk=metric.pk).update(last_ok_at=datetime(2026, 11, 16, 3, 1, tzinfo=UTC))
    assert weekly.freeze_due(SEVEN) is not None


@pytest.mark.parametrize(("failures", "waits"), [(0, False), (3, True)])
def test_nobody_waits_for_a_source_that_was_paused_on_purpose(
    marketing: Team, make_metric: Any, failures: int, waits: bool
) -> None:
    omtm_of(marketing, pulled(make_metric, paused_at=SEVEN, failures=failures))
    assert (weekly.freeze_due(SEVEN) is None) is waits


def test_after_days_of_downtime_the_newest_week_is_made_up_for(marketing: Team, trials: Metric) -> None:
    omtm_of(marketing, trials)
    review = weekly.freeze_due(SEVEN + timedelta(days=9))
    assert review is not None
    assert review.week == date(2026, 11, 16)
    late_in_the_week = weekly.freeze_due(SEVEN + timedelta(days=6))
    assert late_in_the_week is not None
    assert late_in_the_week.week == WEEK


def test_a_company_without_a_focus_has_no_review(company: Any) -> None:
    assert weekly.freeze_due(NOON) is None


def test_a_company_that_began_after_that_monday_waits_for_the_next(marketing: Team, trials: Metric) -> None:
    omtm_of(marketing, trials)
    Metric.objects.update(created_at=NOON + timedelta(days=1))
    assert weekly.freeze_due(NOON + timedelta(days=2)) is None
    assert weekly.freeze_due(SEVEN + timedelta(days=7)) is not None


def test_what_was_frozen_stays_when_a_value_is_revised(
    marketing: Team, trials: Metric, make_weeks: Any
) -> None:
    omtm_of(marketing, trials)
    review = weekly.freeze_due(SEVEN)
    assert review is not None
    before = WeeklyReview.objects.get().content
    make_weeks(trials, "2026-11-09", [470])
    weekly.freeze_due(SEVEN + A_MINUTE)
    assert WeeklyReview.objects.get().content == before
    assert line_of(review, "Qualified trials")["value"] == 450


def test_only_complete_weeks_up_to_that_one_are_counted(
    marketing: Team, trials: Metric, make_weeks: Any
) -> None:
    omtm_of(marketing, trials)
    with time_machine.travel(SEVEN + timedelta(days=2), tick=False):
        make_weeks(trials, "2026-11-16", [90])
    content, _ = weekly.compose(WEEK, SEVEN, company=weekly.Company.current())
    line = content["lines"][0]
    assert (line["value"], line["start"]) == (450, "2026-11-09")
    assert line["cells"][0]["value"] == "450\N{NO-BREAK SPACE}trials"
    # The weeks of 2 and 9 November lie wholly in it.
    assert line["cells"][1]["value"] == "895\N{NO-BREAK SPACE}trials"


def test_a_line_without_signal_state_or_delay_is_no_exception(
    marketing: Team, trials: Metric, make_metric: Any
) -> None:
    bet = omtm_of(marketing, trials)
    HealthSnapshot.objects.create(
        omtm=bet, as_of_week=WEEK, state="on_track", reason="As planned.", inputs_hash="x"
    )
    content, _ = weekly.compose(WEEK, SEVEN, company=weekly.Company.current())
    assert (content["lines"][0]["why"], content["lines"][0]["sentence"]) == ([], "As planned.")
    HealthSnapshot.objects.create(
        omtm=bet, as_of_week=WEEK, state="off_track", reason="Behind.", inputs_hash="y"
    )
    content, _ = weekly.compose(WEEK, SEVEN, company=weekly.Company.current())
    assert (content["lines"][0]["why"], content["lines"][0]["exception"]) == (["state"], True)


def test_an_unusual_week_is_an_exception_and_says_what_is_usual(
    marketing: Team, make_metric: Any, make_weeks: Any
) -> None:
    metric = make_metric("Signups", unit="people")
    make_weeks(metric, "2026-07-06", [100, 104, 97, 102, 95, 105, 99, 103, 96] * 2 + [160])
    marketing.metrics.add(metric)
    company = weekly.Company.current()
    line = weekly.compose(WEEK, SEVEN, company=company)[0]["lines"][0]
    assert line["why"] == ["signal"]
    said = "160\N{NO-BREAK SPACE}people in the week to 15 Nov, usual "
    assert line["signal"].startswith(f"Beyond what was usual, the way you want it. {said}")
    assert line["signal_good"]
    type(metric).objects.update(direction="down")
    line = weekly.compose(WEEK, SEVEN, company=company)[0]["lines"][0]
    assert line["signal"].startswith(f"Unusual: look for a cause. {said}")
    assert not line["signal_good"]
    before = weekly.compose(date(2026, 11, 2), SEVEN, company=company, replayed=True)[0]["lines"][0]
    assert (before["why"], before["value"]) == ([], 96)


def test_a_week_without_a_value_says_so(marketing: Team, make_metric: Any, make_weeks: Any) -> None:
    metric = make_metric()
    make_weeks(metric, "2026-10-26", [7])
    marketing.metrics.add(metric)
    content, _ = weekly.compose(WEEK, SEVEN, company=weekly.Company.current(), replayed=True)
    line = content["lines"][0]
    assert line["why"] == ["late"]
    assert line["late"] == "No value for the week to Sun 15 Nov; the newest is of the week to Sun 1 Nov."


def test_a_line_that_cannot_be_worked_out_says_so_and_keeps_no_other_waiting(
    marketing: Team, trials: Metric, make_metric: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, company = make_metric("Broken"), weekly.Company.current()
    marketing.metrics.add(trials, broken)
    whole, made = weekly.compose(WEEK, SEVEN, company=company)[0]["lines"], weekly.line

    def line(wanted: Any, *rest: Any) -> Any:
        return made(wanted, *rest) if wanted.metric != broken else 1 / 0

    monkeypatch.setattr(weekly, "line", line)
    lines = {each["name"]: each for each in weekly.compose(WEEK, SEVEN, company=company)[0]["lines"]}
    assert "could not be worked out" in lines["Broken"]["late"] and lines["Broken"]["exception"]
    assert lines[trials.name]["figure"] == next(e["figure"] for e in whole if e["name"] == trials.name)
    assert [sorted(each) for each in lines.values()] == [sorted(each) for each in whole]


def test_composing_takes_as_many_queries_for_ten_bets_as_for_two(
    marketing: Team, make_metric: Any, make_weeks: Any, django_assert_max_num_queries: Any
) -> None:
    for place in range(10):
        metric = make_metric(f"Metric {place}")
        make_weeks(metric, "2026-08-31", [400 + place] * 11)
        team = Team.objects.create(name=f"Team {place}", slug=f"team-{place}", stage="activation")
        omtm_of(team, metric)
    with django_assert_max_num_queries(28):
        content, _ = weekly.compose(WEEK, SEVEN, company=weekly.Company.current())
    assert len(content["lines"]) == 10


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one(marketing: Team, trials: Metric, tmp_path: Any) -> None:
    omtm_of(marketing, trials)
    with shared_between_threads(tmp_path):
        made = at_once(lambda: weekly.freeze_due(SEVEN), lambda: weekly.freeze_due(SEVEN))
        frozen = at_once(WeeklyReview.objects.count)[0]
    assert [each for each in made if isinstance(each, Exception)] == []
    assert frozen == 1


def test_freezing_by_hand_is_written_down_and_done_once(maren: User, marketing: Team, trials: Metric) -> None:
    omtm_of(marketing, trials)
    review = weekly.freeze_now(SEVEN - timedelta(hours=3), actor=maren)
    assert review.week == WEEK
    with pytest.raises(weekly.WeeklyError, match="frozen already"):
        weekly.freeze_now(SEVEN, actor=maren)
