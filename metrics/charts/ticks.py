"""Round ticks for values and days, with labels that fit."""

from __future__ import annotations

import math
from datetime import date, timedelta

from metrics import formatting
from metrics.charts.spec import ChartSpec

_STEPS = (1.0, 2.0, 4.0, 5.0, 10.0)

Ticks = tuple[tuple[float, str], ...]


def value_ticks(spec: ChartSpec, low: float, high: float, *, count: int) -> Ticks:
    """About `count` round values of a chart in the range, with short labels."""
    return round_ticks(low, high, count=count, unit=spec.unit, kind=spec.kind, least=least_step(spec))


def round_ticks(low: float, high: float, *, count: int, unit: str, kind: str, least: float = 0.0) -> Ticks:
    """About `count` round values at least `least` apart in the range, with short labels."""
    step = max(nice_step((high - low) / count), least)
    digits = max(0, -math.floor(math.log10(step))) + 2
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = [round(i * step, digits) for i in range(first, last + 1)][:40]
    shown = round(step, digits)
    return tuple((tick, formatting.show_short(tick, unit=unit, kind=kind, step=shown)) for tick in ticks)


def least_step(spec: ChartSpec) -> float:
    """The smallest difference that the decimals of a chart can show."""
    return 10.0**-spec.decimals / formatting.shown_scale(spec.unit, spec.kind)


def nice_step(rough: float) -> float:
    """The smallest of 1, 2, 4, 5 times a power of ten that is not under `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(step * power for step in _STEPS if step * power >= rough * (1 - 1e-9))


def day_ticks(first: date, last: date, *, room: float) -> tuple[tuple[date, str], ...]:
    """Month starts with labels ("Nov", "Jan 27") that fit into `room` pixels; Mondays in short ranges."""
    most = max(2, int(room / 52))
    months = _month_starts(first, last)
    if len(months) < 2 or (last - first).days < 45:
        return _monday_ticks(first, last, most=most)
    step = next((each for each in (1, 2, 3, 4, 6, 12, 24, 60) if len(months) / each <= most), 120)
    kept = [day for day in months if (day.year * 12 + day.month - 1) % step == 0]
    ticks, year = [], kept[0].year if kept else 0
    for day in kept:
        label = formatting.MONTHS[day.month - 1]
        named = day.year != year or (day.month == 1)
        ticks.append((day, f"{label} {day.year % 100:02d}" if named else label))
        year = day.year
    return tuple(ticks)


def _month_starts(first: date, last: date) -> list[date]:
    day = first if first.day == 1 else (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    found = []
    while day <= last:
        found.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return found


def _monday_ticks(first: date, last: date, *, most: int) -> tuple[tuple[date, str], ...]:
    monday = first + timedelta(days=-first.weekday() % 7)
    step = timedelta(weeks=max(1, math.ceil((last - monday).days / 7 / most)))
    ticks = []
    while monday <= last:
        ticks.append((monday, f"{monday.day} {formatting.MONTHS[monday.month - 1]}"))
        monday += step
    return tuple(ticks)
