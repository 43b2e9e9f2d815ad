"""The health rule: two signals, a raw word a week, and a state that does not flip daily (domain 6.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from metrics.analysis.constants import (
    ATTAINMENT_LOST,
    ATTAINMENT_RISK,
    GAP_ON,
    GAP_RISK,
    P_LOST,
    P_ON,
    P_RISK,
    RANGE_ON,
    RANGE_RISK,
    Z_ON,
    Z_RISK,
)
from metrics.analysis.forecast import Forecast, Withheld

ON_TRACK = "on_track"
AT_RISK = "at_risk"
OFF_TRACK = "off_track"
TOO_EARLY = "too_early"
NO_DATA = "no_data"

_LEVELS = {OFF_TRACK: 0, AT_RISK: 1, ON_TRACK: 2}
_WORDS = {level: word for word, level in _LEVELS.items()}
# Floats: a gap of exactly -0.05 may arrive as -0.05000000000000004.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Health:
    """State word, its reason, and the numbers behind it in the unit of the metric (shares as fractions).

    `raw` is the word of this week alone, `state` the confirmed one. For a range `progress` is the share of
    periods in range and `expected` the share asked for. `week` is the first day of the newest period judged,
    `jump` whether it fell out of its usual range on the bad side.
    """

    state: str
    reason: str
    reading: float | None = None
    pace: float | None = None
    progress: float | None = None
    expected: float | None = None
    gap: float | None = None
    z: float | None = None
    raw: str = ""
    p: float | None = None
    attainment: float | None = None
    forecast: Forecast | Withheld | None = None
    week: date | None = None
    jump: bool = False


def pace_signal(z: float, gap: float) -> int:
    """2 on the plan, 1 behind it, 0 far behind: what counts is the kinder of noise and journey."""
    if z >= Z_ON - _ROUNDING or gap >= GAP_ON - _ROUNDING:
        return 2
    return 1 if z >= Z_RISK - _ROUNDING or gap >= GAP_RISK - _ROUNDING else 0


def range_signal(share: float) -> int:
    """The same for a range, by the share of periods inside."""
    return 2 if share >= RANGE_ON - _ROUNDING else 1 if share >= RANGE_RISK - _ROUNDING else 0


def forecast_signal(p: float, attainment: float) -> int:
    """2 likely, 1 open or nearly there, 0 unlikely."""
    if p >= P_ON:
        return 2
    return 1 if p >= P_RISK or attainment >= ATTAINMENT_RISK else 0


def raw_state(signal: int, p: float | None, attainment: float | None) -> str:
    """The word of one week alone; without a forecast the pace signal counts twice."""
    if p is None or attainment is None:
        return _WORDS[signal]
    both = signal + forecast_signal(p, attainment)
    if both == 0 or (p < P_LOST and attainment < ATTAINMENT_LOST):
        return OFF_TRACK
    return ON_TRACK if both >= 3 else AT_RISK


def confirm(raws: Sequence[str], *, jumps: Sequence[bool] = ()) -> list[str]:
    """The state after each week: it moves when two raws in a row lie on the same side of it.

    Worsening goes to the milder of the two, improving to the less good. Off track at once where the week also
    jumped out of its usual range. Weeks that are too early or without data are passed over.
    """
    state: int | None = None
    before: int | None = None
    found: list[str] = []
    for place, raw in enumerate(raws):
        level = _LEVELS.get(raw)
        if level is None:
            found.append(raw if state is None else _WORDS[state])
            continue
        if state is None or (level == 0 and place < len(jumps) and jumps[place]):
            state = level
        elif before is not None and level < state and before < state:
            state = max(level, before)
        elif before is not None and level > state and before > state:
            state = min(level, before)
        before = level
        found.append(_WORDS[state])
    return found
