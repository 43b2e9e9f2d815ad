"""From the answers of a service to dated items, page by page, so that no page has to stay in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Context, Decimal
from typing import Any

from metrics.connectors.base import Ask, ConnectorError
from metrics.connectors.gathering import Item, parts_of
from metrics.connectors.http.expressions import Expression
from metrics.connectors.moments import Dates, When
from metrics.connectors.numbers import NumberError, parse
from metrics.connectors.recipe import Reading

MAX_ROWS = 100_000
MAX_COLUMNS = 1000
MAX_PLACES = 50  # of a row that is a list; they are shown as [0], [1] and so on
MAX_CELL = 64 * 1024
SAMPLE_ROWS = 20
SAMPLE_CELL = 80
# A scale such as 1/3 has no end; what is stored has 15 digits.
_SCALED = Context(prec=15)


class Reader:
    """Reads every page of one answer. Afterwards `columns`, `sample` and `again` (rows that came twice)."""

    def __init__(self, reading: Reading, ask: Ask) -> None:
        """Raises ConnectorError("config") for expressions and formats that cannot be."""
        self._reading, self._ask = reading, ask
        self._rows = Expression(reading.rows or "@", name="rows")
        self._period = Expression(reading.period, name="period") if reading.period else None
        self._id = Expression(reading.id, name="id") if reading.id else None
        self._parts = {
            name: Expression(reading.parts.get(name) or name, name=name)
            for name in parts_of(ask.kind, reading.aggregate)
        }
        self._dates = Dates(reading.date_format or "auto", ask.zone, reading.days)
        try:
            self._scale = parse(reading.scale or "1", label="The scale")
        except NumberError as error:
            raise ConnectorError("config", str(error), permanent=True) from None
        self._columns: dict[str, None] = {}
        self._raw: list[Any] = []
        self._ids: set[str] = set()
        self._count = 0
        self.again = 0

    def begin(self) -> None:
        """Another period is asked for: the same things may stand in it again, and count there."""
        self._ids.clear()

    def rows_in(self, answer: Any) -> list[Any]:
        """The rows of one page. Raises ConnectorError("schema") where the expression leads to none."""
        found = self._rows.find(answer)
        if found is None and isinstance(answer, dict) and self._rows.first_field() in answer:
            return []  # null where the list stands: a service's way to say that there is nothing
        if isinstance(found, dict):
            found = [found]
        if not isinstance(found, list):
            names = _names(answer)
            has = f" It has: {', '.join(names[:12])}." if names else ""
            raise ConnectorError(
                "schema", f"The answer has no rows at '{self._rows.text[:80]}'.{has}",
                permanent=True, columns=names,
            )  # fmt: skip
        self._count += len(found)
        if self._count > MAX_ROWS:
            raise ConnectorError(
                "too_large",
                f"The answer has more than {MAX_ROWS:,} rows. Ask for a shorter range, or for sums.",
                permanent=True,
            )
        return found

    def items(self, rows: Sequence[Any], *, page: int, period: When | None = None) -> Iterator[Item]:
        """The items of one page's rows; `period` where the question was about one. Raises ConnectorError."""
        first = self._count - len(rows)
        for number, row in enumerate(rows, start=first + 1):
            self._note(row)
            if self._seen(row):
                continue
            label = f"Row {number}"
            when = period or self._when(row, label)
            yield Item(label, when, self._numbers(row, label), page)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names that the rows have, in the order of their first appearance."""
        return tuple(self._columns)

    @property
    def sample(self) -> tuple[tuple[str, ...], ...]:
        """Up to 20 rows as text, a cell for each column."""
        return tuple(tuple(_cell(row, name) for name in self._columns) for row in self._raw)

    @property
    def mapping(self) -> tuple[tuple[str, str], ...]:
        """By which expression each part was read, and how it was gathered."""
        pairs = [("rows", self._rows.text)]
        pairs += [("period", self._period.text)] if self._period else []
        pairs += [(name, expression.text) for name, expression in self._parts.items()]
        if self._reading.aggregate != "none":
            pairs.append((self._reading.aggregate, f"by {self._ask.grain} in {self._zone_words}"))
        if self._scale != 1:
            pairs.append(("scale", str(self._scale)))
        return tuple(pairs)

    def check_columns(self) -> None:
        """Raise ConnectorError("schema") where a field that is read is in none of the rows: it was renamed,
        and without this every period would look as if it had no number."""
        if not self._columns:
            return
        for expression in filter(None, (self._period, *self._parts.values())):
            field = expression.first_field()
            if field and field not in self._columns:
                shown = ", ".join(list(self._columns)[:12])
                raise ConnectorError(
                    "schema",
                    f"No row has '{field[:60]}', by which the {expression.name} is read. They have: {shown}.",
                    permanent=True,
                    columns=self.columns,
                )

    @property
    def _zone_words(self) -> str:
        return "UTC" if self._reading.days == "utc" else self._ask.zone

    def _when(self, row: Any, label: str) -> When:
        if self._period is None:
            raise ConnectorError(
                "config", "An expression has to lead to the period of a row.", permanent=True
            )
        try:
            return self._dates.read(self._period.find(row), label=label)
        except ValueError as error:
            self.check_columns()
            raise self._wrong(str(error)) from None

    def _numbers(self, row: Any, label: str) -> tuple[Decimal | str | None, ...]:
        found: list[Decimal | str | None] = []
        for name, expression in self._parts.items():
            value = expression.find(row)
            if value is None:
                found.append(None)
            elif self._reading.aggregate == "unique":
                found.append(_key(value))
            else:
                found.append(
                    self._number(value, name, label if len(self._parts) == 1 else f"{label}, {name}")
                )
        return tuple(found)

    def _number(self, value: Any, name: str, label: str) -> Decimal:
        try:
            number = parse(value, label=label)
            if self._scale == 1 or name in ("denominator", "weight"):
                return number
            return parse(_SCALED.multiply(number, self._scale), label=label)
        except NumberError as error:
            raise self._wrong(str(error)) from None

    def _seen(self, row: Any) -> bool:
        if self._id is None:
            return False
        value = self._id.find(row)
        if value is None:
            return False
        key = _key(value)
        if key in self._ids:
            self.again += 1
            return True
        self._ids.add(key)
        return False

    def _note(self, row: Any) -> None:
        if isinstance(row, list):
            self._columns.update(dict.fromkeys(f"[{place}]" for place in range(min(len(row), MAX_PLACES))))
        if isinstance(row, Mapping):
            if len(self._columns) < MAX_COLUMNS:
                self._columns.update(dict.fromkeys(list(row)[:MAX_COLUMNS]))
            for name, cell in row.items():
                if isinstance(cell, str) and len(cell) > MAX_CELL // 4 and len(cell.encode()) > MAX_CELL:
                    raise ConnectorError(
                        "too_large", f"A cell of '{name[:60]}' has more than 64 KiB.", permanent=True
                    )
        if len(self._raw) < SAMPLE_ROWS:
            self._raw.append(row)

    def _wrong(self, sentence: str) -> ConnectorError:
        return ConnectorError("schema", sentence, permanent=True, columns=self.columns)


def _names(answer: Any) -> tuple[str, ...]:
    return tuple(str(name)[:60] for name in answer) if isinstance(answer, Mapping) else ()


def _key(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True)


def _cell(row: Any, name: str) -> str:
    if isinstance(row, list):
        place = int(name[1:-1])
        value = row[place] if place < len(row) else None
    else:
        value = row.get(name) if isinstance(row, Mapping) else row
    if value is None:
        return ""
    if isinstance(value, (str, Decimal)):
        text = str(value)
    else:
        text = json.dumps(value, default=str, ensure_ascii=False)
    text = "".join(c if c.isprintable() else " " for c in text[: SAMPLE_CELL + 1])
    return text if len(text) <= SAMPLE_CELL else f"{text[:SAMPLE_CELL]}…"
