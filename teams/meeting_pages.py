"""What the pages of the review meeting show: the agenda, one bet a screen, its minutes; a fixed number of
queries each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from metrics import formatting
from metrics.models import ChartDocument, Company
from teams import charting, concluding, convening, omtm_pages, review_pages, reviewing
from teams.models import CheckIn, Delivery, Omtm, Review
from teams.models.review import REVIEW_KINDS

#: A check-in stands for four weeks.
STANDS = timedelta(weeks=4)
MINUTES_EACH = 3
NEXT_IN = timedelta(weeks=4)
#: Why a bet is spoken about first, worst first.
OFF, RISK, LATE, BROKEN, HELP, NO_DATA = range(6)
CALM = 9


@dataclass(slots=True)
class Item:
    """A bet on the agenda: why it is spoken about, how it stands, what was said and decided last."""

    omtm: Omtm
    facts: dict[str, Any]
    reasons: list[tuple[int, str, str]] = field(default_factory=list)
    check_in: CheckIn | None = None
    last: Review | None = None
    today: Review | None = None

    @property
    def rank(self) -> int:
        """The gravest reason; CALM without one."""
        return min((rank for rank, _, _ in self.reasons), default=CALM)

    @property
    def decision(self) -> str:
        """What today's meeting decided, in words."""
        return convening.DECISIONS[self.today.decision] if self.today else ""

    @property
    def last_words(self) -> str:
        """The decision before today's, in words."""
        return review_pages.decision_words(self.last.decision) if self.last else ""

    @property
    def last_on(self) -> str:
        """When that was: the day of the meeting, of a review the day on which it was due."""
        return formatting.day_words(self.last.due_on) if self.last else ""


def agenda(*, today: date, team: str = "") -> list[Item]:
    """Every running bet, those first that need the meeting; of one team where its slug is given."""
    rows = Omtm.objects.running().select_related("team", "metric", "owner")
    omtms = list((rows.filter(team__slug=team) if team else rows).order_by("team__name", "id"))
    documents = ChartDocument.objects.filter(key__in=[charting.key_of(each) for each in omtms])
    facts = dict(documents.values_list("key", "facts"))
    items = {each.pk: Item(each, facts.get(charting.key_of(each), {})) for each in omtms}
    said = CheckIn.objects.filter(omtm__in=omtms, day__gt=today - STANDS).select_related("person")
    for row in said.order_by("day", "id"):
        items[row.omtm_id].check_in = row
    held = Review.objects.filter(omtm__in=omtms, held_at__isnull=False).defer("facts", "minutes", "answers")
    for review in held.select_related("action_owner").order_by("held_at", "id"):
        _remember(items[review.omtm_id or 0], review, today)
    late = {each.omtm_id: each for each in reviewing.open_reviews().filter(omtm__in=omtms, due_on__lt=today)}
    for item in items.values():
        item.reasons = list(_reasons(item, late.get(item.omtm.pk), today))
    return sorted(items.values(), key=lambda item: (item.rank, item.omtm.team.name, item.omtm.pk))


def screen(items: list[Item], pk: int, *, company: Company, today: date) -> dict[str, Any]:
    """One bet, large, with the way to the one before and after it."""
    place = next((number for number, item in enumerate(items) if item.omtm.pk == pk), None)
    item = items[place] if place is not None else _one(pk)
    omtm = item.omtm
    return {
        "item": item,
        "omtm": omtm,
        "chart": concluding.document_of(omtm),
        "facts": item.facts,
        "goal": charting.goal_words(omtm),
        "sentence": charting.goal_sentence(omtm, today),
        "week": omtm_pages.week_words(omtm, today),
        "place": (place or 0) + 1,
        "count": len(items),
        "before": items[place - 1].omtm.pk if place else None,
        "after": items[place + 1].omtm.pk if place is not None and place + 1 < len(items) else None,
        "seconds": MINUTES_EACH * 60,
        "today": today,
    }


def minutes(day: date, *, company: Company, today: date) -> dict[str, Any]:
    """A meeting as it was: decisions, next actions, minutes, when people meet again."""
    rows = list(convening.decided_on(day))
    first = rows[0] if rows else None
    return {
        "day": day,
        "day_words": formatting.day_words(day, today),
        "rows": [_line(row, today) for row in rows],
        "text": convening.minutes_of(day),
        "next_on": first.next_on if first else None,
        "next_at": first.answers.get("next_at", "") if first else "",
        "mailed": _mailed(day),
        "is_today": day == today,
        "today": today,
    }


def _one(pk: int) -> Item:
    omtm = Omtm.objects.select_related("team", "metric", "owner").get(pk=pk)
    return Item(omtm, {})


def _remember(item: Item, review: Review, today: date) -> None:
    if review.kind == "meeting" and review.due_on == today:
        item.today = review
    else:
        item.last = review


def _reasons(item: Item, late: Review | None, today: date) -> Iterator[tuple[int, str, str]]:
    """(rank, tone, words) of everything that makes it an exception."""
    facts, omtm = item.facts, item.omtm
    state = facts.get("state", "no_data") if omtm.state == "active" else ""
    if state == "off_track":
        yield OFF, "off_track", "Off track"
    if state == "at_risk":
        yield RISK, "at_risk", "At risk"
    if late is not None:
        words, _ = review_pages.when_words(late.due_on, today)
        yield LATE, "bad", f"{REVIEW_KINDS[late.kind]} {words}"
    for guard in facts.get("guardrails") or []:
        if guard.get("state") == "bad":
            yield BROKEN, "bad", f"{guard['name']} {guard['value_words']}, {guard['limit_words']}"
    if item.check_in is not None and item.check_in.help_wanted:
        yield HELP, "warn", f"Help wanted: {item.check_in.help_wanted}"
    if state == "no_data" or (facts.get("trust") or {}).get("blocks"):
        yield NO_DATA, "no_data", "No trusted data"


def _line(row: Review, today: date) -> dict[str, Any]:
    assert row.omtm is not None
    return {
        "pk": row.pk,
        "omtm": row.omtm_id,
        "name": row.facts.get("name", row.omtm.name),
        "team": row.facts.get("team", row.omtm.team.name),
        "decision": convening.DECISIONS[row.decision],
        "key": row.decision,
        "line": row.note,
        "owner": str(row.action_owner) if row.action_owner else "",
        "by": formatting.day_words(row.action_by, today) if row.action_by else "",
        "who": str(row.held_by) if row.held_by else "",
    }


def _mailed(day: date) -> int:
    """How many people got the minutes, or will."""
    return Delivery.objects.filter(reminder__key=convening.minutes_key(day), channel="app").count()


def split(items: Iterable[Item]) -> tuple[list[Item], list[Item]]:
    """(exceptions, the rest)."""
    found = list(items)
    return [item for item in found if item.reasons], [item for item in found if not item.reasons]
