"""What looks like a mistake in new values, as sentences: which unit, which zone, which period."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from metrics import formatting
from metrics.analysis.odd_values import Oddity
from metrics.models import Metric

_CURRENCIES = {"EUR", "USD", "GBP", "CHF", "EURO", "EUROS", "DOLLARS", "POUNDS", "CENTS", "PENCE"}
_TIMES = {2: "twice", 10: "ten times", 100: "a hundred times", 1000: "a thousand times"}
_PARTS = {10: "a tenth of", 100: "a hundredth of", 1000: "a thousandth of"}
#: What a factor is when it is too large, and when it is too small.
_MIXED_UP = {
    7: ("a sum of a week instead of a mean of its days", "a mean of a day instead of the sum of a week"),
    10: ("a decimal point in another place", "a decimal point in another place"),
    24: ("hours instead of days", "days instead of hours"),
    60: ("seconds instead of minutes, or minutes instead of hours",
         "minutes instead of seconds, or hours instead of minutes"),
    1000: ("milliseconds instead of seconds, or single ones instead of thousands",
           "seconds instead of milliseconds, or thousands instead of single ones"),
    1024: ("bytes instead of kilobytes, or kilobytes instead of megabytes",
           "kilobytes instead of bytes, or megabytes instead of kilobytes"),
    3600: ("seconds instead of hours", "hours instead of seconds"),
    86_400: ("seconds instead of days", "days instead of seconds"),
    1_000_000: ("single ones instead of millions", "millions instead of single ones"),
}  # fmt: skip


def sentences(oddities: tuple[Oddity, ...], metric: Metric) -> list[str]:
    """A sentence for each, in their order."""
    return [_sentence(oddity, metric) for oddity in oddities]


def _sentence(odd: Oddity, metric: Metric) -> str:
    grain = metric.grain
    match odd.code:
        case "factor":
            return _factor(odd, metric)
        case "tenfold":
            return _tenfold(odd, metric)
        case "shifted":
            return _shifted(odd, grain)
        case "changed":
            return (
                f"{odd.count} of {odd.of} stored {grain}s would change. If the question means something else "
                "now, define a new metric, so that the old values keep their meaning."
            )
        case "equal":
            return f"All {odd.of} values are equal. Does the query use the range that it is asked for?"
        case "above_whole":
            return (
                f"{odd.count} of {odd.of} shares are above 100%. Are numerator and denominator swapped, or "
                "is the numerator in percent?"
            )
        case _:
            day = formatting.period_words(odd.start or date.min, grain)
            return (
                f"The newest complete {grain}, {day}, is missing. If it comes late, set “Complete after”; "
                "if no row means none, say so in the fine print."
            )


def _factor(odd: Oddity, metric: Metric) -> str:
    size = abs(odd.number)
    large = size >= 1
    whole = round(size if large else 1 / size)
    told = "Every value" if odd.count == odd.of else f"Nearly every value ({odd.count} of {odd.of})"
    if size == 1:
        return f"{told} has the opposite sign of the stored one. Is a refund or a cost counted the other way?"
    looks = _looks_like(whole, large=large, metric=metric) if abs(size * whole - 1) < 1e-9 or large else ""
    if large and abs(size - whole) > 1e-9 or size < 1 and not looks:
        sign = ", with the opposite sign" if odd.number < 0 else ""
        return f"{told} is {size:.4g} times the stored one{sign}: another unit, currency or tax?"
    times = _TIMES.get(whole, f"{whole:,} times") if large else _PARTS.get(whole, f"1/{whole:,} of")
    sign = ", with the opposite sign" if odd.number < 0 else ""
    return f"{told} is {times} the stored one{sign}" + (f": it looks like {looks}." if looks else ".")


def _looks_like(whole: int, *, large: bool, metric: Metric) -> str:
    unit = metric.unit.strip()
    if whole != 100:
        return _MIXED_UP.get(whole, ("", ""))[0 if large else 1]
    if metric.kind == "ratio" or unit in ("%", "percent"):
        return "percent instead of a fraction" if large else "a fraction instead of percent"
    if unit[:1] in formatting.CURRENCIES or unit.upper() in _CURRENCIES:
        return f"cents instead of {unit}" if large else f"{unit} where cents are stored"
    return (
        "cents instead of whole money, or percent instead of a fraction"
        if large
        else "whole money instead of cents, or a fraction instead of percent"
    )


def _tenfold(odd: Oddity, metric: Metric) -> str:
    pair = odd.pair
    assert pair is not None and pair.now is not None
    said = f"{_shown(pair.now, metric)} for {formatting.period_words(pair.start, metric.grain)}"
    if pair.stored is None:
        beside = f"{said} is about ten times or more away from each of the eight values stored before it."
    else:
        beside = (
            f"{said} stands beside a stored {_shown(pair.stored, metric)}{_times(pair.now, pair.stored)}."
        )
    more = f" {odd.count} of {odd.of} values are ten times off." if odd.count > 1 else ""
    return f"{beside}{more} Is it another unit?"


def _times(now: float, stored: float) -> str:
    if not (now and stored):
        return ""
    factor = abs(now / stored)
    return f": {factor:,.0f} times as much" if factor > 1 else f": {1 / factor:,.0f} times less"


def _shown(value: float, metric: Metric) -> str:
    exact = Decimal(f"{value:.10g}")
    decimals = min(6, max(0, -int(exact.normalize().as_tuple().exponent)))
    if metric.kind == "ratio":
        decimals = 1
    return formatting.show(exact, unit=metric.unit, kind=metric.kind, decimals=decimals)


def _shifted(odd: Oddity, grain: str) -> str:
    where = "after" if odd.number > 0 else "before"
    said = f"{odd.count} of {odd.of} values are exactly those stored for the {grain} {where}."
    if grain == "day":
        return f"{said} It looks like another time zone: days cut in UTC instead of the company's zone, say."
    return f"{said} It looks as if a {grain} were named by another day here than before."
