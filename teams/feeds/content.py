"""What stands in a calendar feed: windows, reviews, the next meeting, the weekly review.

No numbers, no names of people. UIDs stay, `SEQUENCE` grows when dates move, and stamps come from the rows, so
that nothing changes in the file while nothing changes in the product.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.urls import reverse
from icalendar import Event
from icalendar.prop import vText

from metrics.models import Company, NorthStar
from northstar.lib.localtime import local_day
from teams import weekly
from teams.calendaring import A_DAY, event, meeting_event, new_calendar
from teams.models import CalendarFeed, Omtm, Review
from teams.models.omtm import CANDIDATE, RUNNING
from teams.reminders import rules
from teams.reminders.wording import one_line

#: What is over stays readable for a year.
BACK = timedelta(days=366)
REFRESH = timedelta(hours=4)
QUARTER_HOUR = timedelta(minutes=15)
WEEKS_BACK, WEEKS_AHEAD = 4, 26


def calendar_of(feed: CalendarFeed, *, company: Company, now: datetime) -> bytes:
    """The whole file. A constant number of queries, whatever the number of bets."""
    # As text of one line by our own hand: the library escapes neither of these two.
    name = vText(one_line(title(feed, company)))
    calendar = new_calendar()
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", company.zone)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH)
    today = local_day(now, company.zone)
    for omtm in bets(feed, today):
        for each in _of_bet(omtm, company):
            calendar.add_component(each)
    for each in (*_meeting(company, today), *_stars(feed), *_weekly(company, now)):
        calendar.add_component(each)
    return calendar.to_ical()


def title(feed: CalendarFeed, company: Company) -> str:
    """The name under which calendar programs show it."""
    if feed.team is not None:
        return f"{feed.team.name} · Northstar"
    return "My Northstar" if feed.scope == "person" else f"{company.name} · Northstar"


def bets(feed: CalendarFeed, today: date) -> QuerySet[Omtm]:
    """Decided bets of the feed, with what their dates depend on."""
    held = Review.objects.filter(omtm=OuterRef("pk"), kind="midpoint", held_at__isnull=False)
    decided = Q(committed_at__isnull=False) | Q(state__in=("committed", *RUNNING, "retired"))
    found = Omtm.objects.exclude(state__in=CANDIDATE).filter(decided)
    found = found.filter(team__archived_at=None, end__gte=today - BACK)
    if feed.scope == "team":
        found = found.filter(team_id=feed.team_id)
    if feed.scope == "person":
        mine = Q(team__memberships__user_id=feed.user_id) | Q(owner_id=feed.user_id)
        found = found.filter(mine)
    return (
        found.select_related("team")
        .defer("snapshot")
        .annotate(moved=Count("goal_changes", distinct=True), moved_at=Max("goal_changes__at"))
        .annotate(midpoint_held=Exists(held))
        .order_by("start", "pk")
        .distinct()
    )


def _of_bet(omtm: Omtm, company: Company) -> Iterator[Event]:
    """Window, half-way review and closing review, each as whole days."""
    middle = rules.half_way_day(omtm.start, omtm.end, company.country)
    over = omtm.state in ("retired", "withdrawn")
    last = omtm.end
    if omtm.state == "retired" and omtm.retired_at:
        last = max(omtm.start, min(omtm.end, local_day(omtm.retired_at, company.zone)))
    page = reverse("omtm", args=[omtm.pk])
    gone = omtm.state == "withdrawn"
    yield _days("window", omtm, ("Focus", page), (omtm.start, last), gone=gone)
    held = omtm.midpoint_held  # type: ignore[attr-defined]
    form = page if held or over else reverse("omtm-midpoint", args=[omtm.pk])
    gone_early = over and not held and last < middle
    yield _days("midpoint", omtm, ("Half-way review", form), (middle, middle), gone=gone or gone_early)
    form = page if over else reverse("omtm-retire", args=[omtm.pk])
    days = (omtm.end + A_DAY, omtm.review_due_on)
    yield _days("closing", omtm, ("Closing review", form), days, gone=gone or (over and last < omtm.end))


def _days(kind: str, omtm: Omtm, said: tuple[str, str], days: tuple[date, date], *, gone: bool) -> Event:
    words, path = said
    changed = _changed(omtm)
    found = event(f"omtm-{omtm.pk}-{kind}", f"{words}: {omtm.name} ({omtm.team})", path, now=changed)
    found.add("last-modified", changed)
    found.add("dtstart", days[0])
    found.add("dtend", days[1] + A_DAY)
    found.add("sequence", _sequence(omtm))
    found.add("transp", "TRANSPARENT")
    found.add("status", "CANCELLED" if gone else "CONFIRMED")
    return found


def _sequence(omtm: Omtm) -> int:
    """Counts what moved dates: changes of the goal, then that its review opened, then that it ended."""
    moved: int = omtm.moved  # type: ignore[attr-defined]
    return moved + {"in_review": 1, "retired": 2, "withdrawn": 2}.get(omtm.state, 0)


def _changed(omtm: Omtm) -> datetime:
    moments: Iterable[datetime | None] = (
        omtm.created_at, omtm.committed_at, omtm.activated_at, omtm.review_opened_at, omtm.retired_at,
        omtm.moved_at,  # type: ignore[attr-defined]
    )  # fmt: skip
    return max(moment for moment in moments if moment).replace(microsecond=0)


def _meeting(company: Company, today: date) -> Iterator[Event]:
    """The next review meeting that was agreed, long enough for the bets that run."""
    row = (
        Review.objects.filter(kind="meeting", next_on__gte=today, held_at__isnull=False)
        .order_by("-due_on", "-next_on", "pk")
        .values_list("next_on", "answers", "held_at")
        .first()
    )
    if row is None or row[0] is None or row[2] is None:
        return
    count = Omtm.objects.running().filter(team__archived_at=None).count()
    at, agreed = _time_of(row[1]), row[2].replace(microsecond=0)
    found = meeting_event(row[0], at, count=count, company=company, now=agreed)
    found.add("last-modified", agreed)
    yield found


def _time_of(answers: Any) -> time:
    try:
        return time.fromisoformat(str((answers or {}).get("next_at") or "10:00"))
    except ValueError:
        return time(10)


def _stars(feed: CalendarFeed) -> Iterator[Event]:
    """The review of each North Star that is in force; for a person the company's, and those they own."""
    rows = NorthStar.objects.filter(state="active", next_review_on__isnull=False)
    if feed.scope == "team":
        rows = rows.filter(scope="company")
    if feed.scope == "person":
        rows = rows.filter(Q(scope="company") | Q(owner_id=feed.user_id))
    for pk, name, day, made in rows.order_by("pk").values_list("pk", "name", "next_review_on", "created_at"):
        if day is None:
            continue
        # A day of its own in the name: the next review is another event, and the one before is gone.
        found = event(
            f"north-star-{pk}-review-{day.isoformat()}",
            f"North Star review: {name}",
            reverse("north-star-review"),
            now=made.replace(microsecond=0),
        )
        found.add("dtstart", day)
        found.add("dtend", day + A_DAY)
        found.add("transp", "TRANSPARENT")
        yield found


def _weekly(company: Company, now: datetime) -> Iterator[Event]:
    """The weekly reviews around now, each at its instant.

    No recurrence: the time zone it needs is read in different ways by different programs.
    """
    for number in range(-WEEKS_BACK, WEEKS_AHEAD):
        week = weekly.due_week(now, company.zone) + number * timedelta(weeks=1)
        year, code, _ = week.isocalendar()
        found = event(
            f"weekly-review-{year}-W{code:02d}",
            "Weekly review is ready",
            reverse("weekly"),
            now=company.created_at.replace(microsecond=0),
        )
        start = weekly.moment(week, weekly.EARLY, company.zone)
        found.add("dtstart", start)
        found.add("dtend", start + QUARTER_HOUR)
        found.add("transp", "TRANSPARENT")
        yield found
