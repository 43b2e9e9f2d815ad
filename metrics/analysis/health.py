"""One word for how an OMTM stands, and the sentence that says why.

The plain rule: linear plan, pace gap and weekly noise. Forecast and confirmation (domain 6.6) come later
behind the same `evaluate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from metrics import formatting
from metrics.analysis.noise import sigma_w, z_score
from metrics.analysis.pace import expected_fraction, pace_value, progress, range_share
from metrics.analysis.points import Point, complete_points, next_start, period_start
from metrics.analysis.reading import reading as read

ON_TRACK = "on_track"
AT_RISK = "at_risk"
OFF_TRACK = "off_track"
TOO_EARLY = "too_early"
NO_DATA = "no_data"

TOO_EARLY_WEEKS = 4
#: Two calendar months never hold more days than this.
SHORT_WINDOW_DAYS = 62
SHORT_WINDOW_WEEKS = 3
SILENT_WEEKS = 2
GAP_ON = -0.05
GAP_OFF = -0.15
Z_OFF = -2.0
RANGE_ON = 0.90
RANGE_RISK = 0.75
A_DAY = timedelta(days=1)
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Health:
    """State word, its reason, and the numbers behind it in the unit of the metric (shares as fractions).

    For a range `progress` is the share of periods in range and `expected` the share asked for.
    """

    state: str
    reason: str
    reading: float | None = None
    pace: float | None = None
    progress: float | None = None
    expected: float | None = None
    gap: float | None = None
    z: float | None = None


@dataclass(frozen=True, slots=True)
class _Window:
    start: date
    end: date
    weeks: list[Point]
    known: list[Point]
    grain: str = "week"

    @property
    def needed(self) -> int:
        if self.grain == "month":
            return 1
        short = (self.end - self.start).days < SHORT_WINDOW_DAYS
        return SHORT_WINDOW_WEEKS if short else TOO_EARLY_WEEKS


def evaluate(
    points: Sequence[Point],
    *,
    kind: str,
    baseline: float | None,
    target: float | None,
    low: float | None,
    high: float | None,
    start: date,
    end: date,
    k: int,
    today: date,
    unit: str = "",
    decimals: int = 1,
    grain: str = "week",
) -> Health:
    """The health of one OMTM from weekly points (history included), judged on complete weeks only.

    A North Star may come by the month: then `grain` says so, and months count where it speaks of weeks.
    A target needs a baseline that differs from it; without a target the range `low`...`high` is judged.
    Raises ValueError when there is neither target nor range, or when baseline and target are equal.
    """
    history = [point for point in complete_points(points) if next_start(point.start, grain) <= end + A_DAY]
    weeks = [point for point in history if point.start >= start]
    window = _Window(start, end, weeks, [point for point in weeks if point.value is not None], grain)
    if target is None:
        found = _range_health(window, kind=kind, low=low, high=high, k=k, unit=unit, decimals=decimals)
    elif baseline is None:
        raise ValueError("A target needs a baseline. Store the baseline that was frozen at the start.")
    else:
        shown = (unit, decimals)
        found = _pace_health(
            window, history, kind=kind, baseline=baseline, target=target, k=k, today=today, shown=shown
        )
    if today <= end and _silent(points, today, grain):
        return _with(found, NO_DATA, f"No complete value in the last two {grain}s.")
    if today > end and not window.known:
        return _with(found, NO_DATA, "The window ended without a complete value.")
    if today <= start and not window.known:
        return _with(found, TOO_EARLY, f"The window starts on {formatting.day_words(start, today)}.")
    if len(window.known) < window.needed:
        return _with(found, TOO_EARLY, _too_early_words(len(window.known), window.needed, grain))
    return found


def _pace_health(
    window: _Window,
    history: Sequence[Point],
    *,
    kind: str,
    baseline: float,
    target: float,
    k: int,
    today: date,
    shown: tuple[str, int],
) -> Health:
    counted = min(k, len(window.known)) or k
    value = read(window.weeks if window.known else history, kind, counted)
    last_day = _last_day(window, today)
    expected = expected_fraction(window.start, window.end, last_day)
    plan = pace_value(baseline, target, expected)
    made = progress(baseline, target, value)
    if value is None or made is None:
        return Health(NO_DATA, "No complete value yet.", pace=plan, expected=expected)
    gap = made - expected
    sigma = sigma_w(history, weeks_since_start=len(window.weeks)) or 0.0
    z = z_score(value, plan, sign=1 if target > baseline else -1, sigma=sigma, k=counted)
    state = _state(gap, z)
    reason = _pace_words(state, value, plan, gap=gap, kind=kind, shown=shown)
    return Health(state, reason, value, plan, made, expected, gap, z)


def _last_day(window: _Window, today: date) -> date:
    """The day whose plan the reading is held against: the end of the newest complete week with a value."""
    if today > window.end:
        return window.end
    if window.known:
        return next_start(window.known[-1].start, window.grain) - A_DAY
    return window.start - A_DAY


def _state(gap: float, z: float) -> str:
    # Floats: a gap of exactly -0.05 may arrive as -0.05000000000000004.
    if gap >= GAP_ON - _ROUNDING:
        return ON_TRACK
    return OFF_TRACK if gap < GAP_OFF - _ROUNDING and z < Z_OFF - _ROUNDING else AT_RISK


def _range_health(
    window: _Window,
    *,
    kind: str,
    low: float | None,
    high: float | None,
    k: int,
    unit: str,
    decimals: int,
) -> Health:
    if low is None and high is None:
        raise ValueError("There is neither a target nor a range to judge by.")
    share = range_share(window.weeks, low, high)
    value = read(window.weeks, kind, min(k, len(window.known)) or k)
    if share is None:
        return Health(NO_DATA, "No complete value yet.", value, expected=RANGE_ON)
    state = ON_TRACK if share >= RANGE_ON else AT_RISK if share >= RANGE_RISK else OFF_TRACK
    hits, total = round(share * len(window.known)), len(window.known)
    words = range_words(low, high, unit=unit, decimals=decimals, kind=kind)
    return Health(state, f"{hits} of {total} complete weeks {words}.", value, None, share, RANGE_ON)


def range_words(low: float | None, high: float | None, *, unit: str, decimals: int, kind: str) -> str:
    """ "between 0 s and 2 s", "at or under 2.5 s", "at or over 99.2%"."""

    def text(value: float | None) -> str:
        return formatting.show(value, unit=unit, decimals=_needed(value), kind=kind)

    def _needed(value: float | None) -> int:
        # Bounds are chosen, not measured: zeros behind the point would say nothing.
        scaled = (value or 0.0) * formatting.shown_scale(unit, kind)
        return next((n for n in range(decimals) if abs(scaled - round(scaled, n)) < 1e-9), decimals)

    if low is None:
        return f"at or under {text(high)}"
    return f"at or over {text(low)}" if high is None else f"between {text(low)} and {text(high)}"


def _silent(points: Sequence[Point], today: date, grain: str = "week") -> bool:
    """No value for the last two complete weeks; one week of grace while the newest waits for its latency."""
    newest = period_start(period_start(today, grain) - A_DAY, grain)
    waiting = any(point.start == newest and not point.complete for point in points)
    oldest = newest
    for _ in range(SILENT_WEEKS - 1 + waiting):
        oldest = period_start(oldest - A_DAY, grain)
    return not any(point.complete and point.value is not None and point.start >= oldest for point in points)


def _with(found: Health, state: str, reason: str) -> Health:
    return Health(
        state, reason, found.reading, found.pace, found.progress, found.expected, found.gap, found.z
    )


def _too_early_words(done: int, needed: int, grain: str = "week") -> str:
    weeks = f"complete {grain}{'s' if done > 1 else ''} {'in' if done else 'yet'}"
    after = formatting.count_word(needed).lower()
    return f"{formatting.count_word(done)} {weeks}; a status comes after {after}."


def _pace_words(
    state: str, value: float, plan: float, *, gap: float, kind: str, shown: tuple[str, int]
) -> str:
    unit, decimals = shown
    now = formatting.show(value, unit=unit, decimals=decimals, kind=kind)
    due = formatting.show(plan, unit=unit, decimals=decimals, kind=kind)
    sentence = f"{now}, and the plan says {due}"
    if state == ON_TRACK:
        return f"{sentence}."
    behind = f"{sentence}: {formatting.show_share(-gap)} of the journey behind"
    return f"{behind}, more than chance explains." if state == OFF_TRACK else f"{behind}."
