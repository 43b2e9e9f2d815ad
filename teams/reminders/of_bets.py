"""What asks for something about a focus by its window: start, check-ins, half-time, end, review (M1-M6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from northstar.lib.localtime import local_day
from northstar.lib.workdays import next_working_day
from teams.models import HealthSnapshot, Omtm, Review
from teams.reminders import addressing, days, rules, snoozing, wording
from teams.reminders.rules import SHIFT, Due
from teams.reminders.wanting import Scene, Wanted
from teams.reminders.wording import Words

#: What the last weeks can have said: no older row of health matters to anybody.
Newest = Mapping[int, HealthSnapshot]


def running() -> QuerySet[Omtm]:
    """Active or waiting for their review, of teams that are there; `reviewed` is half-way."""
    held = Review.objects.filter(omtm=OuterRef("pk"), kind="midpoint", held_at__isnull=False)
    rows = Omtm.objects.running().filter(team__archived_at=None).annotate(reviewed=Exists(held))
    return (
        rows.select_related("team", "metric", f"owner__{addressing.WANTED}").defer("snapshot").order_by("id")
    )


def wanted(omtms: list[Omtm], scene: Scene, newest: Newest) -> Iterator[Wanted]:
    """Every occurrence that still asks for something, or would by another calendar. No query."""
    for omtm in omtms:
        for due in _dues(omtm, scene):
            yield Wanted(
                rules.key(due, "omtm", omtm.pk),
                due,
                _words(due, omtm, scene, newest.get(omtm.pk)),
                omtm=omtm,
                last_day=_last_day(due, scene),
                held=_is_held(due, omtm, scene),
            )


def _dues(omtm: Omtm, scene: Scene) -> list[Due]:
    until = {"today": scene.day + SHIFT, "country": scene.company.country}
    if omtm.state == "in_review":
        return [*rules.of_ended(omtm.end, **until), *_awake(omtm, scene)]
    reviewed: bool = omtm.reviewed  # type: ignore[attr-defined]
    asked = rules.of_check_ins(omtm.start, omtm.end, every=scene.company.check_in_days, **until)
    # The newest Tuesday asks for all that an older one did.
    past = [due for due in asked if due.occurs_on <= scene.day][:-1]
    dues = rules.of_active(omtm.start, omtm.end, reviewed=reviewed, **until)
    return [*_start(omtm, scene), *dues, *(due for due in asked if due not in past)]


def _awake(omtm: Omtm, scene: Scene) -> list[Due]:
    """Whoever put the review off is asked again on the day they chose, or the working day after it."""
    until = scene.snoozed.get(omtm.pk)
    late = (rules.OVERDUE_AFTER, rules.ESCALATED_AFTER)
    if until is None or until - omtm.end in late:
        return []
    told = next_working_day(until, scene.company.country)
    return [Due(rules.REVIEW_OVERDUE, until, told, (rules.LEAD,))]


def _start(omtm: Omtm, scene: Scene) -> list[Due]:
    activated = local_day(omtm.activated_at, scene.company.zone) if omtm.activated_at else omtm.start
    due = days.of_start(omtm.start, activated)
    return [due] if due.day <= scene.today < due.day + days.START_STAYS else []


def _last_day(due: Due, scene: Scene) -> date | None:
    if due.rule == rules.WINDOW_STARTED:
        return due.day + days.NEWS_OF_START
    if due.rule == rules.CHECK_IN:
        return rules.last_day_of_asking(due, every=scene.company.check_in_days)
    return None


def _is_held(due: Due, omtm: Omtm, scene: Scene) -> bool:
    """A check-in waits for its numbers; what a snooze puts off, for its day."""
    if due.rule == rules.CHECK_IN:
        return omtm.metric_id in scene.stale
    snoozed = scene.snoozed.get(omtm.pk)
    return due.rule in snoozing.PUT_OFF and snoozed is not None and scene.today < snoozed


def _words(due: Due, omtm: Omtm, scene: Scene, latest: HealthSnapshot | None) -> Callable[[], Words]:
    def said() -> Words:
        stale = scene.stale.get(omtm.metric_id or 0)
        until = stale.until if stale else None
        return wording.of_omtm(due, omtm, today=scene.today, latest=latest, stale=until)

    return said
