"""What one person wants to hear: turning a rule off and on again. It still stands in the app."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time

from django.db import transaction

from teams.models import Channel, Preference, Team, User
from teams.reminders import planning
from teams.reminders.rules import RULES, WEEKLY_READY


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the page of choices says: `rules` are those that are told, `zone` "" is the company's."""

    by_mail: bool
    channel: Channel | None
    rules: Collection[str]
    most_a_week: int
    digest: str
    quiet_from: time
    quiet_until: time
    zone: str
    weekly_teams: Collection[Team]


class Locked(Exception):
    """This rule is told to everybody whom it concerns; teams.reminders.because says why."""


def of(user: User) -> Preference:
    """The person's row, or the defaults, which are not stored. One query."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


def is_on(preference: Preference, rule: str) -> bool:
    """Whether this rule is told by message."""
    return preference.weekly_mail if rule == WEEKLY_READY else rule not in preference.off_rules


def turn_off(user: User, rule: str) -> None:
    """No more messages of this rule. Raises Locked, and KeyError where there is no such rule."""
    if RULES[rule].always:
        raise Locked
    with held(user) as preference:
        set_on(preference, rule, on=False)


def turn_on(user: User, rule: str) -> None:
    """Messages of this rule again. Raises KeyError where there is no such rule."""
    RULES[rule]
    with held(user) as preference:
        set_on(preference, rule, on=True)


def set_on(preference: Preference, rule: str, *, on: bool) -> None:
    """Change the row in hand; saving it is up to whoever holds it."""
    if rule == WEEKLY_READY:
        preference.weekly_mail = on
        return
    rest = [each for each in preference.off_rules if each != rule and each in RULES]
    preference.off_rules = rest if on else [*rest, rule]


@contextmanager
def held(user: User) -> Iterator[Preference]:
    """The person's row, made where there is none, locked until it is saved at the end.

    Two links of two mails that are followed at once both stand afterwards.
    """
    with transaction.atomic():
        Preference.objects.get_or_create(user=user)
        preference = Preference.objects.select_for_update(of=("self",)).get(user=user)
        yield preference
        preference.save()


def choose(user: User, chosen: Chosen, *, now: datetime) -> None:
    """Keep the whole page of choices, and look again at what waits to leave."""
    with held(user) as preference:
        preference.by_mail, preference.channel = chosen.by_mail, chosen.channel
        preference.most_a_week, preference.digest = chosen.most_a_week, chosen.digest
        preference.quiet_from, preference.quiet_until = chosen.quiet_from, chosen.quiet_until
        for rule in RULES:
            if not RULES[rule].always:
                set_on(preference, rule, on=rule in chosen.rules)
        preference.weekly_teams.set(chosen.weekly_teams)
        User.objects.filter(pk=user.pk).update(zone=chosen.zone)
    planning.replan(user, now)
