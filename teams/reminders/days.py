"""On which days teams, people and numbers are spoken of (domain.md §8): no database, no clock.

Like `rules`, which has the days of windows and reviews.
"""

from __future__ import annotations

from datetime import date, timedelta

from northstar.lib.periods import A_DAY
from teams.reminders import rules
from teams.reminders.rules import LEAD, LEADERS, TEAM, Due

#: M1: for a week after its start a window is news, for two it stands in the app.
NEWS_OF_START, START_STAYS = timedelta(days=7), timedelta(days=14)
#: M7: how many days after a metric has become stale it is told; on the third its lead is, too.
STALE_REPEATS = (0, 3, 7)
LEAD_ON = timedelta(days=3)
#: M8: not again within so many days, unless it goes off track; older changes are no news.
QUIET_AFTER_CHANGE, NEWS_OF_CHANGE = timedelta(days=14), timedelta(days=21)
#: M13, M14, M15.
IDLE_FOR, DECIDED_WITHIN, ANSWERED_WITHIN = timedelta(days=14), timedelta(days=10), timedelta(days=5)
#: Who was asked longer ago than this has made up their mind not to answer.
ASKED_LATELY = timedelta(days=14)
#: M16.
TARGET_DAYS, TARGET_STAYS = (-30, 0), timedelta(days=14)


def of_start(start: date, activated: date) -> Due:
    """M1: on the day on which its window is open, by calendar and by decision."""
    day = max(start, activated)
    return Due(rules.WINDOW_STARTED, day, day, (TEAM,))


def of_stale(on: date, *, today: date) -> list[Due]:
    """M7, to whoever answers for the source: when it has become stale, and 3 and 7 days later."""
    days = (on + timedelta(days=each) for each in STALE_REPEATS)
    return [Due(rules.STALE_DATA, day, day, ()) for day in days if day <= today]


def of_stale_focus(on: date) -> Due:
    """M7, to the lead of a focus that reads it: on the third day."""
    return Due(rules.STALE_DATA, on + LEAD_ON, on + LEAD_ON, (LEAD,))


def of_idle_team(since: date, *, today: date) -> list[Due]:
    """M13: 14 days after its last focus ended its lead is told, and every month from then leaders as well."""
    first, found, month = since + IDLE_FOR, list[Due](), 0
    while (day := rules.months_after(first, month)) <= today:
        found.append(Due(rules.NO_FOCUS, day, day, (LEAD, LEADERS) if month else (LEAD,)))
        month += 1
    return found


def of_candidate(asked: date, *, of_leaders: bool) -> Due:
    """M14: when it has waited for more than ten days; for leaders where theirs is the second key."""
    day = asked + DECIDED_WITHIN + A_DAY
    return Due(rules.CANDIDATE_WAITS, day, day, (LEADERS,) if of_leaders else (LEAD,))


def of_answer(asked: date) -> Due:
    """M15: five days after a person was asked whether they are in."""
    day = asked + ANSWERED_WITHIN
    return Due(rules.COMMITMENT_MISSING, day, day, ())


def of_target(due: date, *, today: date) -> list[Due]:
    """M16: thirty days before the day for which a North Star target is set, and on it."""
    days = (due + timedelta(days=each) for each in TARGET_DAYS)
    return [Due(rules.NORTH_STAR_TARGET, day, day, (LEADERS,)) for day in days if day <= today]
