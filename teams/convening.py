"""The review meeting: one decision a bet, what is done next by whom, minutes (product 2, no. 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from metrics import auditing, formatting
from northstar.lib import clock
from teams import concluding, minuting, review_facts
from teams.models import Membership, Omtm, Reminder, Review, User
from teams.models.omtm import RUNNING
from teams.refusing import LifecycleError, demand
from teams.reminders import addressing

DECISIONS = {
    "keep": "Keep going",
    "change_lever": "Change the lever",
    "change_target": "Change the target",
    "retire": "Retire it",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided of one bet: a line of why or what, who does it, until when."""

    decision: str
    line: str = ""
    owner: User | None = None
    by: date | None = None


def decide(omtm: Omtm, given: Decided, *, actor: Any, today: date) -> Review:
    """Keep what today's meeting decided of a bet; decided again on the same day, it takes its place.

    Raises LifecycleError where the bet is over.
    """
    demand(given.decision in DECISIONS, "Choose what is decided.", "decision")
    with transaction.atomic():
        rows = Omtm.objects.select_for_update(of=("self",)).select_related("metric", "team")
        omtm = rows.get(pk=omtm.pk)
        if omtm.state not in RUNNING:
            raise LifecycleError(f"{omtm} is {omtm.state.replace('_', ' ')}; there is nothing to decide.")
        review, _ = Review.objects.get_or_create(
            omtm=omtm, kind="meeting", due_on=today, defaults={"is_demo": omtm.is_demo}
        )
        review.held_at, review.held_by = clock.now(), actor
        review.decision, review.note = given.decision, given.line
        review.action_owner, review.action_by = given.owner, given.by
        review.facts = review_facts.brief(omtm, concluding.document_of(omtm))
        review.minutes = written(review)
        review.save()
        after = {"decision": given.decision, "owner": given.owner, "by": given.by}
        auditing.record("review.held", review, actor=actor, after=after, reason=given.line)
    return review


def written(review: Review) -> str:
    """The minutes of what was decided of one bet."""
    facts = review.facts
    stands = facts.get("verdict") or "No complete week yet."
    lines = [f"{facts['team']}: {facts['name']}", stands, f"Decision: {DECISIONS[review.decision].lower()}."]
    if review.note:
        lines.append(review.note)
    if review.action_owner or review.action_by:
        who = str(review.action_owner) if review.action_owner else "Nobody yet"
        by = f" by {formatting.day_words(review.action_by)}" if review.action_by else ""
        lines.append(f"Next: {who}{by}")
    return "\n".join(lines)


def decided_on(day: date) -> QuerySet[Review]:
    """What the meeting of a day decided, in the order in which it was decided."""
    rows = Review.objects.filter(kind="meeting", due_on=day, held_at__isnull=False)
    return rows.select_related("omtm__team", "held_by", "action_owner").order_by("held_at", "id")


def minutes_of(day: date) -> str:
    """The minutes of the whole meeting as text; empty where nothing was decided."""
    rows = list(decided_on(day))
    if not rows:
        return ""
    following = rows[0].next_on
    parts = [f"Review meeting of {formatting.day_words(day)}", *(row.minutes for row in rows)]
    if following:
        parts.append(f"Next meeting: {formatting.day_words(following)}, {rows[0].answers.get('next_at', '')}")
    return "\n\n".join(parts)


def minutes_key(day: date) -> str:
    """The key of the reminder that carries the minutes of a day, so that they are mailed once."""
    return f"{minuting.RULE}:meeting:{day.isoformat()}"


def close(day: date, *, following: date | None, at: time, actor: Any) -> Reminder:
    """End a meeting: note when people meet again, and mail its minutes to the people of its teams, once.

    Raises LifecycleError where nothing was decided.
    """
    with transaction.atomic():
        rows = list(decided_on(day).select_for_update(of=("self",)))
        demand(rows, "Nothing was decided on this day: there is nothing to mail.", "")
        for row in rows:
            row.next_on, row.answers = following, {"next_at": f"{at:%H:%M}"} if following else {}
            row.save(update_fields=["next_on", "answers"])
        auditing.record("review.meeting_closed", rows[0], actor=actor, after={"day": day, "next": following})
        decisions = "1 decision" if len(rows) == 1 else f"{len(rows)} decisions"
        return minuting.post(
            key=minutes_key(day),
            subject=f"Review meeting of {formatting.day_words(day)}: {decisions}",
            text=minutes_of(day),
            path=reverse("review-meeting", args=[day.isoformat()]),
            people=_people(rows),
            is_demo=all(row.is_demo for row in rows),
        )


def _people(rows: list[Review]) -> list[User]:
    """Everybody in the teams that were spoken about, and who decided; each once."""
    teams = {row.omtm.team_id for row in rows if row.omtm}
    members = Membership.objects.filter(team__in=teams, user__is_active=True).select_related(
        f"user__{addressing.WANTED}"
    )
    found = {row.user_id: row.user for row in members.order_by("user_id")}
    found |= {row.held_by.pk: row.held_by for row in rows if row.held_by and row.held_by.is_active}
    return list(found.values())
