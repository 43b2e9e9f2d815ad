"""Whom of the demo's people which number calls, and when it did in the weeks before today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from metrics import series
from metrics.analysis import alarms
from metrics.analysis.points import next_start
from metrics.models import Company, Metric
from northstar.demo.days import Days
from northstar.lib.localtime import local_day
from teams.alerts import gathering, keeping, wording
from teams.alerts.keeping import Wish
from teams.models import Alert, Firing, Omtm, User

#: As far back as the list of firings reaches.
SHOWN = timedelta(weeks=26)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An alert of the demo: who, which metric, what; `of_bet` where it watches the focus on it."""

    who: str
    metric: str
    condition: str
    limit: str = ""
    state: str = ""
    periods: int = 2
    every_days: int = 7
    of_bet: bool = False


WANTED = (
    Wanted("maren", "wac", "outside_range", periods=1),
    Wanted("maren", "crew_lapse", "state_becomes", state="off_track", periods=1, of_bet=True),
    Wanted("maren", "support_contacts", "above", limit="9", periods=1, every_days=14),
    Wanted("solveig", "activation", "below", limit="0.25"),
    Wanted("solveig", "activation", "changes_by", limit="0.02", periods=1, every_days=30),
    Wanted("solveig", "trial_to_paid", "below", limit="0.032"),
)


def tell(metrics: Mapping[str, Metric], users: Mapping[str, User], days: Days) -> None:
    """The alerts as if each had been made half a year ago; every second message led to something."""
    company = Company.current()
    for wanted in WANTED:
        metric = metrics[wanted.metric]
        omtm = Omtm.objects.filter(metric=metric, state="active").first() if wanted.of_bet else None
        wish = Wish(
            metric,
            wanted.condition,
            omtm=omtm,
            limit=Decimal(wanted.limit) if wanted.limit else None,
            state=wanted.state,
            periods=wanted.periods,
            every_days=wanted.every_days,
        )
        alert = keeping.make(users[wanted.who], wish, now=days.now)
        _date_back(alert, company=company, days=days)


def _date_back(alert: Alert, *, company: Company, days: Days) -> None:
    found = gathering.read([alert], company=company, now=days.now)[0]
    told = alarms.would_have_told(found.seen, periods=alert.periods, every_days=alert.every_days)
    grain, since = series.grain_of(alert.metric), days.today - SHOWN
    for place, begun in enumerate(each for each in told if each.period >= since):
        at = days.moment(next_start(begun.period, grain), "08:05")
        said = wording.said(alert, begun, found, today=local_day(at, company.zone))
        Firing.objects.create(
            alert=alert,
            period=begun.period,
            at=at,
            value=begun.seen.value,
            sentence=said.sentence,
            acted_at=None if place % 2 else min(days.now, at + timedelta(hours=3)),
        )
