"""Telling that the weekly review is ready (M17): one reminder a week, and one for each team with a chat."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from metrics import formatting
from metrics.models import Company
from northstar.lib.localtime import local_day
from northstar.lib.periods import WEEK
from teams import weekly
from teams.digests import letter
from teams.models import Channel, Delivery, Reminder, Team, User, WeeklyReview
from teams.reminders import addressing
from teams.reminders.rules import WEEKLY_READY
from teams.reminders.wording import one_line
from teams.weekly_pages import week_code

ACTION = "Read the weekly review"


def announce(now: datetime) -> int:
    """Tell of the review of the newest week that is due; returns the number of new reminders.

    May run at any time and twice at once: a week is told once, because its reminder has one key. Of older
    weeks nobody is told any more, and a letter that still waits is dropped.
    """
    company = Company.current()
    week = weekly.due_week(now, company.zone)
    if Reminder.objects.filter(key=key_of(week)).exists():
        return 0
    review = WeeklyReview.objects.filter(week=week).first()
    # What an older version froze has nothing for a letter in it.
    if review is None or "letter" not in review.content:
        return 0
    with transaction.atomic():
        reminder, made = Reminder.objects.get_or_create(
            key=key_of(review.week), defaults=_fields(review, now, company)
        )
        if not made:
            return 0
        older = Reminder.objects.filter(rule=WEEKLY_READY, occurs_on__lt=reminder.occurs_on, closed_at=None)
        older.update(closed_at=now)
        _tell_people(reminder, now)
        Delivery.objects.bulk_create(addressing.shared(reminder, None, now), ignore_conflicts=True)
        return 1 + _tell_teams(review, reminder, now)


def key_of(week: date, team: int | None = None) -> str:
    """ "weekly_ready:2026-11-09"; of a team's chat "weekly_ready:2026-11-09:team:3"."""
    return f"{WEEKLY_READY}:{week.isoformat()}" + ("" if team is None else f":team:{team}")


def week_of(reminder: Reminder) -> date:
    """The week that a reminder of this rule is about: its Monday."""
    return date.fromisoformat(reminder.key.split(":")[1])


def _fields(review: WeeklyReview, now: datetime, company: Company) -> dict[str, object]:
    today = local_day(now, company.zone)
    whole = letter.of(review, letter.Reader(), today)
    ready = f"The weekly review of the {whole.week_words} is ready."
    return {
        "rule": WEEKLY_READY,
        "occurs_on": review.week + WEEK,
        "subject": one_line(whole.subject),
        "plain_subject": one_line(ready.removesuffix(".")),
        "text": "\n".join(each for each in (whole.verdict, whole.moved, whole.late, ready) if each),
        "plain_text": " ".join(each for each in (ready, whole.late) if each),
        "path": reverse("weekly-past", args=[week_code(review.week)]),
        "action": ACTION,
        "is_demo": review.is_demo,
    }


def _tell_people(reminder: Reminder, now: datetime) -> None:
    people = User.objects.filter(is_active=True).select_related(f"{addressing.WANTED}").order_by("id")
    rows = [row for user in people for row in addressing.tellings(reminder, user, now)]
    Delivery.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def _tell_teams(review: WeeklyReview, company_wide: Reminder, now: datetime) -> int:
    """A reminder for each team with a working chat that wants it: its own part, and nobody else's."""
    parts = {part.pk: part for part in letter.parts_of(review)}
    chats = Channel.objects.filter(team__in=parts, archived_at=None, broken_at=None).select_related("team")
    teams: dict[int, Team] = {
        chat.team.pk: chat.team for chat in chats if chat.team and WEEKLY_READY in chat.rules
    }
    made = 0
    for pk, team in teams.items():
        words = letter.team_words(parts[pk])
        week = formatting.week_words(review.week, local_day(now, Company.current().zone))
        reminder, new = Reminder.objects.get_or_create(
            key=key_of(review.week, pk),
            defaults={
                "rule": WEEKLY_READY,
                "team": team,
                "occurs_on": company_wide.occurs_on,
                "subject": one_line(f"{team.name}, {week}"),
                "text": f"{words}\n{company_wide.text.splitlines()[0]}",
                "plain_text": company_wide.plain_text,
                "path": parts[pk].path,
                "action": "Open the team",
                "is_demo": company_wide.is_demo,
            },
        )
        if new:
            Delivery.objects.bulk_create(addressing.shared(reminder, team, now), ignore_conflicts=True)
        made += new
    return made
