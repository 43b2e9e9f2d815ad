"""What the pages of a single review show while it is written, and for ever after it was held."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.urls import NoReverseMatch, reverse

from metrics import formatting
from metrics.models import ChartDocument, Company
from northstar.lib import periods
from teams import autosaving, concluding, minutes, minuting, review_facts, review_pages, reviewing
from teams.models import Delivery, Omtm, Review, User
from teams.reminders import rules, snoozing


def closing(
    omtm: Omtm,
    *,
    company: Company,
    now: datetime,
    actor: User,
    clash: autosaving.DraftConflict | None = None,
) -> dict[str, Any]:
    """The facts beside the ten questions, as they will be frozen, and what was typed so far."""
    today = periods.local_day(now, company.zone)
    document = concluding.document_of(omtm)
    review = omtm.reviews.filter(kind="closing").select_related("draft_by").first()
    facts = review_facts.beside(omtm, document, company=company, now=now)
    return {
        "omtm": omtm,
        "chart": document,
        "facts": facts,
        "due": review_pages.when_words(omtm.review_due_on, today),
        "snooze": snoozing.running([omtm.pk], today).get(omtm.pk),
        "draft": drafted(review, actor=actor, company=company, today=today, clash=clash),
        "clash": clash,
        "kind": "closing",
        "funnel": _funnel(),
        "today": today,
    } | star_chart(facts)


def half_way(
    omtm: Omtm,
    *,
    company: Company,
    now: datetime,
    actor: User,
    clash: autosaving.DraftConflict | None = None,
) -> dict[str, Any]:
    """The facts beside the three questions. `omtm.metric` and `.team` are loaded."""
    today = periods.local_day(now, company.zone)
    day = rules.half_way_day(omtm.start, omtm.end, company.country)
    review = omtm.reviews.filter(kind="midpoint").select_related("held_by", "draft_by").first()
    document = concluding.document_of(omtm)
    facts = review_facts.beside(omtm, document, company=company, now=now)
    held = review if review and review.held_at else None
    return {
        "omtm": omtm,
        "chart": document,
        "facts": facts,
        "day": day,
        "held": review_pages.held_words(held, today, company) if held else None,
        "review": review,
        "open": held is None and omtm.state == "active" and today >= day,
        "draft": drafted(review, actor=actor, company=company, today=today, clash=clash),
        "clash": clash,
        "kind": "midpoint",
        "today": today,
    } | star_chart(facts)


def drafted(
    review: Review | None,
    *,
    actor: User,
    company: Company,
    today: date,
    clash: autosaving.DraftConflict | None = None,
) -> autosaving.Draft:
    """The draft of an open review; where two typed at once, what the other one saved is beside it."""
    draft = autosaving.draft_of(review, actor=actor, company=company, today=today)
    if clash is None or clash.review.draft_by is None:
        return draft
    former = {"by": str(clash.review.draft_by), "when": clock_words(clash.review), "fields": draft.fields}
    return autosaving.Draft(draft.number, {}, "", former)


def held(review: Review, *, company: Company, today: date) -> dict[str, Any]:
    """A review as it was held: nothing on it is read from what may have changed since."""
    facts = review.facts
    words = review_pages.held_words(review, today, company)
    return {
        "review": review,
        "facts": facts,
        "chart": review_facts.document_of(review),
        "title": facts.get("name") or words["name"],
        "what": words["what"],
        "team": facts.get("team") or words["team"],
        "held": words,
        "asked": list(_asked(review.answers)),
        "actions": [_action(each) for each in review.answers.get("actions", [])],
        "lesson": facts.get("lesson", ""),
        "mail_leaves": _mail_leaves(review, company),
        "today": today,
    } | star_chart(facts)


def star_chart(facts: dict[str, Any]) -> dict[str, Any]:
    """The small line of the North Star in the shape that templates draw."""
    star = facts.get("north_star")
    return {"star_chart": ChartDocument(sketches={"all": star["sketch"]}) if star else None}


def labelled(form: Any, fields: dict[str, str]) -> list[tuple[str, str]]:
    """(question, answer) of what somebody typed, in the order of the form."""
    found = []
    for name, field in form.fields.items():
        if text := fields.get(name):
            words = dict(getattr(field, "choices", ())).get(text, text)
            found.append((str(field.label), str(words)))
    return found


def held_path(omtm: Omtm, kind: str) -> str:
    """Where a held review of this OMTM is read; without one the page of the OMTM."""
    review = omtm.reviews.filter(kind=kind, held_at__isnull=False).order_by("-id").first()
    return reverse("review", args=[review.pk]) if review else reverse("omtm", args=[omtm.pk])


def open_path(review: Review) -> str:
    """Where the questions of an open review stand."""
    if review.omtm is None:
        return reviewing.page_of(review.north_star)
    return reverse(review_pages.PAGES[review.kind], args=[review.omtm.pk])


def clock_words(review: Review) -> str:
    """When its draft was saved, by the company's clocks: "14:02"."""
    at = review.draft_at
    return f"{at.astimezone(Company.current().tz):%H:%M}" if at else ""


def _action(each: dict[str, str]) -> dict[str, str]:
    day = each.get("day")
    return {
        "day": formatting.day_words(date.fromisoformat(day)) if day else "",
        "text": each.get("text", ""),
    }


def _mail_leaves(review: Review, company: Company) -> str:
    """When the minutes leave by mail, while they have not: "16:35"."""
    waiting = Delivery.objects.filter(
        reminder__key=f"{minuting.RULE}:review:{review.pk}", channel="email", state="due", attempt=0
    )
    due = waiting.order_by("next_due_at").values_list("next_due_at", flat=True).first()
    return f"{due.astimezone(company.tz):%H:%M}" if due else ""


def _funnel() -> str:
    try:
        return reverse("funnel")
    except NoReverseMatch:
        return ""


def _asked(answers: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """(question, answer) of the optional questions that were answered, in their order."""
    for name, words in minutes.ASKED:
        if answers.get(name):
            yield words, answers[name]
    if answers.get("driver"):
        yield "The driver moved as expected", minutes.DRIVER_MOVED[answers["driver"]]
    if answers.get("bottleneck"):
        yield "Still the bottleneck", minutes.BOTTLENECK[answers["bottleneck"]]
