"""What a test says in words: its verdict, where a day begins, which column became what, each value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from metrics import formatting
from metrics.connectors import asked
from metrics.connectors.base import Ask
from metrics.models import Metric
from northstar.lib import periods

#: From here on a change is told as a multiple: nobody reads +9,900%.
MANY_TIMES = 5
_READ_AS = {
    "period": "Period",
    "value": "Value",
    "numerator": "Numerator",
    "denominator": "Denominator",
    "weight": "Weight",
}


def boundary(ask: Ask, newest: date | None) -> str:
    """Where a day begins in the company's zone and what that made of one period that was asked for."""
    shown = newest or _last_over(ask)
    end = periods.next_start(shown, ask.grain)
    begins = periods.first_instant(shown, ask.zone)
    here, there = begins.astimezone(ZoneInfo(ask.zone)), f"{begins:%H:%M} UTC"
    before = " the day before" if begins.date() < shown else ""
    words = f"A day here begins at {here:%H:%M} {ask.zone}"
    words += "." if ask.zone == "UTC" else f", that is {there}{before}."
    first = periods.first_instant(ask.start, ask.zone)
    if first.time() != begins.time():
        words += f" At the beginning of this range it was {first:%H:%M} UTC, because the clocks changed."
    return (
        f"{words} The {ask.grain} {formatting.period_words(shown, ask.grain)} was asked for as "
        f"{asked.instant(shown, ask.zone)} to {asked.instant(end, ask.zone)}, the end not included."
    )


def _last_over(ask: Ask) -> date:
    """The last period of the range that is over; the only one, where none is."""
    last = periods.next_start(ask.end, ask.grain, -1)
    runs = periods.first_instant(ask.end, ask.zone) > ask.now
    return max(ask.start, periods.next_start(last, ask.grain, -1)) if runs else last


def mapping(pairs: Iterable[tuple[str, str]], kind: str) -> list[list[str]]:
    """Pairs of what became of a column and which one it was."""
    told = [[_READ_AS.get(part, part.capitalize()), where] for part, where in pairs]
    if kind == "ratio" and told:
        told.append(["Value", "numerator ÷ denominator"])
    return told


def verdict(result: Mapping[str, Any], metric: Metric) -> str:
    """One sentence: what came and what it would do."""
    count, grain = result["count"], metric.grain
    if not count:
        return "The source answered, without any row in this range."
    came = f"{count:,} {grain}{'' if count == 1 else 's'} came"
    if result["compared"]:
        return f"It works: {came}. {would(result)}"
    over = [row for row in result["rows"] if row["complete"] and row["now"]]
    if not over:
        return f"It works: {came}, none of them complete yet."
    newest = over[-1]
    period = formatting.period_words(date.fromisoformat(newest["start"]), grain)
    return f"It works: {came}, the newest complete one, {period}, with {value(newest['now'], metric)}."


def would(result: Mapping[str, Any]) -> str:
    """What storing the values would do, by its counts."""
    does = [
        (result["added"], "add {}"),
        (result["changed"], "change {}"),
        (result["unchanged"], "leave {} as stored"),
    ]
    told = [words.format(f"{count:,}") for count, words in does if count]
    sentence = "Storing them would " + (_and(told) or "change nothing") + "."
    if result["vanished"]:
        sentence += f" {result['vanished']:,} stored before no longer come{'s' * (result['vanished'] == 1)}; "
        sentence += "their values stay."
    if result["held"]:
        sentence += f" {result['held']:,} stay as somebody corrected them."
    return sentence


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def rows(result: Mapping[str, Any], metric: Metric) -> list[dict[str, str]]:
    """Each period: its name, whether it is over, what would be stored, what is stored, how they differ."""
    return [
        {
            "period": _period(row["start"], metric),
            "state": state(
                date.fromisoformat(row["start"]),
                metric.grain,
                complete=row["complete"],
                days_done=row["days_done"],
            ),
            "now": value(row["now"], metric),
            "stored": value(row["stored"], metric) if row["stored"] else "nothing yet",
            "difference": difference(row["now"], row["stored"], metric),
        }
        for row in result.get("rows", ())
    ]


def changes(result: Mapping[str, Any], metric: Metric) -> list[dict[str, str]]:
    """The stored periods that would change and are not among the rows."""
    shown = {row["start"] for row in result.get("rows", ())}
    return [
        {
            "period": _period(change["period"], metric),
            "before": value(change["before"], metric),
            "after": value(change["after"], metric),
            "difference": difference(change["after"], change["before"], metric),
        }
        for change in result.get("changes", ())
        if change["period"] not in shown
    ]


def _period(start: str, metric: Metric) -> str:
    return formatting.period_words(date.fromisoformat(start), metric.grain)


def value(parts: Mapping[str, Any] | None, metric: Metric) -> str:
    """ "18 of 240: 7.5%", "412 trials", "41.5 min (weight 120)", "missing"."""
    if parts is None:
        return "no row"
    if metric.kind == "ratio" and parts["numerator"] is not None:
        return f"{_exact(parts['numerator'])} of {_exact(parts['denominator'])}: {_share(parts['value'])}"
    if parts["value"] is None:
        return "missing"
    shown = with_unit(parts["value"], metric)
    return f"{shown} (weight {_exact(parts['denominator'])})" if metric.kind == "average" else shown


def difference(now: Mapping[str, Any] | None, stored: Mapping[str, Any] | None, metric: Metric) -> str:
    """ "+12 (+3.0%)", "same", "new", "no longer comes"; of shares in points."""
    if stored is None or stored["value"] is None:
        return "new" if now and now["value"] is not None else ""
    if now is None or now["value"] is None:
        return "no longer comes"
    after, before = Decimal(now["value"]), Decimal(stored["value"])
    if now == stored or after == before:
        return "same" if now == stored else "same share" if metric.kind == "ratio" else "same value"
    decimals = 2 if metric.kind == "ratio" else _decimals(after - before)
    change = formatting.show_change(after - before, kind=metric.kind, unit="", decimals=decimals)
    if metric.kind == "ratio" or not before:
        return change
    times = after / before
    if abs(times) >= MANY_TIMES:
        return f"{change} ({_times(times)} times)"
    return f"{change} ({formatting.show_share((after - before) / abs(before), decimals=1, sign=True)})"


def _times(number: Decimal) -> str:
    return formatting.show(number, decimals=0 if abs(number) >= 100 else 1)


def with_unit(text: str, metric: Metric) -> str:
    """An exact number with its unit."""
    number = Decimal(text)
    return formatting.show(number, unit=metric.unit, kind=metric.kind, decimals=_decimals(number))


def _decimals(number: Decimal) -> int:
    return min(15, max(0, -int(number.normalize().as_tuple().exponent)))


def _exact(text: str | None) -> str:
    if text is None:
        return "nothing"
    number = Decimal(text)
    return formatting.show(number, decimals=_decimals(number))


def _share(text: str | None) -> str:
    return "no share of 0" if text is None else formatting.show_share(Decimal(text), decimals=1)


def state(start: date, grain: str, *, complete: bool, days_done: int) -> str:
    """What is to be known of a period that is not over: "3 of 7 days so far", "still under way"."""
    if complete:
        return ""
    length = (periods.next_start(start, grain) - start) // timedelta(days=1)
    return (
        "still under way" if grain == "day" or days_done == length else f"{days_done} of {length} days so far"
    )
