"""What the page "What I hear" shows: sentences, how they were acted on, and when the next one goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from metrics.models import Company
from northstar.lib.datewords import long_date_words
from teams.channels import email
from teams.models import Preference, User
from teams.reminders import acting, because, delivering, planning
from teams.reminders.acting import Rate
from teams.reminders.rules import RULES, WEEKLY_READY


@dataclass(frozen=True, slots=True)
class Sentence:
    """A row of the page: "Tell me …", whether it is on, or why it stays on, and how it was acted on."""

    rule: str
    words: str
    on: bool
    locked: str
    acted: str
    may_go: bool
    has_teams: bool = False


def page(user: User, preference: Preference, form: Any, *, company: Company, now: datetime) -> dict[str, Any]:
    """The form and what stands beside it. A constant number of queries."""
    rates = acting.rates(user, now=now)
    on = set(form["rules"].value() or ())
    groups = [
        (title, [_sentence(rule, rule in on, rates.get(rule, Rate())) for rule in names])
        for title, names in form.groups.items()
    ]
    return {
        "form": form,
        "groups": groups,
        "next": next_words(user, preference, company=company, now=now),
        "unreached": delivering.unreached(user, now),
        "broken": preference.channel if preference.channel and preference.channel.broken_at else None,
    }


def next_words(user: User, preference: Preference, *, company: Company, now: datetime) -> str:
    """ "The next one goes on Tuesday 1 December at 08:00 (Europe/Berlin), to maren@…" Two queries."""
    chat = preference.channel if preference.channel and not preference.channel.broken_at else None
    if chat is None and not (preference.by_mail and email.reaches(user)):
        return "No message goes out to you: what you are told stands in the app."
    moment, waiting = planning.next_message(user, now, company)
    zone = user.zone or company.zone
    to = chat.label if chat else user.email
    when = f"on {_moment(moment, zone)}"
    if waiting:
        return f"The next one goes {when}, to {to}; {_things(waiting)}."
    if moment <= now:
        return f"Nothing waits. What comes up now goes to {to} at once."
    return f"Nothing waits. What comes up before then goes {when}, to {to}."


def _things(count: int) -> str:
    return "one thing waits for it" if count == 1 else f"{count} things wait for it"


def _moment(moment: datetime, zone: str) -> str:
    """ "Tuesday 1 December at 08:00 (Europe/Berlin)" """
    local = moment.astimezone(ZoneInfo(zone))
    day = long_date_words(local.date()).rsplit(" ", 1)[0]
    return f"{local:%A} {day} at {local:%H:%M} ({zone})"


def _sentence(rule: str, on: bool, rate: Rate) -> Sentence:
    locked = because.locked(rule)
    words = RULES[rule].words
    may_go = on and not locked and rate.may_go
    return Sentence(rule, words, on, locked, rate.words, may_go, rule == WEEKLY_READY)
