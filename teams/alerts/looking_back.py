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
class Row:
    """One period of the sketch as text."""

    period: str
    value: str
    held: str
    told: str


@dataclass(frozen=True, slots=True)
class Past:
    """The look back in words: how often in 90 days, when, how it stands now; a sketch of it (SVG), its
    legend and its periods."""

    times: str
    since: str
    days: tuple[str, ...]
    now: str
    doubt: str
    sketch: str
    legend: str
    rows: tuple[Row, ...]


def look_back(alert: Alert, *, company: Company, now: datetime) -> Past:
    """The past of an alert that need not be saved, by the values of today; a fixed number of queries."""
    today = local_day(now, company.zone)
    found = gathering.read([alert], company=company, now=now)[0]
    grain = series.grain_of(alert.metric)
    told = alarms.would_have_told(found.seen, periods=alert.periods, every_days=alert.every_days)
    recent = [each for each in told if next_start(each.period, grain) > today - BACK]
    shown, days = found.seen[-SHOWN:], {each.period for each in told}
    return Past(
        times=_times(len(recent), found.seen),
        since=_since(found.seen, today=today),
        days=tuple(formatting.period_words(each.period, grain, today) for each in recent),
        now=_now(alert, found, today=today),
        doubt=found.doubt,
        sketch=_sketch(alert, found, days),
        legend=_legend(alert, found, len(shown)),
        rows=tuple(_row(each, alert, told=each.period in days, today=today) for each in reversed(shown)),
    )


def _times(count: int, seen: list[Seen]) -> str:
    """ "Would have fired 3 times in the last 90 days." """
    if all(each.holds is None for each in seen):
        return "Nothing is known yet that could tell how often it would fire."
    often = {0: "not have fired", 1: "have fired once", 2: "have fired twice"}
    return f"Would {often.get(count, f'have fired {count} times')} in the last 90 days."


def _since(seen: list[Seen], *, today: date) -> str:
    """What is known begins later than 90 days ago: then a small number says less."""
    known = [each.period for each in seen if each.holds is not None]
    if not known or known[0] <= today - BACK:
        return ""
    return f"What is known begins on {formatting.day_words(known[0], today)}."


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


def _sketch(alert: Alert, found: Read, told: set[date]) -> str:
    """The last half year with a mark where it would have fired, and the line that it is held against."""
    shown = found.seen[-SHOWN:]
    if sum(each.value is not None for each in shown) < 2:
        return ""
    says = f"{alert.metric}, the last {len(shown)} {series.grain_of(alert.metric)}s"
    return firings.drawn(shown, told, against=_against(alert, found), says=says)


def _against(alert: Alert, found: Read) -> bool:
    """Whether what it is held against is in the unit of the values."""
    if alert.condition == conditions.OUTSIDE_RANGE:
        return found.signal is not None and alarms.by_level(found.signal.basis)
    return alert.condition not in (conditions.CHANGES_BY, conditions.NO_DATA)


def _legend(alert: Alert, found: Read, count: int) -> str:
    words = f"The last {count} {series.grain_of(alert.metric)}s by the values of today."
    if _against(alert, found) and any(each.low is not None for each in found.seen):
        line = {conditions.BELOW_PACE: "the plan", conditions.OUTSIDE_RANGE: "the usual range"}
        of_bet = alert.condition in conditions.OF_BETS
        words += f" Dashed: {line.get(alert.condition, 'the plan' if of_bet else 'the limit')}."
    return f"{words} A ring: it would have told you then."


def _row(seen: Seen, alert: Alert, *, told: bool, today: date) -> Row:
    return Row(
        period=formatting.period_words(seen.period, series.grain_of(alert.metric), today),
        value=conditions.show(seen.value, alert.metric),
        held={True: "yes", False: "no", None: "not known"}[seen.holds],
        told="yes" if told else "",
    )
