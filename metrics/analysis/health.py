"""How a bet stands, week by week: its numbers, its confirmed state and the sentence that says why."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from metrics.analysis.constants import Z_ALARM
from metrics.analysis.health_rule import (
    AT_RISK,
    NO_DATA,
    OFF_TRACK,
    ON_TRACK,
    TOO_EARLY,
    Health,
    confirm,
)
from metrics.analysis.points import Point, complete_points
from metrics.analysis.silence import ended, silent
from metrics.analysis.target_health import evaluate_target
from metrics.analysis.terms import Terms
from metrics.analysis.weighing import Window, weigh
from metrics.analysis.wording import (
    alarm_words,
    likely_words,
    range_words,
    reason,
    silent_words,
    starts_words,
    too_early_words,
    two_stories,
)

__all__ = [
    "AT_RISK",
    "NO_DATA",
    "OFF_TRACK",
    "ON_TRACK",
    "TOO_EARLY",
    "Health",
    "Remembered",
    "confirm",
    "digest",
    "evaluate",
    "evaluate_target",
    "likely_words",
    "range_words",
    "two_stories",
    "weekly",
]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a week was found to be, and the digest of all that was read for it."""

    digest: str
    raw: str
    jump: bool = False


def weekly(
    points: Sequence[Point],
    terms: Terms,
    *,
    today: date,
    remembered: Mapping[date, Remembered] = {},
    cone: bool = False,
) -> list[Health]:
    """The health after each complete week of the window that has a value, oldest first; at least one entry.

    The last entry is how it stands now, in full. Of a week before it whose digest is still that of
    `remembered` only state, raw, week and jump are given. Only complete weeks count: neither the running week
    nor the day within it changes anything. Raises ValueError as `weigh` does.
    """
    window = Window.of(points, terms)
    days = [point.start for point in window.known]
    found: list[Health] = []
    for place, day in enumerate(days, 1):
        held = remembered.get(day) if place < len(days) else None
        if held is not None and held.digest == digest(points, terms, week=day):
            found.append(Health("", "", raw=held.raw, week=day, jump=held.jump))
        else:
            found.append(weigh(Window.of(points, terms, last=day), cone=cone and place == len(days)))
    if not days:
        found = [weigh(window)]
    raws = [each.raw for each in found]
    states = confirm(raws, jumps=[each.jump for each in found])
    over = ended(points, terms, today)
    told = [
        _told(each, window, state=state, raws=raws[:place], over=over and place == len(days))
        for place, (each, state) in enumerate(zip(found, states, strict=True), 1)
    ]
    told[-1] = _now(told[-1], window, points, today=today)
    return told


def evaluate(points: Sequence[Point], terms: Terms, *, today: date, cone: bool = False) -> Health:
    """How a bet stands now: the last entry of `weekly`."""
    return weekly(points, terms, today=today, cone=cone)[-1]


def digest(points: Sequence[Point], terms: Terms, *, week: date) -> str:
    """A hexadecimal digest of everything that the evaluation of the week that begins on `week` reads."""
    read = [
        (point.start.toordinal(), point.value, point.numerator, point.denominator)
        for point in complete_points(points)
        if point.start <= week
    ]
    return hashlib.sha256(repr((terms, read)).encode()).hexdigest()


def _told(found: Health, window: Window, *, state: str, raws: Sequence[str], over: bool) -> Health:
    """With its state and the sentence for it."""
    done = len(raws)
    if found.raw != TOO_EARLY:
        words = reason(found, window.terms, state=state, raws=raws, done=done, over=over)
        return replace(found, state=state, reason=words)
    if found.z is not None and found.z < Z_ALARM:
        return replace(found, state=AT_RISK, reason=alarm_words(found, window.terms, done))
    return replace(found, state=TOO_EARLY, reason=too_early_words(done, window.needed, window.terms.grain))


def _now(found: Health, window: Window, points: Sequence[Point], *, today: date) -> Health:
    """The newest entry, unless there is nothing to judge by."""
    terms = window.terms
    if today <= terms.end and silent(points, today, terms.grain):
        return replace(found, state=NO_DATA, reason=silent_words(terms.grain))
    if window.known:
        return found
    if today > terms.end:
        return replace(found, state=NO_DATA, reason="The window ended without a complete value.")
    words = (
        starts_words(terms.start, today)
        if today <= terms.start
        else too_early_words(0, window.needed, terms.grain)
    )
    return replace(found, state=TOO_EARLY, raw=TOO_EARLY, reason=words)
