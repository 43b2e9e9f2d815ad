"""What the pages of reviews show; a constant number of queries each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse

from metrics import checklist, drawing, fitness_words, formatting
from metrics.models import ChartDocument, Company, NorthStar, NorthStarVersion
from northstar.lib import periods
from northstar.lib.policy import Subject, may
from teams import convening, reviewing
from teams.models import Omtm, Review, Snooze, User
from teams.models.review import REVIEW_KINDS
from teams.reminders import reminding, rules, snoozing

AHEAD = timedelta(weeks=4)
SOON = 7
MOST_HELD, MOST_MEETINGS, MOST_TESTS = 12, 6, 6
PAGES = {"midpoint": "omtm-midpoint", "closing": "omtm-retire"}
BUTTONS = {
    "midpoint": "Hold the half-way review",
    "closing": "Write the closing review",
    "north_star": "Review the North Star",
}
DECISIONS = (
    {
        "retire": "Retired",
        "renew": "Retired and renewed",
        "replace": "Retired and replaced",
    }
    | reviewing.HALF_WAY_DECISIONS
    | reviewing.NORTH_STAR_DECISIONS
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the due list: what, of which thing, of whom, when in words, and the one button."""

    what: str
    name: str
    url: str
    team: str
    day: date
    when: str
    tone: str
    late: bool = False
    action: str = ""
    action_url: str = ""
    put_off: str = ""
    later_url: str = ""


def due_list(subject: Subject, user: User, *, company: Company, today: date) -> dict[str, Any]:
    """Notices, what waits for this person, what waits for others, what comes, what was held."""
    open_now = reviewing.open_reviews().select_related("omtm__team", "north_star").order_by("due_on", "id")
    mine = set(reviewing.due_for(subject, today).values_list("pk", flat=True))
    asleep = snoozing.running((review.omtm_id for review in open_now if review.omtm_id), today)
    rows = [(review, _row(review, subject, today, asleep)) for review in open_now]
    return {
        "notices": [
            row for row in reminding.unseen(user, today=today) if row.reminder.rule in rules.ON_REVIEWS
        ],
        "mine": [row for review, row in rows if review.pk in mine],
        "others": [row for review, row in rows if review.pk not in mine],
        "coming": sorted(_coming(company, today), key=lambda row: (row.day, row.name)),
        "held": _held(today, company),
        "meetings": _meetings(today),
        "today": today,
    }


def north_star(star: NorthStar, *, today: date, company: Company) -> dict[str, Any]:
    """The facts beside the questions about the North Star."""
    document = ChartDocument.objects.filter(key=drawing.key_of(star)).first()
    last = Review.objects.filter(north_star=star, held_at__isnull=False).select_related("held_by")
    held = last.order_by("-held_at").first()
    versions = NorthStarVersion.objects.filter(north_star=star).select_related("metric")
    tests = list(star.fitness_tests.order_by("-tested_on")[:MOST_TESTS])
    return {
        "test": fitness_words.shown(tests[0]) if tests else None,
        "tests": tests[1:],
        "star": star,
        "questions": checklist.QUESTIONS,
        "version": versions.order_by("-version_no").first(),
        "facts": document.facts if document else {},
        "chart": document,
        "when": when_words(star.next_review_on, today) if star.next_review_on else ("", ""),
        "last": held_words(held, today, company) if held else None,
        "today": today,
    }


def when_words(day: date, today: date) -> tuple[str, str]:
    """(words, tone): "2 days late", "due today", "in 3 days", "12 Dec"."""
    days = (day - today).days
    if days < 0:
        return f"{-days} day{'' if days == -1 else 's'} late", "bad"
    if days == 0:
        return "due today", "warn"
    if days <= SOON:
        return ("tomorrow" if days == 1 else f"in {days} days"), "warn"
    return formatting.day_words(day, today), ""


def decision_words(decision: str) -> str:
    """ "Retired and renewed", "Keep going": what a review decided."""
    return DECISIONS.get(decision) or convening.DECISIONS.get(decision, "")


def _row(review: Review, subject: Subject, today: date, asleep: dict[int, Snooze]) -> Row:
    when, tone = when_words(review.due_on, today)
    what, late = REVIEW_KINDS[review.kind], review.due_on < today
    if review.omtm is None:
        url = reviewing.page_of(review.north_star)
        allowed = may(subject, "north_star.review")
        name, team, action_url = str(review.north_star), "", url
        page = reverse("home")
    else:
        omtm = review.omtm
        page = reverse("omtm", args=[omtm.pk])
        action = "omtm.review" if review.kind == "midpoint" else "omtm.retire"
        allowed = may(subject, action, omtm)
        name, team, action_url = omtm.name, omtm.team.name, reverse(PAGES[review.kind], args=[omtm.pk])
    button = BUTTONS[review.kind] if allowed else ""
    row = Row(what, name, page, team, review.due_on, when, tone, late, button, action_url)
    if review.kind != "closing" or review.omtm is None:
        return row
    snooze = asleep.get(review.omtm.pk)
    later = snoozing.path(review.omtm.pk) if allowed and not snooze else ""
    return replace(row, put_off=snoozing.words(snooze) if snooze else "", later_url=later)


def _coming(company: Company, today: date) -> Iterator[Row]:
    """What opens within four weeks: half-way reviews, ends of windows, the North Star's review."""
    known = Review.objects.filter(omtm=OuterRef("pk"), kind="midpoint")
    active = Omtm.objects.active().annotate(has_half_way=Exists(known)).select_related("team")
    for omtm in active:
        page = reverse("omtm", args=[omtm.pk])
        middle = rules.half_way_day(omtm.start, omtm.end, company.country)
        if not omtm.has_half_way and today < middle <= today + AHEAD:
            yield _ahead("Half-way review", omtm.name, page, omtm.team.name, middle, today)
        if today <= omtm.end <= today + AHEAD:
            yield _ahead(
                "Window ends, closing review opens", omtm.name, page, omtm.team.name, omtm.end, today
            )
    star = NorthStar.current()
    day = star.next_review_on if star else None
    if star and day and today + rules.TWO_WEEKS < day <= today + AHEAD:
        yield _ahead("North Star review", star.name, reverse("home"), "", day, today)


def _ahead(what: str, name: str, url: str, team: str, day: date, today: date) -> Row:
    when, tone = when_words(day, today)
    return Row(what, name, url, team, day, when.removeprefix("due "), tone)


def _meetings(today: date) -> list[dict[str, Any]]:
    """The last review meetings: day and how much was decided; one query."""
    held = Review.objects.filter(kind="meeting", held_at__isnull=False)
    days = held.values("due_on").annotate(count=Count("id")).order_by("-due_on")[:MOST_MEETINGS]
    return [
        {"day": row["due_on"], "words": formatting.day_words(row["due_on"], today), "count": row["count"]}
        for row in days
    ]


def _held(today: date, company: Company) -> list[dict[str, Any]]:
    rows = Review.objects.filter(held_at__isnull=False).exclude(kind="meeting").defer("facts")
    rows = rows.select_related("omtm__team", "north_star", "held_by")
    return [held_words(review, today, company) for review in rows.order_by("-held_at", "-id")[:MOST_HELD]]


def held_words(review: Review, today: date, company: Company) -> dict[str, Any]:
    day = periods.local_day(review.held_at, company.zone) if review.held_at else review.due_on
    omtm = review.omtm
    return {
        "what": REVIEW_KINDS[review.kind],
        "name": omtm.name if omtm else str(review.north_star),
        "url": reverse("review", args=[review.pk]),
        "team": omtm.team.name if omtm else "",
        "decision": decision_words(review.decision),
        "by": str(review.held_by) if review.held_by else "",
        "day": formatting.day_words(day, today),
        "note": review.note,
        "verdict": reviewing.VERDICTS.get(review.answers.get("hypothesis", ""), ""),
        "because": review.answers.get("because", ""),
        "answers": checklist.summary(review.answers),
    }
