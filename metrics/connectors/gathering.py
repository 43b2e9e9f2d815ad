"""From single dated things to the rows of a metric: one a period, or gathered by period here. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

from metrics.connectors.base import Ask, ConnectorError, Row
from metrics.connectors.moments import When
from metrics.connectors.numbers import NumberError, parse
from metrics.connectors.period_text import grain_fault
from northstar.lib.periods import local_day, period_start, starts

AGGREGATES = (
    ("none", "Nothing: a row for each period"),
    ("sum", "Add the values of each period"),
    ("count", "Count the rows of each period"),
    ("mean", "The mean of the values of each period"),
    ("unique", "Count the different values of each period"),
    ("last", "The last value of each period"),
)
ZERO = Decimal(0)
_PARTS = {"ratio": ("numerator", "denominator"), "average": ("value", "weight")}
# What a stored number holds; sums of more digits are refused, quotients have to be rounded.
_ROUNDED = Context(prec=15, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a source told. `numbers` are the parts of the metric's kind, None where there is none;
    for `unique` the one part is any text. `page` tells pages that overlap from a source that repeats."""

    label: str
    when: When
    numbers: tuple[Decimal | str | None, ...]
    page: int = 1


def parts_of(kind: str, aggregate: str) -> tuple[str, ...]:
    """The parts that each row has to carry."""
    if aggregate == "count":
        return ()
    if aggregate == "mean" and kind != "ratio":
        return ("value",)
    return _PARTS.get(kind, ("value",))


def rows_of(
    items: Iterable[Item], ask: Ask, *, aggregate: str, empty: str = "missing", whole: bool = False
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """Rows by period, oldest first, and notes. `whole`: the source always gives all it has, so that rows
    outside the asked range are nothing to speak of. Raises ConnectorError("schema")."""
    _fits(ask, aggregate)
    inside, notes = _inside(items, ask, whole=whole)
    if aggregate == "none":
        found, more = _one_each(inside, ask)
    else:
        found, more = _gathered(inside, ask, aggregate), ()
    if empty == "zero" and ask.kind not in _PARTS:
        for start in _begun(ask):
            if start not in found or found[start].is_missing:
                found[start] = Row(start, value=ZERO)
    return tuple(found[start] for start in sorted(found)), (*notes, *more)


def _fits(ask: Ask, aggregate: str) -> None:
    if aggregate not in dict(AGGREGATES):
        raise ConnectorError(
            "config", f"There is no way to gather called '{aggregate[:40]}'.", permanent=True
        )
    if ask.kind == "ratio" and aggregate in ("count", "unique", "mean"):
        raise ConnectorError(
            "config",
            "A ratio needs a numerator and a denominator; rows that are counted give only one number. "
            "Add both by sum, or take a row for each period.",
            permanent=True,
        )
    if ask.kind == "average" and aggregate in ("count", "unique"):
        raise ConnectorError(
            "config", "An average needs values; a count has none. Choose mean.", permanent=True
        )


def _inside(items: Iterable[Item], ask: Ask, *, whole: bool) -> tuple[list[Item], tuple[str, ...]]:
    today = local_day(ask.now, ask.zone)
    inside: list[Item] = []
    outside = future = 0
    for item in items:
        if item.when.day > today:
            future += 1
        elif not ask.start <= item.when.day < ask.end:
            outside += 1
        else:
            inside.append(item)
    return inside, tuple(_left_out(0 if whole else outside, future))


def _left_out(outside: int, future: int) -> Iterator[str]:
    if outside:
        yield f"{counted(outside, 'row')} outside the asked range left out."
    if future:
        yield f"{counted(future, 'row')} in the future left out."


def _one_each(items: Sequence[Item], ask: Ask) -> tuple[dict[date, Row], tuple[str, ...]]:
    found: dict[date, tuple[Item, Row]] = {}
    again = 0
    for item in items:
        start = _start(item, ask)
        row = _row(start, item.numbers, ask.kind)
        if start not in found:
            found[start] = (item, row)
            continue
        earlier, known = found[start]
        if earlier.page == item.page or known != row:
            raise _wrong(
                f"{item.label}: {start} is there twice (first in {_lowered(earlier.label)}). "
                "Ask for one row a period, or choose how rows of the same period are gathered."
            )
        again += 1
    note = (f"{counted(again, 'row')} that came on two pages counted once.",) if again else ()
    return {start: row for start, (_, row) in found.items()}, note


def _start(item: Item, ask: Ask) -> date:
    day = item.when.day
    advice = f"Ask for {ask.grain}s that begin in {ask.zone}, or choose how rows are gathered by {ask.grain}."
    if not item.when.exact:
        raise _wrong(f"{item.label}: {item.when.order:%Y-%m-%dT%H:%MZ} is not the start of a day. {advice}")
    if fault := grain_fault(day, ask.grain):
        raise _wrong(f"{item.label}: {fault}. {advice}")
    return day


def _row(start: date, numbers: tuple[Decimal | str | None, ...], kind: str) -> Row:
    kept = [number for number in numbers if isinstance(number, Decimal)]
    if len(kept) < len(numbers):
        return Row(start)
    if kind == "ratio":
        return Row(start, numerator=kept[0], denominator=kept[1])
    return Row(start, value=kept[0], denominator=kept[1] if kind == "average" else None)


def _gathered(items: Sequence[Item], ask: Ask, aggregate: str) -> dict[date, Row]:
    by_period: dict[date, list[Item]] = {}
    for item in items:
        by_period.setdefault(period_start(item.when.day, ask.grain), []).append(item)
    return {
        start: _checked(_GATHER[aggregate](start, group, ask.kind), ask.grain)
        for start, group in by_period.items()
    }


def _count(start: date, group: list[Item], kind: str) -> Row:
    return Row(start, value=Decimal(len(group)))


def _unique(start: date, group: list[Item], kind: str) -> Row:
    return Row(start, value=Decimal(len({item.numbers[0] for item in group if item.numbers[0] is not None})))


def _last(start: date, group: list[Item], kind: str) -> Row:
    newest = max(range(len(group)), key=lambda place: (group[place].when.order, place))
    return _row(start, group[newest].numbers, kind)


def _mean(start: date, group: list[Item], kind: str) -> Row:
    values = [item.numbers[0] for item in group if isinstance(item.numbers[0], Decimal)]
    if not values:
        return Row(start)
    weight = Decimal(len(values)) if kind == "average" else None
    return Row(
        start, value=_ROUNDED.divide(sum(values, Decimal(0)), Decimal(len(values))), denominator=weight
    )


def _sum(start: date, group: list[Item], kind: str) -> Row:
    whole = [
        numbers
        for item in group
        if len(numbers := [n for n in item.numbers if isinstance(n, Decimal)]) == len(item.numbers)
    ]
    if not whole:
        return Row(start)
    if kind != "average":
        return _row(start, tuple(sum(column, Decimal(0)) for column in zip(*whole, strict=True)), kind)
    weight = sum((row[1] for row in whole), Decimal(0))
    if not weight:
        return Row(start)
    total = sum((row[0] * row[1] for row in whole), Decimal(0))
    return Row(start, value=_ROUNDED.divide(total, weight), denominator=weight)


_GATHER: dict[str, Callable[[date, list[Item], str], Row]] = {
    "count": _count, "unique": _unique, "last": _last, "mean": _mean, "sum": _sum,
}  # fmt: skip


def _checked(row: Row, grain: str) -> Row:
    """A sum may have more digits than any of its parts."""
    label = f"The {grain} from {row.period_start}"
    try:
        return Row(
            row.period_start,
            **{
                name: parse(number, label=label)
                for name in ("value", "numerator", "denominator")
                if (number := getattr(row, name)) is not None
            },
        )
    except NumberError as error:
        raise _wrong(str(error)) from None


def _begun(ask: Ask) -> list[date]:
    tomorrow = local_day(ask.now, ask.zone) + timedelta(days=1)
    return [start for start in starts(ask.start, min(ask.end, tomorrow), ask.grain) if start >= ask.start]


def counted(number: int, word: str) -> str:
    """A count with its noun: "1 row", "2 rows"."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _lowered(label: str) -> str:
    return label[:1].lower() + label[1:]


def _wrong(sentence: str) -> ConnectorError:
    return ConnectorError("schema", sentence, permanent=True)
