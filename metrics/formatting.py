"""Numbers and dates as people read them; the only place that turns a value into text."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal

MINUS = "\N{MINUS SIGN}"
NBSP = "\N{NO-BREAK SPACE}"
NOTHING = "\N{EN DASH}"
CURRENCIES = ("£", "€", "$", "¥")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_COUNTED = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")

Number = int | float | Decimal
#: The usual 28 digits refuse a sum of 1e15 a week in percent with decimals.
WIDE = Context(prec=60)


def is_percent(unit: str, kind: str) -> bool:
    """Whether the number is shown with a percent sign."""
    return unit in ("%", "percent") or (kind == "ratio" and not unit)


def shown_scale(unit: str, kind: str) -> int:
    """What a stored value is multiplied by to be shown: 100 for a fraction shown as percent, else 1."""
    return 100 if kind == "ratio" and is_percent(unit, kind) else 1


def show(
    value: Number | None, *, unit: str = "", decimals: int = 0, kind: str = "", sign: bool = False
) -> str:
    """The value with its unit: "4,871 crews", "24.0%", "£12,345", "1.61 s"; an en dash for None.

    Ratios are stored as fractions and shown as percent unless they have a unit of their own.
    """
    if value is None:
        return NOTHING
    scaled = _exact(value) * shown_scale(unit, kind)
    before, digits = _signed(scaled, decimals, sign=sign)
    if is_percent(unit, kind):
        return f"{before}{digits}%"
    if unit[:1] in CURRENCIES and unit:
        rest = unit[1:].strip()
        return f"{before}{unit[0]}{digits}" + (NBSP + rest if rest else "")
    return f"{before}{digits}" + (NBSP + unit if unit else "")


def show_change(value: Number | None, *, unit: str = "", decimals: int = 0, kind: str = "") -> str:
    """A difference with its sign: "+96 crews"; of percentages in points: "+0.4 pp"."""
    if value is None:
        return NOTHING
    if is_percent(unit, kind):
        before, digits = _signed(_exact(value) * shown_scale(unit, kind), decimals, sign=True)
        return f"{before}{digits}{NBSP}pp"
    return show(value, unit=unit, decimals=decimals, kind=kind, sign=True)


def show_share(value: Number | None, *, decimals: int = 0, sign: bool = False) -> str:
    """A fraction as percent: 0.57 is "57%"."""
    if value is None:
        return NOTHING
    before, digits = _signed(_exact(value) * 100, decimals, sign=sign)
    return f"{before}{digits}%"


def show_short(value: Number, *, unit: str = "", kind: str = "", step: Number = 0) -> str:
    """An axis label: "4.9k", "1.2M", "24%", "£10k"; as many decimals as labels `step` apart need."""
    shown = _exact(value) * shown_scale(unit, kind)
    apart = abs(_exact(step) * shown_scale(unit, kind))
    size, letter = next(
        (
            (size, letter)
            for size, letter in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))
            if abs(shown) >= size
        ),
        (1, ""),
    )
    need = (apart or shown) / size
    decimals = max(0, -int(need.normalize().as_tuple().exponent)) if need else 0
    before, digits = _signed(shown / size, min(decimals, 6), sign=False)
    mark = unit[0] if unit[:1] in CURRENCIES and unit else ""
    return f"{before}{mark}{digits}{letter}" + ("%" if is_percent(unit, kind) else "")


def count_word(count: int) -> str:
    """A small number as a word that opens a sentence: "Two"; digits above ten."""
    return _COUNTED[count] if 0 <= count < len(_COUNTED) else f"{count:,}"


def day_words(day: date, today: date | None = None) -> str:
    """ "17 Jan", with the year unless it is the year of `today`."""
    words = f"{day.day} {MONTHS[day.month - 1]}"
    return words if today is not None and today.year == day.year else f"{words} {day.year}"


def span_words(first: date, last: date, today: date | None = None) -> str:
    """ "5 Oct", "7 to 8 Sep", "30 Dec 2025 to 2 Jan"."""
    end = day_words(last, today)
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {end}"
    return f"{day_words(first, today)} to {end}"


def period_words(start: date, grain: str = "week", today: date | None = None) -> str:
    """The period that begins on `start`: "9 to 15 Nov 2026", "Nov 2026", "9 Nov 2026"."""
    if grain == "month":
        return f"{MONTHS[start.month - 1]} {start.year}"
    if grain != "week":
        return day_words(start, today)
    end = start + timedelta(days=6)
    if start.year != end.year:
        return f"{day_words(start)} to {day_words(end)}"
    first = str(start.day) if start.month == end.month else f"{start.day} {MONTHS[start.month - 1]}"
    return f"{first} to {day_words(end, today)}"


def week_words(start: date, today: date | None = None) -> str:
    """The week that begins on `start` by its last day: "week to Sun 15 Nov"."""
    end = start + timedelta(days=6)
    return f"week to {DAYS[end.weekday()]} {day_words(end, today)}"


def _exact(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(value))


def _signed(value: Decimal, decimals: int, *, sign: bool) -> tuple[str, str]:
    """("−" or "+" or "", digits with thousands separators); what rounds to zero has no sign."""
    rounded = value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=WIDE)
    before = MINUS if rounded < 0 else "+" if sign and rounded > 0 else ""
    return before, f"{rounded.copy_abs():,f}"
