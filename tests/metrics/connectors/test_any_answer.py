"""Whatever a service or a file sends, it becomes rows or a sentence: nothing else is ever raised."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.connectors.base import ConnectorError
from metrics.connectors.gathering import AGGREGATES, rows_of
from metrics.connectors.http.decoding import json_of
from metrics.connectors.http.pages import Pages
from metrics.connectors.http.reading import Reader
from metrics.connectors.http.request import Request
from metrics.connectors.recipe import Paging, Reading
from metrics.connectors.sheet_rows import sheet_table
from metrics.connectors.table_reading import answer_of
from metrics.connectors.tables import TableError, csv_table
from tests.metrics.connectors.asking import asking

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from(["2026-11-16", "2026-11-16T08:00Z", "12,5", "1e3", "", "2026-W47"]),
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["data", "day", "value", "id", "next"]), inner, max_size=4),
    ),
    max_leaves=12,
)
rows = st.lists(st.dictionaries(st.sampled_from(["day", "value", "id"]), scalars, max_size=3), max_size=5)
kinds = st.sampled_from(["flow_sum", "ratio", "average", "unique"])
ways = st.sampled_from([key for key, _ in AGGREGATES])
COLUMNS = {"period": "day", "date_format": "auto", "value": "value", "scale": "1", "decimals": "point"}


@given(st.binary(max_size=200), st.sampled_from(["", "application/json; charset=latin1", "text/html"]))
def test_any_bytes_are_json_or_a_sentence(body: bytes, content_type: str) -> None:
    try:
        json_of(body, content_type)
    except ConnectorError as error:
        assert error.message.endswith((".", ")"))


@settings(max_examples=50)
@given(st.one_of(anything, rows.map(lambda found: {"data": found})), kinds, ways)
def test_any_json_gives_rows_or_a_sentence(answer: Any, kind: str, way: str) -> None:
    ask = asking(kind=kind)
    reading = Reading(
        "data", period="day", aggregate=way, id="id",
        parts={"value": "value", "numerator": "value", "denominator": "value", "weight": "value"},
    )  # fmt: skip
    told = json_of(json.dumps(answer).encode())
    try:
        reader = Reader(reading, ask)
        found = reader.rows_in(told)
        kept, _ = rows_of(reader.items(found, page=1), ask, aggregate=way)
        Pages(Paging("cursor", next="next", param="after")).after(
            Request("GET", "https://api.example.com/"), told, found, headers={}, number=1
        )
        assert all(len(cells) == len(reader.columns) for cells in reader.sample)
    except ConnectorError as error:
        assert error.message
    else:
        assert all(ask.start <= row.period_start < ask.end for row in kept)
        assert all(isinstance(row.value, (Decimal, type(None))) for row in kept)


@given(st.text(alphabet='0123456789-,;"\n\t eday|value.', max_size=120), ways)
def test_any_table_gives_rows_or_a_sentence(text: str, way: str) -> None:
    ask = asking(query=COLUMNS | {"aggregate": way})
    try:
        answer_of(csv_table(f"day,value\n{text}".encode()), ask, ask.query)
        answer_of(csv_table(text.encode()), ask, ask.query)
    except (ConnectorError, TableError) as error:
        assert str(error)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_workbook_or_a_sentence(data: bytes) -> None:
    try:
        list(sheet_table(b"PK\x03\x04" + data).rows)
    except TableError as error:
        assert str(error)
