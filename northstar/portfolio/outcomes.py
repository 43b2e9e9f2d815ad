"""What came of the bets of the past twelve months: counts beside their context, never a share or a rank."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

from metrics import formatting
from northstar.lib.localtime import instant
from northstar.lib.windows import window_months
from northstar.portfolio.standing import Standing
from teams.models import Omtm
from teams.models.omtm import OUTCOMES
from teams.reminders import rules

PILLS = ("achieved", "partly", "missed")


@dataclass(frozen=True, slots=True)
class Past:
    """A department: how many bets were retired, their outcomes as (pill, words), the windows, what runs."""

    name: str
    retired: int
    outcomes: tuple[tuple[str, str], ...]
    costly: int
    windows: str
    running: int


def year(standing: Standing) -> list[Past]:
    """A line for each department, by name; those without one last. One query."""
    since = rules.months_after(standing.today, -12)
    begin = instant(datetime.combine(since, time()), standing.company.zone)
    rows = Omtm.objects.filter(state="retired", retired_at__gte=begin).order_by("team__department")
    found = rows.values("team__department", "outcome", "guardrail_breach", "start", "end")
    retired = {name: list(some) for name, some in groupby(found, key=lambda row: row["team__department"])}
    running = Counter(bet.team.department for bet in standing.bets if bet.state in ("active", "in_review"))
    names = sorted({*retired, *standing.departments, *running}, key=lambda name: (not name, name.casefold()))
    return [_past(name, retired.get(name, []), running[name]) for name in names]


def _past(name: str, rows: list[dict[str, Any]], running: int) -> Past:
    counts = Counter(row["outcome"] for row in rows)
    told = tuple(
        (key if key in PILLS else "neutral", f"{counts[key]} {words.lower()}")
        for key, words in OUTCOMES.items()
        if counts[key]
    )
    costly = sum(row["guardrail_breach"] for row in rows)
    return Past(name, len(rows), told, costly, _windows((row["start"], row["end"]) for row in rows), running)


def _windows(spans: Iterable[tuple[date, date]]) -> str:
    """ "4 months", "3 to 5 months", "" without any."""
    months = sorted(window_months(start, end) or round((end - start).days / 30.44) for start, end in spans)
    if not months:
        return ""
    if months[0] == months[-1]:
        return f"{months[0]} months"
    return f"{months[0]} to {months[-1]} months"


def days_words(standing: Standing) -> str:
    """ "since 24 Nov 2025"."""
    return f"since {formatting.day_words(rules.months_after(standing.today, -12), standing.today)}"
