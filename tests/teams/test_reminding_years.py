"""A year day by day: exactly the reminders that the calendar asks for, each once, by a list made by hand.

The long form lives three years. Letters, zones and ten years are in tests/faults/test_ten_years.py.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from metrics.models import Metric, NorthStar
from teams import checking_in, lifecycle, retiring, reviewing
from teams.models import Delivery, Omtm, Reminder, Team, User
from teams.reminders import reminding, rules
from tests.teams.bets import omtm_of

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2026, 9, 1), date(2029, 8, 31)
#: By then everything has come that does not merely repeat itself.
SHORT = date(2027, 8, 31)
NEVER = datetime(2100, 1, 1, tzinfo=UTC)
STAR_DAYS = [date(2027, 1, 31), *(date(year, month, day) for year, month, day in (
    (2027, 7, 31), (2028, 1, 31), (2028, 7, 31), (2029, 1, 31), (2029, 7, 31),
))]  # fmt: skip
#: A review of the North Star is held 16 days late, so the reminder of day 28 never comes.
STAR_HELD_AFTER = timedelta(days=16)


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), BERLIN).astimezone(UTC)


def noon(day: date) -> datetime:
    return moment(day, 12)


#: Teo says something on these Mondays, and is not asked on the days after them.
SAID = (date(2026, 10, 5), date(2026, 11, 23))


def tuesdays(omtm: Omtm, *, without: tuple[date, ...]) -> list[tuple[str, date, datetime]]:
    """(key, day, moment from which the next one is asked for): every week from the second Tuesday on.

    None of them is free in Germany.
    """
    day, found = omtm.start + timedelta(days=7), []
    while day.weekday() != 1:
        day += timedelta(days=1)
    while day <= omtm.end:
        if day not in without:
            # Later than half a week it is left to the next one.
            found.append((f"check_in:omtm:{omtm.pk}:{day}", day, moment(day + timedelta(days=4), 7)))
        day += timedelta(days=7)
    return found


def expected(first: Omtm, second: Omtm, star: NorthStar) -> list[tuple[str, date, datetime]]:
    """(key, day on which it is told, moment from which it asks for nothing): written out by hand."""
    retired = noon(date(2027, 2, 10))
    over = moment(date(2027, 1, 1), 0), moment(date(2027, 7, 15), 0)
    a, b = f"omtm:{first.pk}", f"omtm:{second.pk}"
    found = [
        (f"half_way:{a}:2026-11-01", date(2026, 11, 2), over[0]),
        (f"two_weeks_left:{a}:2026-12-17", date(2026, 12, 17), over[0]),
        (f"window_ended:{a}:2027-01-01", date(2027, 1, 4), retired),
        (f"review_overdue:{a}:2027-01-14", date(2027, 1, 14), retired),
        (f"review_overdue:{a}:2027-01-21", date(2027, 1, 21), retired),
        (f"review_escalated:{a}:2027-01-21", date(2027, 1, 21), retired),
        (f"review_escalated:{a}:2027-01-28", date(2027, 1, 28), retired),
        (f"review_escalated:{a}:2027-02-04", date(2027, 2, 4), retired),
        (f"half_way:{b}:2027-04-15", date(2027, 4, 15), noon(date(2027, 4, 18))),
        (f"two_weeks_left:{b}:2027-06-30", date(2027, 6, 30), over[1]),
        (f"window_ended:{b}:2027-07-15", date(2027, 7, 15), NEVER),
        (f"review_overdue:{b}:2027-07-28", date(2027, 7, 28), NEVER),
        (f"review_overdue:{b}:2027-08-04", date(2027, 8, 4), NEVER),
    ]
    found += tuesdays(first, without=(date(2026, 11, 2), date(2026, 12, 17)))
    found += tuesdays(second, without=(date(2027, 4, 15), date(2027, 6, 30)))
    week = date(2027, 8, 4)
    while week <= LAST:
        found.append((f"review_escalated:{b}:{week}", week, NEVER))
        week += timedelta(days=7)
    for day in STAR_DAYS:
        for days in (-14, 0, 14):
            told = day + timedelta(days=days)
            found.append(
                (f"north_star_review:north_star:{star.pk}:{told}", told, noon(day + STAR_HELD_AFTER))
            )
    return found


def runs(seed: int, *, last: date = LAST) -> list[datetime]:
    """When the worker runs: most days once, some several times, and now and then not for ten days."""
    chance, found, day = random.Random(seed), [], FIRST
    while day <= last:
        if seed and chance.random() < 0.01:
            day += timedelta(days=10)
            continue
        found.append(moment(day, 9))
        if chance.random() < 0.15:
            found += [moment(day, 0, 5), moment(day, 6, 59), moment(day, 7), moment(day, 15)]
        day += timedelta(days=1)
    return sorted(found)


@pytest.fixture
def deeds(
    marketing: Team,
    platform: Team,
    make_metric: Callable[..., Metric],
    idris: User,
    yuki: User,
    maren: User,
    teo: User,
) -> tuple[Omtm, Omtm, NorthStar, dict[datetime, Callable[[], Any]]]:
    """Two OMTMs and a North Star, and what people do with them, each at noon of its day."""
    metric = make_metric("Qualified trials")
    first = omtm_of(marketing, metric, start="2026-09-01")
    second = omtm_of(platform, metric, start="2027-01-15", months=6, state="committed")
    star = NorthStar.objects.create(name="Crews", state="active", next_review_on=STAR_DAYS[0])

    def retire() -> None:
        omtm = Omtm.objects.get(pk=first.pk)
        retiring.retire(omtm, lesson="L", reason="R", actor=idris, today=date(2027, 2, 10))

    def half_way() -> None:
        terms = {"decision": "continue", "note": "N", "answers": {}, "actor": yuki, "country": "DE"}
        reviewing.hold_half_way(Omtm.objects.get(pk=second.pk), today=date(2027, 4, 18), **terms)

    def review(day: date) -> Callable[[], Any]:
        terms = {"decision": "keep", "note": "N", "answers": {}, "actor": maren}
        return lambda: reviewing.hold_north_star(NorthStar.objects.get(), today=day, **terms)

    plan: dict[datetime, Callable[[], Any]] = {
        noon(date(2027, 2, 10)): retire,
        noon(date(2027, 4, 18)): half_way,
    }
    for day in SAID:
        plan[noon(day)] = lambda day=day: checking_in.check_in(
            first, teo, chance=70, today=day, now=noon(day)
        )
    for day in STAR_DAYS:
        plan[noon(day + STAR_HELD_AFTER)] = review(day + STAR_HELD_AFTER)
    return first, second, star, plan


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("seed", "last"),
    [
        (7, SHORT),
        pytest.param(7, LAST, marks=pytest.mark.long),
        pytest.param(0, LAST, marks=pytest.mark.long),
    ],
)
def test_years_bring_exactly_what_the_calendar_asks_for_each_once(
    seed: int,
    last: date,
    deeds: tuple[Omtm, Omtm, NorthStar, dict[datetime, Callable[[], Any]]],
    idris: User,
) -> None:
    first, second, star, plan = deeds
    plan = {at: deed for at, deed in plan.items() if at.date() <= last}
    worked = runs(seed, last=last)
    with time_machine.travel(moment(FIRST, 0), tick=False) as clock:
        for now in sorted([*worked, *plan]):
            clock.move_to(now)
            if now in plan:
                plan[now]()
            else:
                lifecycle.advance(now.astimezone(BERLIN).date())
                reminding.remind(now)
    wanted = {
        key
        for key, day, until in expected(first, second, star)
        if any(moment(day, 7) <= run < until for run in worked)
    }
    of_windows = Reminder.objects.filter(rule__in=(rules.CHECK_IN, *rules.OF_REVIEWS))
    assert set(of_windows.values_list("key", flat=True)) == wanted
    # Nothing waits that was done; what was never done still does.
    open_now = set(of_windows.filter(closed_at=None).values_list("omtm", flat=True))
    assert open_now <= {second.pk, None}
    app = Delivery.objects.filter(channel="app")
    assert app.filter(reminder__rule="review_escalated").exclude(recipient__name="Maren Tolk").count() == 0
    assert app.filter(recipient=idris, reminder__omtm=second).count() == 0
    asked = app.filter(reminder__rule="check_in", reminder__omtm=first)
    told = set(asked.values_list("reminder__occurs_on", flat=True))
    teos = set(asked.filter(recipient__name="Teo Lindqvist").values_list("reminder__occurs_on", flat=True))
    assert told - teos == {day + timedelta(days=1) for day in SAID} & told


def test_without_a_missed_day_nothing_is_left_out(
    deeds: tuple[Omtm, Omtm, NorthStar, dict[datetime, Callable[[], Any]]],
) -> None:
    first, second, star, _ = deeds
    every = runs(0)
    assert all(
        any(moment(day, 7) <= run < until for run in every)
        for _, day, until in expected(first, second, star)
        if day <= LAST
    )
