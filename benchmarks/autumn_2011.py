"""Bets on a real wholesaler in the autumn of 2011, judged week by week with only what was known then.

Windows of three months that begin each fortnight from June to September, on weekly active accounts and
invoices (+25 %), revenue in all (+15 % a week) and the share of cancelled invoices (-15 %). Prints the weeks
of the bets that begin last (`all`: of every bet), then how good the forecasts were beside simpler ones.
Reads wholesale_invoices.csv from TEST_DATA_DIR.
"""

from __future__ import annotations

import csv
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from _rivals import Rival, last_value, run_rate, settling, trend

from metrics import formatting
from metrics.analysis import health, mixture
from metrics.analysis.forecast import Forecast
from metrics.analysis.health import Health
from metrics.analysis.points import FLOW_SUM, RATIO, UNIQUE, Point
from metrics.analysis.reading import baseline, reading, total_of
from metrics.analysis.terms import TOTAL, Terms

RIVALS: dict[str, Rival] = {
    "settling only": settling,
    "last value": last_value,
    "run rate": run_rate,
    "Theil-Sen": trend,
}
OURS = "Northstar"
WEEK, DAY = timedelta(weeks=1), timedelta(days=1)
FIRST_MONDAY, RUNNING_WEEK = date(2010, 11, 29), date(2011, 12, 5)
STARTS = [date(2011, 6, 13) + n * 2 * WEEK for n in range(7)]
WEEKS, COUNTED = 13, 3
#: Name, kind, rule, change aimed at, unit, decimals.
BETS = (
    ("Active accounts", UNIQUE, "mean", 0.25, "accounts", 0),
    ("Invoices", UNIQUE, "mean", 0.25, "invoices", 0),
    ("Revenue", FLOW_SUM, TOTAL, 0.15, "£", 0),
    ("Cancelled share", RATIO, "mean", -0.15, "", 1),
)


@dataclass(frozen=True, slots=True)
class Replayed:
    """One bet, its weeks as they were judged, and what it came to in the end."""

    name: str
    terms: Terms
    points: Sequence[Point]
    weeks: list[Health]

    @property
    def outcome(self) -> float:
        inside = [p for p in self.points if self.terms.start <= p.start <= self.terms.end]
        if self.terms.is_total:
            return sum(p.value for p in inside if p.value is not None)
        return reading(inside, self.terms.kind, self.terms.k) or 0.0

    @property
    def reached(self) -> bool:
        return self.terms.sign * (self.outcome - (self.terms.target or 0.0)) >= 0

    @property
    def changes(self) -> int:
        states = [week.state for week in self.weeks if week.state != health.TOO_EARLY]
        return sum(before != after for before, after in zip(states, states[1:], strict=False))


def main() -> None:
    """Print the weeks of the last bets, then the summary of all."""
    folder = os.environ.get("TEST_DATA_DIR")
    if not folder:
        print("TEST_DATA_DIR names no folder with wholesale_invoices.csv: nothing to replay.")
        return
    series = _series(Path(folder) / "wholesale_invoices.csv")
    bets = [_replay(bet, series[bet[0]], start) for bet in BETS for start in STARTS]
    for bet in bets:
        if bet.terms.start == STARTS[-1] or "all" in sys.argv:
            _weeks(bet)
    _endings(bets)
    _scores(bets)


def _series(path: Path) -> dict[str, list[Point]]:
    """By name the complete weeks, a week without trade as a gap."""
    buyers: dict[date, set[str]] = defaultdict(set)
    sold: dict[date, set[str]] = defaultdict(set)
    cancelled: dict[date, set[str]] = defaultdict(set)
    every: dict[date, set[str]] = defaultdict(set)
    money: dict[date, float] = defaultdict(float)
    with path.open(encoding="utf-8") as file:
        for line in csv.DictReader(file):
            number, quantity = line["InvoiceNo"], int(line["Quantity"])
            if number.startswith("A"):
                continue
            month, of_month, year = (int(part) for part in line["InvoiceDate"].split()[0].split("/"))
            day = date(year, month, of_month)
            week = day - day.weekday() * DAY
            every[week].add(number)
            money[week] += quantity * float(line["UnitPrice"])
            if number.startswith("C"):
                cancelled[week].add(number)
            elif quantity > 0:
                sold[week].add(number)
                if line["CustomerID"] != "(blank)":
                    buyers[week].add(line["CustomerID"])
    weeks = [FIRST_MONDAY + n * WEEK for n in range((RUNNING_WEEK - FIRST_MONDAY).days // 7)]
    return {
        "Active accounts": [Point(week, len(buyers[week]) or None) for week in weeks],
        "Invoices": [Point(week, len(sold[week]) or None) for week in weeks],
        "Revenue": [Point(week, money.get(week)) for week in weeks],
        "Cancelled share": [_share(week, len(cancelled[week]), len(every[week])) for week in weeks],
    }


def _share(week: date, part: int, whole: int) -> Point:
    return Point(week, part / whole, part, whole) if whole else Point(week, None)


def _replay(bet: tuple[str, str, str, float, str, int], points: list[Point], start: date) -> Replayed:
    name, kind, rule, change, unit, decimals = bet
    origin = baseline(points, kind, start=start) or 0.0
    goal = origin * (1 + change) * (WEEKS if rule == TOTAL else 1)
    terms = Terms(
        kind=kind,
        start=start,
        end=start + WEEKS * WEEK - DAY,
        k=COUNTED,
        baseline=0.0 if rule == TOTAL else origin,
        target=round(goal, 3 if kind == RATIO else 0),
        rule=rule,
        unit=unit,
        decimals=decimals,
        direction="down" if change < 0 else "up",
    )
    seen = [p for p in points if p.start + WEEK <= terms.end + DAY]
    return Replayed(name, terms, points, health.weekly(seen, terms, today=terms.end))


def _weeks(bet: Replayed) -> None:
    terms, goal = bet.terms, _show(bet.terms.target, bet.terms)
    aim = f"{goal} in all" if terms.is_total else f"from {_show(terms.baseline, terms)} to {goal}"
    print(f"\n{bet.name}: {aim}, {terms.start:%d %b} to {terms.end:%d %b %Y}; it came to", end=" ")
    print(f"{_show(bet.outcome, terms)}, {'reached' if bet.reached else 'not reached'}")
    columns = f"{'week of':8}{'value':>10}{'reading':>10}{'plan':>10}  {'state':10}{'chance':>6}"
    print(f"{columns}  {'expected':>9} 80 % band")
    value = {p.start: p.value for p in bet.points}
    for week in bet.weeks:
        assert week.week is not None
        numbers = [_bare(each, terms) for each in (value[week.week], week.reading, week.pace)]
        row = f"{week.week:%d %b}  " + "".join(f"{each:>10}" for each in numbers)
        print(f"{row}  {week.state.replace('_', ' '):10}{_foreseen(week, bet)}")


def _foreseen(week: Health, bet: Replayed) -> str:
    found = week.forecast
    if not isinstance(found, Forecast) or week.p is None:
        return ""
    low, high = (_bare(each, bet.terms) for each in (found.low80, found.high80))
    inside = "inside" if _holds(found.low80, found.high80, bet.outcome) else "OUTSIDE"
    return f"{week.p:6.0%}  {_bare(found.mean, bet.terms):>9} {low} to {high} {inside}"


def _endings(bets: list[Replayed]) -> None:
    print(f"\n{'bet':16}{'from':>7} {'target':>11} {'came to':>11}  {'middle':10}{'last':10}  changes")
    for bet in bets:
        goal, came = (_bare(each, bet.terms) for each in (bet.terms.target, bet.outcome))
        states = [bet.weeks[place].state.replace("_", " ") for place in (len(bet.weeks) // 2, -1)]
        mark = "reached" if bet.reached else "not reached"
        print(
            f"{bet.name:16}{bet.terms.start:%d %b}  {goal:>11} {came:>11}  {states[0]:10}{states[1]:10}"
            f"  {bet.changes}  {mark}"
        )


def _scores(bets: list[Replayed]) -> None:
    inside: dict[tuple[str, str], list[bool]] = defaultdict(list)
    wrong: dict[tuple[str, str], list[float]] = defaultdict(list)
    for bet in bets:
        for method, held, miss in _scored(bet):
            for family in (bet.name, "all"):
                inside[method, family].append(held)
                wrong[method, family].append(miss)
    names = [bet[0] for bet in BETS] + ["all"]
    asked = len(inside[OURS, "all"])
    print(f"\n{len(bets)} windows, {asked} weekly forecasts: share in the 80 % band, Brier score")
    print(f"{'':14}" + "".join(f"{name:>18}" for name in names))
    for method in (OURS, *RIVALS):
        cells = [f"{np.mean(inside[method, name]):.0%} {np.mean(wrong[method, name]):.3f}" for name in names]
        print(f"{method:14}" + "".join(f"{cell:>18}" for cell in cells))
    print(f"status changes a window: {np.mean([bet.changes for bet in bets]):.1f}")


def _scored(bet: Replayed) -> Iterator[tuple[str, bool, float]]:
    """(method, whether its 80 % band held the outcome, squared error of its chance), week by week."""
    for place, week in enumerate(bet.weeks, 1):
        found, ahead = week.forecast, WEEKS - place
        if not isinstance(found, Forecast) or found.p is None or ahead == 0:
            continue
        yield OURS, _holds(found.low80, found.high80, bet.outcome), (found.p - bet.reached) ** 2
        for name, rival in RIVALS.items():
            parts = _parts(rival, bet, place, ahead)
            held = _holds(mixture.quantile(parts, 0.1), mixture.quantile(parts, 0.9), bet.outcome)
            chance = mixture.reach(parts, bet.terms.target or 0.0, bet.terms.sign)
            yield name, held, (chance - bet.reached) ** 2


def _parts(rival: Rival, bet: Replayed, done: int, ahead: int) -> mixture.Parts:
    """The rival's forecast of the same outcome: weeks that are over enter as they are."""
    terms, now = bet.terms, bet.terms.start + done * WEEK
    values = [p.value for p in bet.points if p.start < now and p.value is not None]
    if terms.is_total:
        so_far = total_of([p for p in bet.points if p.start < now], start=terms.start, end=terms.end).value
        return mixture.shifted(rival(values, ahead, ahead, done), scale=ahead, plus=so_far)
    seen = max(terms.k - ahead, 0)
    there = float(np.mean(values[-seen:])) if seen else 0.0
    share = (terms.k - seen) / terms.k
    return mixture.shifted(rival(values, ahead, terms.k - seen, done), scale=share, plus=(1 - share) * there)


def _holds(low: float, high: float, outcome: float) -> bool:
    return low <= outcome <= high


def _show(value: float | None, terms: Terms) -> str:
    return formatting.show(value, unit=terms.unit, decimals=terms.decimals, kind=terms.kind)


def _bare(value: float | None, terms: Terms) -> str:
    return formatting.show(
        value, unit="%" if terms.kind == RATIO else "", decimals=terms.decimals, kind=terms.kind
    )


if __name__ == "__main__":
    main()
