"""Whether an answer keeps the contract: its rows are what was asked for, in types that can be stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from metrics.connectors.base import Answer, Ask, ConnectorError, Row
from metrics.connectors.numbers import NumberError, parse
from metrics.connectors.period_text import grain_fault

MAX_ROWS = 100_000
SAMPLE_ROWS, MOST_COLUMNS, LONGEST_CELL, LONGEST_REQUEST = 20, 100, 200, 4_000


def checked_answer(answer: Any, ask: Ask, *, clean: Callable[[Any, int], str]) -> Answer:
    """The answer with its rows sorted; `clean` makes one text fit to be shown, no longer than given.

    Raises ConnectorError: "schema" for a row that is not one of those asked for, "too_large" for too many.
    """
    if not isinstance(answer, Answer):
        raise _wrong(f"it returned {_type(answer)} instead of an Answer")
    rows = _rows(answer.rows, ask)
    return Answer(
        rows,
        columns=_texts(answer.columns, MOST_COLUMNS, clean),
        sample=tuple(_texts(cells, MOST_COLUMNS, clean) for cells in _some(answer.sample, SAMPLE_ROWS)),
        notes=_texts(answer.notes, SAMPLE_ROWS, clean),
        request=clean(answer.request, LONGEST_REQUEST),
        mapping=_pairs(answer.mapping, clean),
        covers=_covers(answer.covers, rows, ask),
    )


def _rows(rows: Any, ask: Ask) -> tuple[Row, ...]:
    # Never more than the cap is taken from what may have no end.
    taken = list(_some(rows, MAX_ROWS + 1, strict=True))
    if len(taken) > MAX_ROWS:
        raise ConnectorError(
            "too_large", f"The plug-in returned more than {MAX_ROWS:,} rows.", permanent=True
        )
    found: dict[date, Row] = {}
    for row in taken:
        start = _start(row, ask)
        if start in found:
            raise _wrong(f"{start} is there twice")
        found[start] = _numbers(row, ask)
    return tuple(found[start] for start in sorted(found))


def _start(row: Any, ask: Ask) -> date:
    if not isinstance(row, Row):
        raise _wrong(f"it returned {_type(row)} instead of a Row")
    start = row.period_start
    # datetime is a date as well, and a moment has no place here.
    if type(start) is not date:
        raise _wrong(f"a row's period_start is {_type(start)} instead of a local date")
    if not ask.start <= start < ask.end:
        raise _wrong(f"the row of {start} lies outside of {ask.start} to {ask.end}, which was asked for")
    if fault := grain_fault(start, ask.grain):
        raise _wrong(fault)
    return start


def _numbers(row: Row, ask: Ask) -> Row:
    label = f"Period {row.period_start}"
    value, top, bottom = (_number(n, label) for n in (row.value, row.numerator, row.denominator))
    ratio = ask.kind == "ratio"
    if ratio and (value is not None or (top is None) != (bottom is None)):
        raise _wrong(f"{label}: a share has a numerator and a denominator, and no value")
    if not ratio and top is not None:
        raise _wrong(f"{label}: this kind of metric has a value, and no numerator")
    return Row(row.period_start, value=value, numerator=top, denominator=bottom)


def _number(number: Any, label: str) -> Decimal | None:
    if number is None:
        return None
    if not isinstance(number, Decimal):
        raise _wrong(f"{label}: {_type(number)} instead of a Decimal")
    try:
        return parse(number, label=label)
    except NumberError as error:
        raise _wrong(str(error).rstrip(".")) from None


def _covers(covers: Any, rows: tuple[Row, ...], ask: Ask) -> tuple[date, date] | None:
    if covers is None:
        return None
    if not (isinstance(covers, tuple) and len(covers) == 2 and all(type(day) is date for day in covers)):
        raise _wrong("what it covers is no pair of dates")
    first, after = covers
    if not ask.start <= first <= after <= ask.end:
        raise _wrong(f"covers reaches from {first} to {after}, beyond what was asked for")
    if any(not first <= row.period_start < after for row in rows):
        raise _wrong("a row lies outside of what it says it covers")
    return first, after


def _some(found: Any, most: int, *, strict: bool = False) -> Iterable[Any]:
    if isinstance(found, Iterable) and not isinstance(found, (str, bytes, dict)):
        return islice(found, most)
    if strict:
        raise _wrong(f"its rows are {_type(found)} instead of a tuple")
    return ()


def _texts(found: Any, most: int, clean: Callable[[Any, int], str]) -> tuple[str, ...]:
    return tuple(clean(text, LONGEST_CELL) for text in _some(found, most))


def _pairs(found: Any, clean: Callable[[Any, int], str]) -> tuple[tuple[str, str], ...]:
    pairs = [pair for pair in _some(found, MOST_COLUMNS) if isinstance(pair, tuple) and len(pair) == 2]
    return tuple((clean(name, LONGEST_CELL), clean(words, LONGEST_CELL)) for name, words in pairs)


def _type(value: Any) -> str:
    return f"a {type(value).__name__[:40]}"


def _wrong(what: str) -> ConnectorError:
    return ConnectorError("schema", f"The plug-in broke the contract: {what}.", permanent=True)
