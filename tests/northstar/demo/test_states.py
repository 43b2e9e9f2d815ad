"""The demo company tells the same story on whatever day it is loaded (domain 9)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import Max

from metrics import covering
from metrics.models import (
    AuditRow,
    ChartDocument,
    Company,
    LimitSegment,
    Metric,
    NorthStar,
    ObservationRevision,
    Source,
)
from northstar.demo.days import Days
from northstar.lib import clock, periods, windows
from teams import goal_posts
from teams.models import Delivery, Effect, HealthSnapshot, Omtm, Reminder, Review, Team
from teams.models.omtm import CANDIDATE
from teams.reminders import stale

pytestmark = pytest.mark.django_db
# (team, state, health of the newest week, reading as its page shows it, outcome or what it would be)
TABLE = {
    "activation": ("onboarding", "active", "on_track", 30.64, None),
    "trial_to_paid": ("sales", "active", "at_risk", 3.34, None),
    "crew_lapse": ("customer-success", "active", "off_track", 2.06, None),
    "sync": ("platform", "active", "on_track", None, None),
    "partner_share": ("marketing", "active", "too_early", None, None),
    "qual_trials": ("marketing", "retired", None, 575.75, "achieved"),
    "new_crews": ("marketing", "retired", None, 86.0, "achieved"),
    "auto_assign": ("core-scheduling", "retired", None, 20.37, "missed"),
    "same_day_moves": ("core-scheduling", "in_review", None, 22.30, "partly"),
}


def bet(series: str) -> Omtm:
    return Omtm.objects.exclude(state__in=CANDIDATE).get(metric__query__series=series)


def newest(omtm: Omtm) -> HealthSnapshot:
    found = omtm.health.order_by("as_of_week", "id").last()
    assert found is not None
    return found


def days() -> Days:
    return Days(clock.now(), Company.current().zone)


@pytest.mark.parametrize("series", TABLE)
def test_every_bet_stands_as_the_table_says(series: str) -> None:
    team, state, health, reading, outcome = TABLE[series]
    omtm = bet(series)
    assert (omtm.team.slug, omtm.state) == (team, state)
    if health:
        assert newest(omtm).state == health
    scale = 100 if omtm.metric.kind == "ratio" else 1
    if reading:
        assert float(newest(omtm).reading or 0) * scale == pytest.approx(reading, abs=0.005)
    if state == "retired":
        assert (omtm.outcome, omtm.outcome_computed, bool(omtm.lesson)) == (outcome, outcome, True)
        assert float(omtm.final_reading or 0) * scale == pytest.approx(reading, abs=0.005)
    if state == "in_review":
        assert omtm.snapshot["concluded"]["outcome"] == outcome


# series: reading and plan as their page shows them, z, chance, what is expected at the end
NUMBERS = {
    "activation": (30.64, 30.15, 0.67, 0.68, 36.4),
    "trial_to_paid": (3.34, 3.62, -0.92, 0.35, 3.52),
    "crew_lapse": (2.06, 1.75, -5.4, 0.05, None),
}


@pytest.mark.parametrize("series", NUMBERS)
def test_the_numbers_behind_a_state_are_those_of_the_table(series: str) -> None:
    reading, plan, z, p, outcome = NUMBERS[series]
    found = newest(bet(series))
    assert found.as_of_week == days().monday(0)
    assert (found.reading or 0) * 100 == pytest.approx(reading, abs=0.005)
    assert (found.pace or 0) * 100 == pytest.approx(plan, abs=0.005)
    assert found.z == pytest.approx(z, abs=0.05 if series == "crew_lapse" else 0.005)
    assert found.p == pytest.approx(p, abs=0.005)
    if outcome is not None:
        digits = 0.05 if outcome > 10 else 0.005
        assert found.forecast["mean"] * 100 == pytest.approx(outcome, abs=digits)


@pytest.mark.parametrize(
    ("series", "path"),
    [
        ("activation", ["on_track"] * 5),
        ("crew_lapse", ["on_track"] * 3 + ["at_risk"] + ["off_track"] * 3),
    ],
)
def test_states_went_the_way_of_the_table(series: str, path: list[str]) -> None:
    states = list(bet(series).health.order_by("as_of_week").values_list("state", flat=True))
    assert states[-len(path) :] == path


def test_a_bet_at_risk_has_one_good_week_that_is_not_confirmed_yet() -> None:
    found = newest(bet("trial_to_paid"))
    assert (found.state, found.raw) == ("at_risk", "on_track")
    before = bet("trial_to_paid").health.order_by("as_of_week").values_list("raw", flat=True)[8]
    assert before != "on_track"


def test_a_bet_of_two_weeks_is_too_early_and_has_no_forecast() -> None:
    found = newest(bet("partner_share"))
    weeks = bet("partner_share").health.order_by("as_of_week").values_list("state", flat=True)
    assert (found.p, list(weeks), set(found.forecast)) == (None, ["too_early"] * 3, {"withheld"})


def test_attainments_are_those_of_the_table() -> None:
    assert bet("qual_trials").attainment == pytest.approx(1.11, abs=0.005)
    assert bet("auto_assign").attainment == pytest.approx(0.20, abs=0.005)
    assert bet("same_day_moves").snapshot["concluded"]["attainment"] == pytest.approx(0.71, abs=0.005)


def test_the_range_holds_in_six_of_six_weeks() -> None:
    found = newest(bet("sync"))
    assert (found.progress, found.reason[:6]) == (1.0, "6 of 6")


def test_the_north_star_reads_4871_in_the_last_complete_week() -> None:
    star = NorthStar.current()
    assert star is not None
    version = star.versions.get(version_no=2)
    latest = version.metric.observations.get(period_start=days().monday(0))
    assert latest.value == 4871
    facts = ChartDocument.objects.get(key="north-star").facts
    assert facts["state"] == "at_risk"
    assert facts["sentence"].startswith("4,871 weekly active crews, a normal week.")


def test_the_north_star_was_redefined_once_and_has_three_targets() -> None:
    star = NorthStar.objects.get()
    assert [version.change_type for version in star.versions.order_by("version_no")] == [
        "first",
        "redefinition",
    ]
    assert star.versions.get(version_no=2).effective_from == days().monday(-62)
    current = star.targets.filter(superseded_on=None).order_by("due_date")
    assert [(each.horizon, each.target_value) for each in current] == [
        ("short", 5400),
        ("annual", 6100),
        ("long", 10_000),
    ]
    assert star.drivers.count() == 13


def test_every_window_is_valid_and_starts_on_a_monday() -> None:
    for omtm in Omtm.objects.all():
        windows.check_window(omtm.start, omtm.end)
        assert omtm.start.weekday() == 0
        # Two months hold half the weeks of four.
        short = bet("new_crews").pk
        assert omtm.outcome_weeks == (2 if omtm.pk == short else 3 if omtm.metric.direction == "range" else 4)


def test_the_ended_window_ended_4_to_13_days_ago_and_waits_for_its_review() -> None:
    omtm = bet("same_day_moves")
    today = periods.local_day(clock.now(), Company.current().zone)
    assert 3 <= (today - omtm.end).days <= 13
    review = omtm.reviews.get(kind="closing")
    assert (review.held_at, review.due_on) == (None, omtm.end + timedelta(days=14))


def test_the_past_weeks_of_a_bet_were_judged_week_by_week() -> None:
    states = list(bet("activation").health.order_by("as_of_week").values_list("state", flat=True))
    assert len(states) == 10
    assert states[:3] == ["too_early"] * 3
    assert states[-1] == "on_track"
    assert bet("qual_trials").health.count() == 17


def test_the_north_star_fell_in_week_minus_two_and_the_note_of_that_week_stands_beside_it() -> None:
    metric = Metric.objects.get(query__series="wac")
    limits = metric.limit_segments.get()
    assert (limits.basis, limits.points, limits.start) == ("changes", 20, days().monday(-29))
    assert (limits.centre, 2.66 * limits.range_mean) == (pytest.approx(17.6), pytest.approx(28.0))

    told = ChartDocument.objects.get(key=f"signals:{metric.pk}").facts

    assert [(each["week"], each["rule"]) for each in told["signals"]] == [(days().monday(-2).isoformat(), 1)]
    assert told["signals"][0]["notes"][0].endswith("Sign-in outage on Thursday, 5 hours")
    assert not told["unusual"]
    assert "usual \N{MINUS SIGN}10 to +46\N{NO-BREAK SPACE}crews" in told["sentence"]


@pytest.mark.parametrize(
    ("series", "centre", "low", "high", "points"),
    [("sync", 1.613, 1.2294, 1.9966, 20), ("jobs", 14.2462, 13.3630, 15.1293, 26)],
)
def test_what_is_usual_was_locked_by_people(
    series: str, centre: float, low: float, high: float, points: int
) -> None:
    limits = LimitSegment.objects.get(metric__query__series=series)
    reach = 2.66 * limits.range_mean
    assert (limits.centre, limits.points) == (pytest.approx(centre, abs=1e-4), points)
    assert (limits.centre - reach, limits.centre + reach) == (
        pytest.approx(low, abs=1e-4),
        pytest.approx(high, abs=1e-4),
    )
    assert limits.set_by is not None and limits.reason


def test_a_guardrail_was_broken_and_recovered() -> None:
    contacts = Metric.objects.get(query__series="support_contacts")
    values = dict(contacts.observations.values_list("period_start", "value"))
    over = [week for week in range(-12, 1) if values[days().monday(week)] > 9]
    assert over == [-8, -7]
    chart = ChartDocument.objects.get(key=f"omtm:{bet('activation').pk}")
    assert [guard["state"] for guard in chart.facts["guardrails"]] == ["good"]


def test_one_week_was_restated() -> None:
    star = Metric.objects.get(query__series="wac")
    rows = ObservationRevision.objects.filter(metric=star, period_start=days().monday(-6)).order_by("id")
    assert [row.origin for row in rows] == ["import", "pull"]
    first, last = rows[0].value, rows[1].value
    assert first is not None and last is not None and last - first == 61


def test_one_source_has_failed_for_two_days_and_its_values_stop_there() -> None:
    crm = Source.objects.get(slug="partner-crm")
    assert crm.state == "needs_sign_in"
    assert crm.failing_since is not None and timedelta(days=1) < clock.now() - crm.failing_since < timedelta(
        days=3
    )
    newest_day = crm.metrics.get().observations.aggregate(newest=Max("period_start"))["newest"]
    assert newest_day == days().today - timedelta(days=3)
    others = Source.objects.filter(kind="demo").exclude(pk=crm.pk)
    assert [source.state for source in others] == ["active"] * 3
    assert all(source.next_due_at > clock.now() for source in others)


def test_the_failing_source_shows_what_it_went_through() -> None:
    pulls = Source.objects.get(slug="partner-crm").pulls.order_by("id")
    assert [pull.state for pull in pulls] == ["ok"] * 24 + ["failed"] * 3


def test_its_calendar_shows_every_state_of_a_day() -> None:
    leads = Source.objects.get(slug="partner-crm").metrics.get()
    found = covering.coverage(leads, days().monday(-12), days().today + timedelta(days=1), now=clock.now())
    assert {each.state for each in found} == set(covering.STATES)
    counts = Counter(each.state for each in found)
    assert (counts["missing"], counts["late"], counts["restated"]) == (3, 2, 2)


def test_the_sources_that_work_have_their_earlier_pulls_and_owners() -> None:
    for source in Source.objects.filter(kind="demo").exclude(slug="partner-crm"):
        states = list(source.pulls.exclude(kind="backfill").order_by("id").values_list("state", flat=True))
        assert len(states) == 28 and states.count("failed") == (source.slug == "telemetry-demo")
        assert source.owner is not None


def test_the_old_definition_ends_where_the_new_one_begins() -> None:
    prior = Metric.objects.get(query__series="wac_prior")
    assert prior.paused_at is not None
    rows = prior.observations.order_by("period_start")
    assert (rows[0].period_start, rows[len(rows) - 1].period_start) == (
        days().monday(-129),
        days().monday(-62),
    )
    assert not rows.filter(status="missing").exists()


def test_every_metric_has_values_and_a_chart() -> None:
    for metric in Metric.objects.all():
        assert metric.observations.exists(), metric
        assert ChartDocument.objects.filter(key=f"metric:{metric.pk}").exists(), metric


def test_seven_teams_of_which_one_has_no_focus() -> None:
    assert Team.objects.count() == 7
    focused = Omtm.objects.active().values_list("team__slug", flat=True)
    assert set(Team.objects.values_list("slug", flat=True)) - set(focused) == {
        "partnerships",
        "core-scheduling",
    }
    assert not Omtm.objects.filter(team__slug="partnerships").exists()


def test_reviews_wait_and_people_are_reminded() -> None:
    waiting = set(Review.objects.filter(held_at=None).values_list("kind", "omtm__metric__query__series"))
    assert ("closing", "same_day_moves") in waiting
    assert ("midpoint", "crew_lapse") in waiting
    assert Reminder.objects.filter(rule="window_ended", omtm=bet("same_day_moves")).count() == 1


def test_the_past_is_in_the_audit_in_its_order_and_marked() -> None:
    assert not AuditRow.objects.filter(is_demo=False).exists()
    for omtm in Omtm.objects.exclude(state__in=CANDIDATE):
        deeds = AuditRow.objects.filter(object_type="teams.omtm", object_id=str(omtm.pk)).order_by("id")
        moments = [row.at for row in deeds]
        assert moments == sorted(moments)
        assert [row.action for row in deeds][:2] == ["omtm.committed", "omtm.active"]
        assert all(at <= clock.now() for at in moments)


def test_one_target_moved_in_the_first_weeks_and_its_figures_are_those_of_the_table() -> None:
    omtm = bet("auto_assign")
    change = omtm.goal_changes.get()
    assert (change.before, change.after) == ({"target": "0.33"}, {"target": "0.3"})
    assert omtm.start < change.day <= goal_posts.last_free_day(omtm)
    assert change.reason.startswith("Two depots plan on paper")


def test_one_bet_was_won_at_a_cost_and_says_what_broke() -> None:
    omtm = bet("new_crews")
    assert (omtm.guardrail_breach, omtm.outcome_words) == (True, "Achieved at a cost")
    [breach] = omtm.snapshot["breaches"]
    assert breach["week"] == days().monday(-8).isoformat()
    assert not bet("qual_trials").guardrail_breach and not bet("auto_assign").guardrail_breach


def test_what_bets_promised_cannot_be_told_from_chance_or_is_not_due() -> None:
    found = {
        (effect.omtm.metric.query["series"], effect.on): effect.verdict
        for effect in Effect.objects.select_related("omtm__metric")
    }
    assert found == {
        ("qual_trials", "north_star"): "cannot_tell",
        ("qual_trials", "driver"): "cannot_tell",
        ("auto_assign", "north_star"): "cannot_tell",
        ("auto_assign", "driver"): "cannot_tell",
        ("new_crews", "north_star"): "",
    }
    scaled = bet("auto_assign").effects.get(on="north_star")
    assert scaled.predicted == pytest.approx(150 * 0.1972, abs=0.1)


def test_no_bet_of_the_story_is_asked_whether_its_number_moved_alone() -> None:
    for document in ChartDocument.objects.filter(key__startswith="omtm:"):
        assert document.facts.get("goodhart") == [], document.key


def test_its_states_are_told_to_whom_they_concern() -> None:
    told = {rule: set(who) for rule, who in _told_in_the_app().items()}
    assert told["no_focus"] == {"Noor Haverkamp", "Maren Tolk"}
    assert told["candidate_waits"] == {"Teo Lindqvist"}
    assert {"Bruno Achterberg", "Maren Tolk"} <= told["health_changed"]
    assert told["commitment_missing"] <= {"Tamsin Reuter", "Piet Oorschot"}
    later = clock.now() + timedelta(hours=24)
    stopped = stale.stale_metrics(company=Company.current(), now=later)
    assert [each.metric.slug for each in stopped.values()] == ["leads-from-partners"]


def _told_in_the_app() -> dict[str, list[str]]:
    rows = Delivery.objects.filter(channel="app").values_list("reminder__rule", "recipient__name")
    found: dict[str, list[str]] = {}
    for rule, name in rows:
        found.setdefault(rule, []).append(name)
    return found
