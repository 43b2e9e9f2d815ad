"""What pages show of check-ins: the middle to everybody, who said what to the team and the leaders.

Others read the sentences without names and without the single answers: five people and five numbers would
tell who said what. A wish for help carries the name, for that is what it is for; the form says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from metrics import formatting
from northstar.lib.policy import Subject, may
from teams import charting, checking_in, concluding
from teams.checking_in import APART, CHANCES, Moment
from teams.forms.check_ins import CheckInForm
from teams.models import CheckIn, CheckInLink, Omtm

#: An answer stands for four weeks; after that nobody knows whether it is still meant.
STANDS = timedelta(weeks=4)
#: One query brings all that a page shows; a team of seven that checks in every week says less in half a year.
MOST = 200
#: As many lines of the log stand open; the rest is folded away.
NEWEST = 5


@dataclass(frozen=True, slots=True)
class Belief:
    """What the team says: percent and how many said it; `words` and, where the two differ, `differs`."""

    chance: int
    people: int
    words: str
    differs: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log. `who` and `chance` are empty for those who may not know them."""

    day: date
    note: str
    reading: str
    state: str
    who: str = ""
    chance: int | None = None


def panel(
    omtm: Omtm,
    *,
    subject: Subject,
    facts: dict[str, Any],
    today: date,
    form: CheckInForm | None = None,
) -> dict[str, Any]:
    """Belief, log, wishes for help and the form for the page of a bet or of its team. One query."""
    last = min(today, omtm.end)
    rows = list(CheckIn.objects.filter(omtm=omtm, day__lte=last).select_related("person")[:MOST])
    newest = _newest(rows)
    knows = may(subject, "omtm.check_in", omtm)
    mine = next((row for row in newest if row.person_id == subject.user_id), None)
    seen, shown = checking_in.moment_in(facts), charting.shown_as(omtm)
    log = [_entry(row, shown, named=knows) for row in rows if knows or row.note]
    is_open = checking_in.is_open(omtm, today)
    return {
        "belief": belief([row.chance for row in newest if row.day > last - STANDS], seen.p),
        "last": rows[0].day if rows else None,
        "log": log[:NEWEST],
        "earlier": log[NEWEST:],
        "named": knows,
        "helps": [row for row in newest if row.help_wanted and _stays(row)] if is_open else [],
        "mine": mine,
        "today": mine is not None and mine.day == today,
        "open": knows and is_open,
        "form": form or CheckInForm(initial=_said(mine, today)),
        "options": options(seen),
    }


def by_link(link: CheckInLink, *, today: date) -> dict[str, Any]:
    """The page behind a link: what is needed to answer, and nobody's name but the own. One query."""
    omtm = link.omtm
    document = concluding.document_of(omtm)
    facts = document.facts if document else {}
    return {
        "omtm": omtm,
        "person": link.person,
        "facts": facts,
        "goal": charting.goal_words(omtm),
        "sentence": charting.goal_sentence(omtm, today),
        "options": options(checking_in.moment_in(facts)),
    }


def options(seen: Moment) -> list[tuple[int, bool]]:
    """The five answers, each with whether it owes a sentence."""
    return [(chance, bool(checking_in.contradiction(chance, seen))) for chance in CHANCES]


def belief(chances: list[int], p: float | None) -> Belief | None:
    """The middle of what was said, and the sentence where it lies 30 points or more from the forecast."""
    if not chances:
        return None
    middle = round(median(chances))
    count = len(chances)
    said = "1 person said" if count == 1 else f"middle of {count} answers"
    differs = ""
    if p is not None and abs(middle - 100 * p) >= APART:
        differs = f"The team says about {middle}%, the numbers say {checking_in.likelihood(p)}."
    return Belief(middle, count, f"about {middle}% likely, {said}", differs)


def _newest(rows: Iterable[CheckIn]) -> list[CheckIn]:
    """Of each person the newest, newest first; those whose person is gone stand for themselves."""
    found: dict[int, CheckIn] = {}
    for row in rows:
        found.setdefault(row.person_id or -row.pk, row)
    return list(found.values())


def _stays(row: CheckIn) -> bool:
    """Whether somebody is there to be helped."""
    return row.person is not None and row.person.is_active


def _said(mine: CheckIn | None, today: date) -> dict[str, Any]:
    """What the form begins with: today's answer, of an older one only the wish, which would else be taken
    back unnoticed. An older chance would be kept by habit."""
    if mine is None:
        return {}
    if mine.day != today:
        return {"help_wanted": mine.help_wanted}
    return {"chance": mine.chance, "note": mine.note, "help_wanted": mine.help_wanted}


def _entry(row: CheckIn, shown: dict[str, Any], *, named: bool) -> Entry:
    reading = "" if row.reading is None else formatting.show(row.reading, **shown)
    who = str(row.person or "Somebody who left") if named else ""
    return Entry(row.day, row.note, reading, row.state, who, row.chance if named else None)
