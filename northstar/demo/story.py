"""The bets of the demo company with their past: committed, judged week by week, reviewed, retired.

A marked import: the verbs of `teams.lifecycle` act today, these rows say what was done then. What is frozen
in them (record, outcome, health) comes from the same code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from metrics.models import Company, Metric
from northstar.demo import closings, moves, promises
from northstar.demo.bets import BETS, ROUNDED, Past
from northstar.demo.days import Days
from northstar.demo.deeds import done
from northstar.lib import windows
from northstar.lib.periods import A_DAY
from teams import betting, concluding, evaluating, minutes, predicting, retiring, review_facts
from teams.models import Guardrail, HealthSnapshot, Omtm, Review, Team, User
from teams.reminders import rules

BASELINE = timedelta(weeks=betting.BASELINE_WEEKS)


def tell(
    metrics: Mapping[str, Metric], users: Mapping[str, User], *, company: Company, days: Days
) -> dict[int, Omtm]:
    """Every bet up to now, by its number; those whose window runs stay active for the next evaluation."""
    told = {}
    for past in BETS:
        omtm = told[past.number] = _commit(past, metrics, owner=users[past.owner], days=days)
        _judge_weeks(past, omtm, company=company, days=days)
        if past.half_way:
            _hold_half_way(past, omtm, country=company.country, days=days)
        if omtm.end < days.today:
            _open_review(omtm, days)
        if omtm.state == "in_review" and past.closed is None:
            closings.typing(omtm, users[past.owner], days)
        if past.closed is not None:
            _retire(past, omtm, company=company, days=days)
    return told


def _commit(past: Past, metrics: Mapping[str, Metric], *, owner: User, days: Days) -> Omtm:
    metric, start = metrics[past.series], days.monday(past.start_week)
    end = windows.window_end(start, past.months)
    low, high = (Decimal(text) for text in past.goal) if isinstance(past.goal, tuple) else (None, None)
    agreed, begun = days.moment(start - 3 * A_DAY, "15:40"), days.moment(start, "00:00")
    omtm = Omtm.objects.create(
        team=Team.objects.get(slug=past.team),
        metric=metric,
        owner=owner,
        created_by=owner,
        name=metric.name,
        state="active",
        why=past.why,
        definition=metric.definition,
        direction=metric.direction,
        unit=metric.unit,
        baseline=Decimal(past.baseline),
        baseline_from=start - BASELINE,
        baseline_to=start - A_DAY,
        baseline_reason=ROUNDED,
        target=None if isinstance(past.goal, tuple) else Decimal(past.goal),
        low=low,
        high=high,
        start=start,
        end=end,
        outcome_weeks=betting.outcome_weeks(start, end),
        committed_at=agreed,
        activated_at=begun,
        is_demo=True,
        **promises.fields(past.number, metrics),
    )
    Omtm.objects.filter(pk=omtm.pk).update(created_at=agreed)
    Guardrail.objects.bulk_create(
        Guardrail(omtm=omtm, metric=metrics[key], side=side, limit=Decimal(limit))
        for key, side, limit in past.guards
    )
    terms = {"baseline": past.baseline, "goal": moves.first_goal(past), "start": start, "end": end}
    done("omtm.committed", omtm, agreed, actor=owner, after=terms, reason=past.why)
    done("omtm.active", omtm, begun, after={"state": "active"})
    moves.tell(past, omtm, days)
    return omtm


def _judge_weeks(past: Past, omtm: Omtm, *, company: Company, days: Days) -> None:
    """Health and forecast of every week of the window, as they were seen on the Monday after it.

    Of a bet that is still open the newest week is left to the evaluation.
    """
    found = evaluating.look_at(omtm, company=company, now=days.now)
    new = [pair for pair in found.new if past.closed or pair[0].as_of_week != found.health.week]
    rows = HealthSnapshot.objects.bulk_create([row for row, _ in new])
    for row, health in new:
        seen = days.moment(row.as_of_week + timedelta(weeks=1), "06:10")
        row.created_at = seen
        evaluating.keep_forecasts(found, [(row, health)], now=seen, replayed=False)
    HealthSnapshot.objects.bulk_update(rows, ["created_at"])


def _hold_half_way(past: Past, omtm: Omtm, *, country: str, days: Days) -> None:
    day = rules.half_way_day(omtm.start, omtm.end, country)
    held = days.moment(day, "14:00")
    review = _review(omtm, "midpoint", day, opened=days.moment(day, "07:00"))
    record, _ = concluding.freeze(omtm, now=held)
    review.facts = review_facts.recorded(omtm, record, company=Company.current(), now=held)
    review.minutes = minutes.of_half_way(review.facts, {}, note=past.half_way, decision="continue")
    _hold(review, held, decision="continue", note=past.half_way)
    done("review.held", review, held, actor=omtm.owner, after={"decision": "continue"}, reason=past.half_way)


def _open_review(omtm: Omtm, days: Days) -> None:
    """As lifecycle.advance does it on the day after the window."""
    at = days.moment(omtm.end + A_DAY, "00:05")
    omtm.snapshot, _ = concluding.freeze(omtm, now=at)
    omtm.state, omtm.review_opened_at = "in_review", at
    omtm.save(update_fields=["state", "review_opened_at", "snapshot"])
    _review(omtm, "closing", omtm.review_due_on, opened=at)
    done("omtm.in_review", omtm, at, after={"state": "in_review"})


def _retire(past: Past, omtm: Omtm, *, company: Company, days: Days) -> None:
    """As retiring.retire does it, on the day that the story says."""
    assert past.closed is not None
    at = days.moment(omtm.end + past.closed.days * A_DAY, "16:20")
    answers = closings.ANSWERED[past.number]
    concluding.settle(omtm, abandoned=False, now=at)
    facts = review_facts.recorded(omtm, omtm.snapshot, company=Company.current(), now=at)
    omtm.outcome, omtm.verdict = omtm.outcome_computed, answers.verdict
    omtm.state, omtm.retired_at, omtm.retired_by = "retired", at, omtm.owner
    omtm.retire_reason, omtm.lesson = past.closed.reason, past.closed.lesson
    omtm.save()
    predicting.expect(omtm, company)
    review = omtm.reviews.get(kind="closing")
    _hold(review, at, decision="retire", note=past.closed.reason)
    review.answers = answers.as_kept(days)
    retiring.record_of(review, omtm, facts)
    review.save()
    after = {"outcome": omtm.outcome, "final_reading": f"{omtm.final_reading:f}"}
    done("omtm.retired", omtm, at, actor=omtm.owner, after=after, reason=past.closed.lesson)


def _review(omtm: Omtm, kind: str, due: date, *, opened: datetime) -> Review:
    review = Review.objects.create(omtm=omtm, kind=kind, due_on=due, is_demo=True)
    Review.objects.filter(pk=review.pk).update(opened_at=opened)
    return review


def _hold(review: Review, at: datetime, *, decision: str, note: str) -> None:
    review.held_at, review.held_by = at, review.omtm.owner if review.omtm else None
    review.decision, review.note = decision, note
    review.save()
