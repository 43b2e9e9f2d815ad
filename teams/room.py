"""Whether a team has room for a window: one focus at a time, a second one by exception (domain 3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from metrics import formatting
from teams.models import ExceptionGrant, Omtm, Team


@dataclass(frozen=True, slots=True)
class Room:
    """The slot for a window with the exception that it needs, or the sentence that says why there is none."""

    slot: int = 1
    exception: ExceptionGrant | None = None
    beside: Omtm | None = None
    refusal: str = ""


def room_for(team: Team, *, start: date, end: date, today: date, moved: Omtm | None = None) -> Room:
    """Where a window from `start` to `end` fits; `moved` is the OMTM whose window it will be.

    A window in review counts while it runs; once it is over it keeps nobody from the next (domain 3.4).
    """
    others = list(_overlapping(team, start, end, today, moved))
    if not others:
        return Room(slot=moved.slot if moved else 1)
    other = others[0]
    if len(others) > 1:
        return Room(refusal=f"{already_pushes(team, other)} {_also(others[1])}")
    own = _own_exception(team, today, moved)
    if own is not None and end <= own.until:
        return Room(moved.slot if moved else 3 - other.slot, own, other)
    if covered(other, today):
        return Room(moved.slot if moved else 3 - other.slot, moved.exception if moved else None, other)
    words = already_pushes(team, other)
    if own is not None:
        words = (
            f"{words} The exception for a second one lasts until {formatting.day_words(own.until)}: "
            "let its window end by then."
        )
    return Room(refusal=words, beside=other)


def covered(omtm: Omtm, today: date) -> bool:
    """Whether it runs beside another one by an exception that is in force and lasts as long as its window."""
    grant = omtm.exception
    return grant is not None and grant.is_open(today) and omtm.end <= grant.until


def shared_by(team: Team, today: date) -> ExceptionGrant | None:
    """The exception in force by which the team pushes two metrics, or will; one query."""
    used = ExceptionGrant.objects.open_on(today).filter(team=team, omtms__state__in=("committed", "active"))
    return used.first()


def already_pushes(team: Team, other: Omtm) -> str:
    """Why a team cannot start another one."""
    if other.state == "committed":
        when = f"from {formatting.day_words(other.start)} to {formatting.day_words(other.end)}"
        return f"{team} is already committed to {other.name} {when}. Withdraw it first."
    until = formatting.day_words(other.end)
    return f"{team} already pushes {other.name} until {until}. Retire it first."


def _overlapping(team: Team, start: date, end: date, today: date, moved: Omtm | None) -> list[Omtm]:
    running = Q(state__in=("active", "committed"), end__gte=start)
    reviewed = Q(state="in_review", end__gte=max(today, start))
    found = team.omtms.filter(running | reviewed, start__lte=end).select_related("exception")
    return list(found.exclude(pk=moved.pk if moved else None).order_by("start", "id"))


def _own_exception(team: Team, today: date, moved: Omtm | None) -> ExceptionGrant | None:
    if moved is not None and moved.exception is not None:
        return moved.exception if moved.exception.is_open(today) else None
    return ExceptionGrant.objects.open_on(today).filter(team=team).order_by("-until").first()


def _also(other: Omtm) -> str:
    return f"It also has {other.name} from {formatting.day_words(other.start)}."
