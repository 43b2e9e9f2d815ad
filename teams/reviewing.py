"""Reviews: which are due for whom, opening them when their day comes, holding them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from metrics import auditing
from metrics.models import Company, NorthStar
from northstar.lib import clock
from northstar.lib.datewords import long_date_words
from northstar.lib.localtime import local_day
from northstar.lib.policy import LEADER, Subject
from teams import autosaving, committing, concluding, minutes, retesting, review_facts
from teams.models import Membership, Omtm, Reminder, Review
from teams.reminders import rules

HALF_WAY_DECISIONS = {
    "continue": "Keep going",
    "change_actions": "Change what we do",
    "retire_early": "Stop early",
}
NORTH_STAR_DECISIONS = {
    "keep": "Keep it as it is",
    "refine": "Refine its definition",
    "replace": "Replace it",
}
VERDICTS = {"supported": "Supported", "not_supported": "Not supported", "cannot_tell": "Cannot tell yet"}
#: A leader is asked from here on: 21 days after the end of the window, a week after the review was due.
ESCALATED = rules.ESCALATED_AFTER - rules.OVERDUE_AFTER


class ReviewError(Exception):
    """It cannot be held; the sentence says why and what to do."""


def due_count(subject: Subject, company: Company) -> int:
    """How many reviews wait for this person today. One query."""
    return due_for(subject, clock.today(company.zone)).count()


def due_for(subject: Subject, today: date) -> QuerySet[Review]:
    """The open reviews that this person is asked to hold.

    A lead's are those of their teams; a leader's are the North Star's, those of teams without a lead, and
    those that wait for more than a week since they were due.
    """
    mine = Q(omtm__team__in=subject.led_team_ids)
    if LEADER in subject.grants:
        late = Q(kind="closing", due_on__lte=today - ESCALATED)
        mine |= Q(kind="north_star") | (Q(omtm__isnull=False) & (late | Q(has_lead=False)))
    leads = Membership.objects.filter(team=OuterRef("omtm__team"), role="lead", user__is_active=True)
    return open_reviews().annotate(has_lead=Exists(leads)).filter(mine)


def open_reviews() -> QuerySet[Review]:
    """Every review that is open: half-way while the window is, closing after it, the North Star's."""
    alive = (
        Q(kind="midpoint", omtm__state="active")
        | Q(kind="closing", omtm__state="in_review")
        | Q(kind="north_star", north_star__state="active")
    )
    return Review.objects.filter(alive, held_at=None)


def open_due(today: date, *, country: str) -> None:
    """Open the half-way reviews whose day has come, and the North Star's two weeks before its day."""
    for omtm in Omtm.objects.active().exclude(reviews__kind="midpoint"):
        day = rules.half_way_day(omtm.start, omtm.end, country)
        if day <= today:
            _open_half_way(omtm, day)
    for star in NorthStar.objects.filter(state="active"):
        _open_star_review(star, today)


def hold_half_way(
    omtm: Omtm,
    *,
    decision: str,
    note: str,
    answers: Mapping[str, str],
    actor: Any,
    today: date,
    country: str,
    seen: int | None = None,
) -> Review:
    """Record the half-way review with the facts of that day, its minutes beside it.

    Raises ReviewError before its day, after the window, or a second time, and autosaving.DraftConflict.
    """
    day = rules.half_way_day(omtm.start, omtm.end, country)
    if today < day:
        raise ReviewError(f"Half of the window is over on {long_date_words(day)}; hold the review then.")
    if today > omtm.end:
        raise ReviewError(f"The window of {omtm} is over: write the closing review instead.")
    with transaction.atomic():
        rows = Omtm.objects.select_for_update(of=("self",)).select_related("metric", "team")
        omtm = rows.get(pk=omtm.pk)
        if omtm.state != "active":
            raise ReviewError(f"The window of {omtm} is over: write the closing review instead.")
        review = _open_half_way(omtm, day)
        if review.held_at:
            raise ReviewError("Somebody has recorded this review already; it is held once.")
        company = Company.current()
        autosaving.demand_seen(review, seen=seen, actor=actor, company=company)
        document = concluding.document_of(omtm)
        review.facts = review_facts.beside(omtm, document, company=company, now=clock.now())
        review.minutes = minutes.of_half_way(review.facts, answers, note=note, decision=decision)
        _hold(review, decision=decision, note=note, answers=answers, actor=actor)
        _close_reminders(omtm=omtm, rule=rules.HALF_WAY)
    return review


def hold_north_star(
    star: NorthStar,
    *,
    decision: str,
    note: str,
    answers: Mapping[str, str],
    actor: Any,
    today: date,
) -> Review:
    """Record the review of the North Star and set the day of the next one. Once a day: else ReviewError."""
    with transaction.atomic():
        star = NorthStar.objects.select_for_update().get(pk=star.pk)
        _demand_not_held(star, today)
        review, _ = Review.objects.get_or_create(
            north_star=star,
            kind="north_star",
            held_at=None,
            defaults={"due_on": star.next_review_on or today, "is_demo": star.is_demo},
        )
        before = star.next_review_on
        _hold(review, decision=decision, note=note, answers=answers, actor=actor)
        star.next_review_on = rules.next_review(before, star.review_every_months, today)
        star.save(update_fields=["next_review_on"])
        _close_reminders(north_star=star)
        auditing.record(
            "north_star.reviewed",
            star,
            actor=actor,
            before={"next_review_on": before},
            after={"next_review_on": star.next_review_on, "decision": decision},
            reason=note,
        )
    return review


def page_of(star: NorthStar | None) -> str:
    """The address at which the review of a North Star is held."""
    if star is not None and star.scope == "unit":
        return reverse("north-star-unit-review", args=[star.pk])
    return reverse("north-star-review")


def _demand_not_held(star: NorthStar, today: date) -> None:
    # Sent twice, or by two people at once, it would put the next review off by another half-year.
    held = Review.objects.filter(north_star=star, held_at__isnull=False).order_by("-held_at").first()
    if held and held.held_at and local_day(held.held_at, Company.current().zone) == today:
        who = held.held_by or "Somebody"
        raise ReviewError(f"{who} has recorded the review of {star} today already; it is held once a day.")


def _open_half_way(omtm: Omtm, day: date) -> Review:
    """The half-way review; opening it asks the team again whether it is in."""
    defaults = {"due_on": day, "is_demo": omtm.is_demo}
    with transaction.atomic():
        review, made = Review.objects.get_or_create(omtm=omtm, kind="midpoint", defaults=defaults)
        if made:
            committing.ask_again(omtm)
        rows = Review.objects.select_for_update(of=("self",)).select_related("draft_by")
        review = rows.get(pk=review.pk)
    return review


def _open_star_review(star: NorthStar, today: date) -> None:
    """The open review follows the day that the North Star names, and goes where that day is far again."""
    day = star.next_review_on
    if day is None or today < day - rules.TWO_WEEKS:
        Review.objects.filter(north_star=star, held_at=None).delete()
        return
    review, made = Review.objects.get_or_create(
        north_star=star, kind="north_star", held_at=None, defaults={"due_on": day, "is_demo": star.is_demo}
    )
    if made:
        retesting.for_review(star)
    elif review.due_on != day:
        Review.objects.filter(pk=review.pk, held_at=None).update(due_on=day)


def _hold(review: Review, *, decision: str, note: str, answers: Mapping[str, str], actor: Any) -> None:
    review.held_at, review.held_by = clock.now(), actor
    review.decision, review.note, review.answers, review.draft = decision, note, dict(answers), {}
    kept = ["held_at", "held_by", "decision", "note", "answers", "draft", "facts", "minutes"]
    review.save(update_fields=kept)
    auditing.record("review.held", review, actor=actor, after={"decision": decision}, reason=note)


def _close_reminders(**of: Any) -> None:
    Reminder.objects.filter(closed_at=None, **of).update(closed_at=clock.now())
