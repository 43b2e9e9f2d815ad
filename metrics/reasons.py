"""Why a number moved, in words: plain, signed, and never more certain than the arithmetic behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from metrics import formatting
from metrics.analysis import leading
from metrics.analysis.explanation import Accounting, Comparison, Split
from metrics.analysis.leading import Lead
from metrics.verdict import Measure

#: Where the head of a name ends: "Crews per account" is about crews.
_TAIL = re.compile(r" (?:of|per|to|by|in|with|using|from|for|on)\b")


def headline(split: Split, names: Mapping[int, str], measure: Measure) -> str:
    """ "Engaged share costs 92 crews; paying accounts bring 253." """
    told = _extremes(split, measure)
    if not told:
        return "" if split.missing else "Nothing in the formula moved it."
    clauses = [_clause(names[key], value, measure, unit=not at) for at, (key, value) in enumerate(told)]
    text = "; ".join([clauses[0], *(_lowered(each) for each in clauses[1:])])
    return f"{text[:1].upper()}{text[1:]}."


def clause(split: Split, names: Mapping[int, str], measure: Measure, *, grain: str = "week") -> str:
    """The one part that a verdict names: "engaged share costs 92 crews in 13 weeks"; empty without one."""
    told = _extremes(split, measure)
    if not told:
        return ""
    words = _clause(names[told[0][0]], told[0][1], measure, unit=True)
    return f"{_lowered(words)} in {_times(split.comparison.span, grain)}"


def change(split: Split, measure: Measure, *, grain: str = "week") -> str:
    """ "4,637 to 4,859 crews, +222 in 13 weeks"; what the formula leaves open is said with it."""
    shown = show(split.after, measure)
    moved = show_change(split.after - split.before, measure, unit=False)
    text = f"{show(split.before, measure, unit=False)} to {shown}, {moved}"
    if rest_counts(split, measure):
        text += f"; the formula leaves {show_change(split.rest, measure, unit=False)} of it open"
    return f"{text}."


def span(comparison: Comparison, *, grain: str = "week") -> str:
    """ "4-week means, 13 weeks apart"."""
    apart = f"{_times(comparison.span, grain)} apart"
    return (
        f"single {grain}s, {apart}"
        if comparison.mean_of == 1
        else f"{comparison.mean_of}-{grain} means, {apart}"
    )


def flows(found: Accounting, names: Mapping[int, str], measure: Measure, *, grain: str = "week") -> str:
    """ "In 13 weeks new crews +992, reactivated crews +494, lapsed crews −1,299: +187 crews." """
    if found.missing:
        return found.missing
    parts = [
        f"{_lowered(names[key])} {show_change(value, measure, unit=False)}" for key, value in found.totals
    ]
    if abs(found.rest) >= _step(measure):
        parts.append(f"not counted {show_change(found.rest, measure, unit=False)}")
    net = show_change(found.after - found.before, measure)
    return f"In {_times(len(found.weeks), grain)} {', '.join(parts)}: {net}."


def quick(found: Accounting) -> str:
    """ "For each one that left, 1.14 came (quick ratio)"; empty where nobody left."""
    if found.quick is None:
        return ""
    return f"For each one that left, {found.quick:.2f} came (quick ratio)."


def lead(found: Sequence[Lead], *, name: str = "it") -> str:
    """ "moves with it, 3 weeks ahead (r 0.69, 96 pairs)"; never that one drives the other."""
    if not found:
        return "too few weeks to tell whether they move together"
    best = leading.best(found)
    if best is None:
        weeks = max(each.pairs for each in found)
        return f"no relation found in {weeks} weeks"
    words = leading.words(best).replace(" it,", f" {name},", 1)
    strength = f"{abs(best.r):.2f}"
    sign = formatting.MINUS if best.r < 0 else ""
    return f"{words} (r {sign}{strength}, {best.pairs} pairs)"


def rest_counts(split: Split, measure: Measure) -> bool:
    """Whether what the formula leaves open is more than rounding."""
    return abs(split.rest) >= _step(measure)


def show(value: float, measure: Measure, *, unit: bool = True) -> str:
    tied = unit or formatting.is_percent(measure.unit, measure.kind)
    return formatting.show(
        value, unit=measure.unit if tied else "", decimals=measure.decimals, kind=measure.kind
    )


def show_change(value: float, measure: Measure, *, unit: bool = True) -> str:
    tied = unit or formatting.is_percent(measure.unit, measure.kind)
    return formatting.show_change(
        value, unit=measure.unit if tied else "", decimals=measure.decimals, kind=measure.kind
    )


def _extremes(split: Split, measure: Measure) -> list[tuple[int, float]]:
    """What takes most and what brings most, in this order, so far as they can be seen at all."""
    seen = [(key, value) for key, value in split.steps if abs(value) >= _step(measure)]
    down = min((pair for pair in seen if pair[1] < 0), key=lambda pair: pair[1], default=None)
    up = max((pair for pair in seen if pair[1] > 0), key=lambda pair: pair[1], default=None)
    pair = (up, down) if measure.direction == "down" else (down, up)
    return [each for each in pair if each is not None]


def _clause(name: str, value: float, measure: Measure, *, unit: bool) -> str:
    many = _is_many(name)
    if measure.direction == "down":
        verb = ("add" if value > 0 else "take off") if many else ("adds" if value > 0 else "takes off")
    else:
        verb = ("bring" if value > 0 else "cost") if many else ("brings" if value > 0 else "costs")
    size = show_change(abs(value), measure, unit=unit).lstrip("+")
    return f"{name} {verb} {size}"


def _is_many(name: str) -> bool:
    head = _TAIL.split(name, maxsplit=1)[0].lower()
    return head.endswith("s") and not head.endswith("ss")


def _lowered(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _times(count: int, grain: str) -> str:
    return f"{count} {grain}{'' if count == 1 else 's'}"


def _step(measure: Measure) -> float:
    """Half of the smallest difference that is shown."""
    return float(0.5 * 10**-measure.decimals / formatting.shown_scale(measure.unit, measure.kind))
