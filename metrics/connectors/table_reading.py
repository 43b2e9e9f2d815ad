"""From a table whose columns have any names to the rows of a metric: which column is which, by name. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from typing import Any

from metrics.connectors.base import Answer, Ask, ConnectorError, Field
from metrics.connectors.gathering import AGGREGATES, Item, parts_of, rows_of
from metrics.connectors.moments import Dates, pattern_fault
from metrics.connectors.numbers import NumberError, parse
from metrics.connectors.tables import Record, Table, TableError, plain, twice

SAMPLE_ROWS = 20
_SAMPLE_CELL = 80
_SCALED = Context(prec=15)
_COMMA = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?|-?[0-9]+(?:,[0-9]+)?", re.ASCII)
_FORMAT_HELP = "auto reads 2026-11-16, 2026-W47, 2026-11 and moments; else unix, unix_ms or such as %d.%m.%Y."

_RATIO = ("kind", "ratio")
_NO_RATIO = ("kind", "flow_sum", "snapshot_stock", "unique", "average", "quantile")
_WITH_VALUE = ("aggregate", "none", "sum", "mean", "unique", "last")

#: Which column is what; every kind of source that reads tables asks for these.
COLUMN_FIELDS: tuple[Field, ...] = (
    Field("period", "Column of the period", help="Its name in the first line, such as date."),
    Field("date_format", "How dates are written", required=False, default="auto", help=_FORMAT_HELP),
    Field("aggregate", "Rows of the same period", "choice", default="none", choices=AGGREGATES),
    Field("value", "Column of the value", required=False, default="value", when=_NO_RATIO,
          help="Not needed to count rows."),
    Field("numerator", "Column of the numerator", required=False, when=_RATIO),
    Field("denominator", "Column of the denominator", required=False, when=_RATIO),
    Field("weight", "Column of the weight", required=False, help="Not needed for the mean of rows.",
          when=("kind", "average")),
    Field("scale", "Multiply values by", required=False, default="1", help="Such as 0.01 for cents.",
          when=_WITH_VALUE),
    Field("decimals", "Decimal sign", "choice", default="point", when=_WITH_VALUE,
          choices=(("point", "A point: 1234.5"), ("comma", "A comma: 1234,5 or 1.234,5"))),
)  # fmt: skip


def check_columns(query: Mapping[str, Any]) -> None:
    """Raise ConnectorError("config") naming the field for a date format or scale that cannot be."""
    if fault := pattern_fault(str(query["date_format"])):
        raise ConnectorError("config", f"How dates are written {fault}", permanent=True, field="date_format")
    try:
        parse(query["scale"], label="Multiply values by")
    except NumberError as error:
        raise ConnectorError("config", str(error), permanent=True, field="scale") from None


def answer_of(table: Table, ask: Ask, query: Mapping[str, Any], *, request: str = "") -> Answer:
    """The rows of the metric, with the columns there are and how each was used. Raises ConnectorError."""
    reader = _Reader(table, ask, query)
    aggregate = str(query["aggregate"])
    try:
        rows, notes = rows_of(reader.items(), ask, aggregate=aggregate, whole=True)
    except TableError as error:
        raise ConnectorError("schema", str(error), permanent=True, columns=table.header) from None
    mapping = [(part, f"column {table.header[place]}") for part, place in reader.places.items()]
    if aggregate != "none":
        mapping.append((aggregate, f"by {ask.grain} in {ask.zone}"))
    sample = tuple(reader.sample) if ask.preview else ()
    return Answer(rows, table.header, sample, notes, request, tuple(mapping))


class _Reader:
    def __init__(self, table: Table, ask: Ask, query: Mapping[str, Any]) -> None:
        self._table, self._query, self._ask = table, query, ask
        self._dates = Dates(str(query["date_format"]), ask.zone)
        self._scale = Decimal(str(query["scale"]))
        parts = parts_of(ask.kind, str(query["aggregate"]))
        self.places = {"period": self._place("period")} | {part: self._place(part) for part in parts}
        self.sample: list[tuple[str, ...]] = []

    def items(self) -> Iterator[Item]:
        """A dated item for each row. Raises ConnectorError("schema"), TableError."""
        rows = iter(self._table.rows)
        first = list(itertools.islice(rows, SAMPLE_ROWS))
        self.sample = [tuple(_shown(cell) for cell in cells) for _, cells in first]
        width = len(self._table.header)
        for number, cells in itertools.chain(first, rows):
            label = f"Row {number}"
            if len(cells) != width:
                raise self._wrong(
                    f"{label}: the first line has {width} columns, this row has {len(cells)}. "
                    "Put cells that hold the delimiter into quotation marks."
                )
            yield self._item((number, cells), label)

    def _item(self, record: Record, label: str) -> Item:
        cells = record[1]
        try:
            when = self._dates.read(cells[self.places["period"]].strip(), label=label)
            numbers = tuple(
                self._cell(cells[place], part, label)
                for part, place in self.places.items()
                if part != "period"
            )
        except ValueError as error:
            raise self._wrong(str(error)) from None
        return Item(label, when, numbers)

    def _cell(self, text: str, part: str, label: str) -> Decimal | str | None:
        if not text.strip():
            return None
        if self._query["aggregate"] == "unique":
            return text
        column = self._table.header[self.places[part]].strip()
        if self._query["decimals"] == "comma":
            text = _with_point(text, label=f"{label}, {column}")
        number = parse(text, label=f"{label}, {column}")
        if self._scale == 1 or part in ("denominator", "weight"):
            return number
        return parse(_SCALED.multiply(number, self._scale), label=label)

    def _place(self, part: str) -> int:
        wanted = str(self._query[part] or part)
        names = self._table.names
        if twice(names, (plain(wanted),)):
            raise self._wrong(f"Two columns are called '{wanted[:60]}'. Rename one of them.")
        if plain(wanted) not in names:
            shown = ", ".join(name.strip()[:40] for name in self._table.header[:20])
            raise self._wrong(
                f"The file has no column '{wanted[:60]}', which holds the {part}. Its columns are: {shown}."
            )
        return names.index(plain(wanted))

    def _wrong(self, sentence: str) -> ConnectorError:
        return ConnectorError("schema", sentence, permanent=True, columns=self._table.header)


def _with_point(text: str, *, label: str) -> str:
    if not _COMMA.fullmatch(text):
        raise NumberError(f"{label}: '{text[:40]}' is not a number with a decimal comma, such as 1234,5.")
    return text.replace(".", "").replace(",", ".")


def _shown(cell: str) -> str:
    text = "".join(c if c.isprintable() else " " for c in cell[: _SAMPLE_CELL + 1])
    return text if len(text) <= _SAMPLE_CELL else f"{text[:_SAMPLE_CELL]}…"
