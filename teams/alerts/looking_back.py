"""What an alert would have told in the past, before anybody saves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from metrics import formatting, series
from metrics.analysis import alarms
from metrics.analysis.alarms import Seen
from metrics.analysis.points import next_start
from metrics.charts import firings
from metrics.models import Company
from northstar.lib.localtime import local_day
from teams.alerts import conditions, gathering, wording
from teams.alerts.gathering import Read
from teams.models import Alert

BACK = timedelta(days=90)
#: As much of the series as the sketch shows, in periods.
SHOWN = 26


@dataclass(frozen=True, slots=True)
class Past:
    """The look back in words: how often in 90 days, when, how it stands now; and a sketch of it (SVG)."""

    times: str
    days: tuple[str, ...]
    now: str
    doubt: str
    sketch: str


def look_back(alert: Alert, *, company: Company, now: datetime) -> Past:
    """The past of an alert that need not be saved, by the values as they are today; a fixed number of queries."""
    today = local_day(now, company.zone)
    found = gathering.read([alert], company=company, now=now)[0]
    grain = series.grain_of(alert.metric)
    told = alarms.would_have_told(found.seen, periods=alert.periods, every_days=alert.every_days)
    recent = [each for each in told if next_start(each.period, grain) > today - BACK]
    return Past(
        times=_times(len(recent), found.seen, today=today),
        days=tuple(formatting.period_words(each.period, grain, today) for each in recent),
        now=_now(alert, found, today=today),
        doubt=found.doubt,
        sketch=_sketch(alert, found, [each.period for each in told]),
    )


def _times(count: int, seen: list[Seen], *, today: date) -> str:
    """ "Would have fired 3 times in the last 90 days." """
    known = [each.period for each in seen if each.holds is not None]
    if not known:
        return "Nothing is known yet that could tell how often it would fire."
    often = {0: "not have fired", 1: "have fired once", 2: "have fired twice"}
    words = f"Would {often.get(count, f'have fired {count} times')} in the last 90 days."
    if known[0] > today - BACK:
        words += f" What is known begins on {formatting.day_words(known[0], today)}."
    return words


def _now(alert: Alert, found: Read, *, today: date) -> str:
    """Whether it holds, and what that means for whoever saves it."""
    told = alarms.story(found.seen, periods=alert.periods)
    standing = wording.standing(alert, found, today=today)
    if told.holds:
        words = "It holds now: you will be told the next time it begins."
    elif told.holds is False:
        words = "It does not hold now: you will be told when it begins."
    else:
        words = "Nobody can say yet whether it holds."
    return f"{words} {standing}".strip()


def _sketch(alert: Alert, found: Read, told: list[date]) -> str:
    """The last half year with a mark where it would have fired, and the line that it is held against."""
    shown = found.seen[-SHOWN:]
    if sum(each.value is not None for each in shown) < 2 and alert.condition != conditions.NO_DATA:
        return ""
    by_level = alert.condition != conditions.OUTSIDE_RANGE or bool(
        found.signal and alarms.by_level(found.signal.basis)
    )
    held = alert.condition not in (conditions.CHANGES_BY, conditions.NO_DATA) and by_level
    says = f"{alert.metric}, the last {len(shown)} {series.grain_of(alert.metric)}s"
    return firings.drawn(shown, told, against=held, says=says)
