"""Writing down who is to be told what: rows with keys, so that a day is caught up and nobody is told twice.

Telling them is `teams.reminders.delivering`. Both may run at any time, twice at once, or not for days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef

from metrics.models import Company, NorthStar
from northstar.lib.localtime import local_day
from teams import reviewing
from teams.models import Delivery, Grant, HealthSnapshot, Membership, Omtm, Reminder, Review, User
from teams.reminders import addressing, asking, linking, rules, snoozing, wording
from teams.reminders.rules import Due
from teams.reminders.wording import Words

#: By how much another calendar may put off the day on which people are told.
SHIFT = timedelta(days=14)
#: Minutes ask for nothing: they stand in the app for four weeks, or until they were seen.
MINUTES_STAY = timedelta(weeks=4)
#: What happened is told when it did, and no calendar takes it back.
HAPPENED = (rules.MINUTES, rules.ALERT, rules.WEEKLY_READY, rules.CHANNEL_BROKEN, *rules.OF_SOURCES)
#: What an inbox says of a reminder besides its words.
ABOUT = ("omtm__team", "north_star", "team", "alert")


@dataclass(frozen=True, slots=True)
class Wanted:
    """An occurrence that has come, of one thing, with what will be said about it."""

    key: str
    due: Due
    words: Callable[[], Words]
    omtm: Omtm | None = None
    star: NorthStar | None = None


def remind(now: datetime) -> int:
    """Write the reminders of every company day whose 07:00 has passed; returns how many are new.

    1. Open the reviews whose day has come. 2. Work out which occurrences have come, of what still runs.
    3. Close the reminders of what was done since. 4. Write those that are new, with a row for each telling.
    """
    company = Company.current()
    today = local_day(now, company.zone)
    reviewing.open_due(today, country=company.country)
    day = today if rules.slot(today, company.zone) <= now else today - timedelta(days=1)
    coming = list(_wanted(day, today=today, company=company))
    # A changed holiday calendar or zone may put off what was told already: it still asks for the same.
    _close_done({each.key for each in coming}, now)
    every = company.check_in_days
    wanted = [each for each in coming if rules.is_worth_telling(each.due, every=every, today=day)]
    known = set(Reminder.objects.filter(key__in=[each.key for each in wanted]).values_list("key", flat=True))
    missing = _not_in_doubt([each for each in wanted if each.key not in known])
    if not missing:
        return 0
    audience, told = Audience.of_today(every), set[tuple[object, date, int]]()
    return sum(_write(each, audience=audience, told=told, now=now) for each in missing)


@dataclass(frozen=True, slots=True)
class Audience:
    """Active people by what they are: leads and members by team, leaders of the company.

    `check_in_days` is for how long a check-in is enough.
    """

    leads: dict[int, list[User]]
    members: dict[int, list[User]]
    leaders: list[User]
    check_in_days: int

    @classmethod
    def of_today(cls, check_in_days: int) -> Audience:
        """Two queries, whatever the number of teams."""
        leads: dict[int, list[User]] = {}
        members: dict[int, list[User]] = {}
        rows = (
            Membership.objects.filter(user__is_active=True)
            .select_related(f"user__{addressing.WANTED}")
            .order_by("id")
        )
        for row in rows:
            members.setdefault(row.team_id, []).append(row.user)
            if row.role == "lead":
                leads.setdefault(row.team_id, []).append(row.user)
        granted = Grant.objects.filter(name="leader", user__is_active=True).select_related(
            f"user__{addressing.WANTED}"
        )
        return cls(leads, members, [row.user for row in granted.order_by("id")], check_in_days)

    def people(self, wanted: Wanted) -> list[User]:
        """Who is told, each once. Where a team has no lead it is the owner, and without one the leaders."""
        found: dict[int, User] = {}
        for name in wanted.due.to:
            found |= {user.pk: user for user in self._called(name, wanted)}
        return list(found.values())

    def _called(self, name: str, wanted: Wanted) -> list[User]:
        thing = wanted.omtm or wanted.star
        owner = [thing.owner] if thing and thing.owner and thing.owner.is_active else []
        if name == rules.LEADERS:
            return self.leaders
        if name == rules.PEOPLE and wanted.omtm is not None:
            lead, people = (each.get(wanted.omtm.team_id, []) for each in (self.leads, self.members))
            since = wanted.due.day - timedelta(days=self.check_in_days)
            return asking.silent(wanted.omtm, lead + people, since=since)
        if wanted.omtm is None:
            return owner or self.leaders
        leads = self.leads.get(wanted.omtm.team_id) or owner or self.leaders
        return leads if name == rules.LEAD else leads + self.members.get(wanted.omtm.team_id, [])


def _wanted(day: date, *, today: date, company: Company) -> Iterable[Wanted]:
    """Every occurrence that still asks for something by `day`, or would by another calendar."""
    held = Review.objects.filter(omtm=OuterRef("pk"), kind="midpoint", held_at__isnull=False)
    running = Omtm.objects.running().annotate(reviewed=Exists(held))
    for omtm in running.select_related("team", "metric", f"owner__{addressing.WANTED}").order_by("id"):
        for due in _of_omtm(omtm, day, company):
            words = _omtm_words(due, omtm, today)
            yield Wanted(rules.key(due, "omtm", omtm.pk), due, words, omtm=omtm)
    star = (
        NorthStar.objects.filter(scope="company", state="active")
        .select_related(f"owner__{addressing.WANTED}")
        .first()
    )
    if star is not None and star.next_review_on is not None:
        for due in rules.of_north_star(star.next_review_on, today=day + SHIFT):
            key = rules.key(due, "north_star", star.pk)
            yield Wanted(key, due, lambda: wording.of_north_star(star, today=today), star=star)


def _of_omtm(omtm: Omtm, day: date, company: Company) -> list[Due]:
    until = {"today": day + SHIFT, "country": company.country}
    if omtm.state == "in_review":
        return rules.of_ended(omtm.end, **until)
    reviewed: bool = omtm.reviewed  # type: ignore[attr-defined]
    asked = rules.of_check_ins(omtm.start, omtm.end, every=company.check_in_days, **until)
    # The newest Tuesday asks for all that an older one did.
    past = [due for due in asked if due.occurs_on <= day][:-1]
    dues = rules.of_active(omtm.start, omtm.end, reviewed=reviewed, **until)
    return dues + [due for due in asked if due not in past]


def _omtm_words(due: Due, omtm: Omtm, today: date) -> Callable[[], Words]:
    def words() -> Words:
        latest = HealthSnapshot.objects.filter(omtm=omtm).order_by("-as_of_week", "-id").first()
        return wording.of_omtm(due, omtm, today=today, latest=latest)

    return words


def _not_in_doubt(missing: list[Wanted]) -> list[Wanted]:
    """Without check-ins about numbers that cannot be relied on: those wait until they can."""
    asks = [each for each in missing if each.due.rule == rules.CHECK_IN and each.omtm is not None]
    waits = asking.doubted(each.omtm for each in asks if each.omtm is not None)
    return [each for each in missing if each not in asks or (each.omtm and each.omtm.pk not in waits)]


def _close_done(keys: set[str], now: datetime) -> None:
    """What no longer asks for anything is closed: the review was held, the window ended, the day moved."""
    waiting = Reminder.objects.filter(closed_at=None)
    waiting.filter(rule__in=HAPPENED, created_at__lt=now - MINUTES_STAY).update(closed_at=now)
    open_now = waiting.exclude(rule__in=HAPPENED).values_list("pk", "key")
    done = [pk for pk, key in open_now if key not in keys]
    if done:
        Reminder.objects.filter(pk__in=done, closed_at=None).update(closed_at=now)


def _write(wanted: Wanted, *, audience: Audience, told: set[tuple[object, date, int]], now: datetime) -> int:
    """The reminder and its tellings in one transaction: a crash between them would lose somebody's."""
    words, thing = wanted.words(), wanted.omtm or wanted.star
    fields = {
        "rule": wanted.due.rule,
        "omtm": wanted.omtm,
        "north_star": wanted.star,
        "occurs_on": wanted.due.occurs_on,
        "subject": words.subject,
        "text": words.text,
        "path": words.path,
        "action": words.action,
        "is_demo": bool(thing and thing.is_demo),
    }
    with transaction.atomic():
        reminder, made = Reminder.objects.get_or_create(key=wanted.key, defaults=fields)
        if made:
            rows = []
            for user in audience.people(wanted):
                mark = (thing, wanted.due.day, user.pk)
                if mark not in told:
                    told.add(mark)
                    rows += addressing.tellings(reminder, user, now)
            Delivery.objects.bulk_create(rows, ignore_conflicts=True)
            if wanted.due.rule == rules.CHECK_IN and wanted.omtm is not None:
                mailed = [row.recipient for row in rows if row.channel == "email"]
                linking.make(wanted.omtm, mailed, day=wanted.due.occurs_on, now=now)
    return int(made)


def unseen(user: User, *, today: date | None = None) -> list[Delivery]:
    """What the app tells this person and was not yet acknowledged; of each thing the newest. One query.

    With `today`, without what is put off on that day.
    """
    rows = Delivery.objects.filter(recipient=user, channel="app", seen_at=None, reminder__closed_at=None)
    if today is not None:
        rows = snoozing.without(rows, user, today)
    rows = rows.select_related(*(f"reminder__{name}" for name in ABOUT))
    newest: dict[object, Delivery] = {}
    for row in rows.order_by("reminder__occurs_on", "reminder_id"):
        newest[about(row.reminder)] = row
    return sorted(newest.values(), key=lambda row: (row.reminder.occurs_on, row.pk))


def about(reminder: Reminder) -> tuple[int | str | None, ...]:
    """What it is about, a meeting nothing but itself: of two about the same, the newer one is enough."""
    thing = reminder.omtm_id, reminder.north_star_id
    return (*thing, rules.matter(reminder.rule)) if any(thing) else (reminder.key,)


def acknowledge(delivery: Delivery, now: datetime) -> None:
    """The person has seen it, and with it everything older about the same thing."""
    seen, thing = delivery.reminder, about(delivery.reminder)
    unread = Delivery.objects.filter(recipient=delivery.recipient_id, channel="app", seen_at=None)
    older = unread.filter(reminder__occurs_on__lte=seen.occurs_on).select_related("reminder")
    same = [row.pk for row in older if about(row.reminder) == thing]
    Delivery.objects.filter(pk__in=same, seen_at=None).update(seen_at=now)
