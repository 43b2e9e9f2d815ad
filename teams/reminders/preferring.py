"""What one person wants to hear: turning a rule off and on again. It still stands in the app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from teams.models import Preference, User
from teams.reminders.rules import RULES, WEEKLY_READY


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
