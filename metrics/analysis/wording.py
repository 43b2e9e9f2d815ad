"""The sentences that say why: what a good analyst would tell the team, without blame."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from metrics import formatting
from metrics.analysis.constants import P_RISK, RANGE_ON, Z_ON
from metrics.analysis.forecast import Forecast, Withheld
from metrics.analysis.health_rule import AT_RISK, OFF_TRACK, ON_TRACK, Health
from metrics.analysis.terms import Terms

STATE_WORDS = {ON_TRACK: "on track", AT_RISK: "at risk", OFF_TRACK: "off track"}
UNLIKELY, VERY_LIKELY = 0.05, 0.95
STEP = 0.05


def likely_words(p: float) -> str:
    """ "about 60% likely", rounded to 5%; "unlikely, under 5%", "very likely, over 95%"."""
    if p < UNLIKELY:
        return "unlikely, under 5%"
    if p > VERY_LIKELY:
        return "very likely, over 95%"
    return f"about {round(p / STEP) * STEP:.0%} likely"


def likely_to(p: float, deed: str) -> str:
    """The same with what is likely: "about 60% likely to reach 34.0%", "unlikely to reach it (under 5%)"."""
    words, _, rest = likely_words(p).partition(", ")
    return f"{words} to {deed}" + (f" ({rest})" if rest else "")


def two_stories(forecast: Forecast, show: Callable[[float], str]) -> str:
    """ "If it goes on like this 36.6%, if it settles as usual 32.1%."; outside a window the second alone."""
    settled = f"if it settles as usual {show(forecast.settled)}."
    if forecast.trending is None:
        return settled[0].upper() + settled[1:]
    return f"If it goes on like this {show(forecast.trending)}, {settled}"


def reason(
    found: Health,
    terms: Terms,
    *,
    state: str,
    raws: Sequence[str],
    done: int,
    over: bool = False,
    counted: int | None = None,
) -> str:
    """Why a bet has this state: the week's numbers, and how many weeks say so or what a second would do.

    `raws` are the words of all weeks up to this one, oldest first, `done` the weeks with values; `over`: the
    window has ended. Of a run of weeks only the newest `counted` are told: nobody was judged before.
    """
    numbers = _numbers(found, terms, done=done, over=over)
    if over:
        return f"{numbers[:1].upper()}{numbers[1:]}."
    if found.raw == state == OFF_TRACK and found.jump and raws[-2:-1] != [OFF_TRACK]:
        return f"{numbers}; outside its usual range, so this does not wait for a second week."
    if found.raw != state and found.raw in STATE_WORDS:
        alone = f"This {terms.grain} alone would be {STATE_WORDS[found.raw]}"
        return f"{alone}: {numbers}; a second one would make it so."
    run = _run(raws) if counted is None else min(_run(raws), counted)
    if state != ON_TRACK and run > 1:
        weeks = f"{formatting.count_word(run)} complete {terms.grain}s in a row {STATE_WORDS[state]}"
        return f"{weeks}: {numbers}."
    return f"{numbers[:1].upper()}{numbers[1:]}."


def alarm_words(found: Health, terms: Terms, done: int) -> str:
    """Why a bet is at risk although it is too early for a status."""
    weeks = f"{formatting.count_word(done)} complete {terms.grain}{'' if done == 1 else 's'} in"
    side = "above" if terms.sign < 0 else "below"
    return f"{weeks}, and far {side} the plan already: {_against_plan(found, terms)}."


def too_early_words(done: int, needed: int, grain: str = "week") -> str:
    """ "Two complete weeks in; a status comes after four." """
    weeks = f"complete {grain}{'s' if done > 1 else ''} {'in' if done else 'yet'}"
    after = formatting.count_word(needed).lower()
    return f"{formatting.count_word(done)} {weeks}; a status comes after {after}."


def long_words(found: Health, terms: Terms, *, rate: float | None) -> str:
    """How far a target of years is, and what it still needs each week."""
    goal = _show(terms.target, terms)
    now = f"{_show(found.reading, terms)}, {formatting.show_share(found.progress)} of the way to {goal}"
    if rate is None or (found.progress or 0.0) >= 1:
        return f"{now}."
    scaled = abs(rate) * formatting.shown_scale(terms.unit, terms.kind)
    decimals = terms.decimals + (scaled < 10 * 10**-terms.decimals)
    change = formatting.show_change(rate, unit=terms.unit, decimals=decimals, kind=terms.kind)
    return f"{now}; it needs {change} a week from here."


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


def starts_words(start: date, today: date) -> str:
    """ "The window starts on 23 Nov." """
    return f"The window starts on {formatting.day_words(start, today)}."


def silent_words(grain: str) -> str:
    """Why there is no state although the window runs."""
    return f"No complete value in the last two {grain}s."


def _numbers(found: Health, terms: Terms, *, done: int, over: bool) -> str:
    if terms.target is None:
        return _range_numbers(found, terms, done=done, over=over)
    goal = _show(terms.target, terms)
    if over:
        return f"{_show(found.reading, terms)} at the end; the target was {goal}"
    against = _against_plan(found, terms)
    if found.z is not None and found.gap is not None and found.gap < 0 and found.z >= Z_ON:
        against += ", no more than chance"
    if found.p is None:
        return against if not isinstance(found.forecast, Withheld) else f"{against}, without a forecast yet"
    # A total that must not grow beyond its target is not reached but kept to.
    deed = "hold" if (found.progress or 0.0) >= 1 and not terms.is_total else "reach"
    likely = likely_to(found.p, f"{'stay within' if terms.is_total and terms.sign < 0 else deed} {goal}")
    if (found.gap or 0.0) < 0 or found.p >= P_RISK:
        return f"{against}; {likely}"
    return f"{against}, but {likely}" if found.p < UNLIKELY else f"{against}, but only {likely}"


def _against_plan(found: Health, terms: Terms) -> str:
    so_far = " so far" if terms.is_total else ""
    return f"{_show(found.reading, terms)}{so_far} where the plan says {_show(found.pace, terms)}"


def _range_numbers(found: Health, terms: Terms, *, done: int, over: bool) -> str:
    words = range_words(terms.low, terms.high, unit=terms.unit, decimals=terms.decimals, kind=terms.kind)
    hits = round((found.progress or 0.0) * done)
    held = f"{hits} of {done} complete {terms.grain}{'' if done == 1 else 's'} {words}"
    if over or found.p is None:
        return held
    return f"{held}; {likely_to(found.p, f'end with {formatting.show_share(RANGE_ON)} inside')}"


def _run(raws: Sequence[str]) -> int:
    """How many of the newest weeks with a word have the same one."""
    judged = [raw for raw in raws if raw in STATE_WORDS]
    run = 0
    for raw in reversed(judged):
        if raw != judged[-1]:
            break
        run += 1
    return run


def _show(value: float | None, terms: Terms) -> str:
    return formatting.show(value, unit=terms.unit, decimals=terms.decimals, kind=terms.kind)
