"""F37 and more: tables at an address, read by the names of their columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics.connectors.base import Ask, ConnectorError, Row
from metrics.connectors.http.file_kind import FileConnector
from metrics.connectors.table_reading import answer_of
from metrics.connectors.tables import csv_table
from tests.metrics.connectors.asking import HERE, SECRET, asking
from tests.services.chaos import Chaos

COLUMNS = {"period": "day", "value": "value"}


@pytest.fixture
def chaos() -> Iterator[Chaos]:
    with Chaos() as source:
        source.series = {date(2026, 11, day): f"{day}.5" for day in range(9, 19)}
        yield source


def source(chaos: Chaos, path: str, **settings: Any) -> FileConnector:
    typed = FileConnector.clean_settings({"address": f"{chaos.url}/{path}"} | settings)
    return FileConnector(typed, {"token": SECRET}, egress=HERE)


def question(**columns: Any) -> Ask:
    return asking(query=FileConnector.clean_query(COLUMNS | columns), preview=True)


def read(text: str, **columns: Any) -> Any:
    ask = question(**columns)
    return answer_of(csv_table(text.encode()), ask, ask.query)


def refusal(text: str, **columns: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as refused:
        read(text, **columns)
    assert (refused.value.code, refused.value.permanent) == ("schema", True)
    return refused.value


@pytest.mark.parametrize("path", ["csv", "xlsx", "redirect/chain-3"])
def test_a_file_brings_all_that_was_served(chaos: Chaos, path: str) -> None:
    found = source(chaos, path).fetch(question())
    assert {row.period_start: row.value for row in found.rows} == {
        day: Decimal(value) for day, value in chaos.last_served().items()
    }
    assert (found.columns, found.sample[0]) == (("day", "value"), ("2026-11-09", "9.5"))
    assert found.mapping == (("period", "column day"), ("value", "column value"))
    assert found.request.startswith(f"GET {chaos.url}/{path}\nAccept: text/csv")
    assert source(chaos, path).check() == ("The file has the columns day, value.",)


def test_all_metrics_of_a_pull_read_the_file_that_was_fetched_once(chaos: Chaos) -> None:
    with source(chaos, "xlsx") as file:
        file.check()
        later = asking(query=question().query, start=date(2026, 11, 16))
        assert len(file.fetch(question()).rows) == 10
        assert len(file.fetch(later).rows) == 3 and file.fetch(later).notes == ()
    assert len(chaos.asked) == 1


def test_f48_the_sign_in_stays_with_the_first_host(chaos: Chaos) -> None:
    with Chaos() as other:
        other.series, chaos.other = chaos.series, other.url
        found = source(chaos, "redirect/other", auth="header").fetch(question())
        assert len(found.rows) == 10
        assert chaos.asked[0].headers["x-api-key"] == SECRET
        assert SECRET not in str(other.asked)


def test_f31_a_workbook_that_is_a_bomb_is_not_opened(chaos: Chaos) -> None:
    with pytest.raises(ConnectorError) as refused:
        source(chaos, "bomb/zip").fetch(question())
    assert refused.value.message == (
        "The workbook unpacks to more than 50 MiB. Save only the sheet that is needed."
    )


def test_f36_a_page_for_signing_in_is_no_table(chaos: Chaos) -> None:
    with pytest.raises(ConnectorError) as refused:
        source(chaos, "raw/html").fetch(question())
    assert refused.value.message == (
        "The answer is a web page, not a file. It may be a sign-in page: check the address."
    )


@pytest.mark.parametrize(
    "text, sentence",
    [
        (
            "day,value\n2026-11-09,1\n2026-11-10,1,5\n",
            "Row 3: the first line has 2 columns, this row has 3. "
            "Put cells that hold the delimiter into quotation marks.",
        ),
        (
            'day,value\n"2026-11-09,1\n',
            "The file is not well-formed CSV: unexpected end of data. Look for an open quotation mark.",
        ),
        ("day,value\n2026-11-09," + "9" * 70_000, "Row 2: a cell has more than 64 KiB."),
        (
            "day,amount\n2026-11-09,1\n",
            "The file has no column 'value', which holds the value. Its columns are: day, amount.",
        ),
        ("day,value,Value\n2026-11-09,1,2\n", "Two columns are called 'value'. Rename one of them."),
        (
            "day,value\n2026-11-09,1\n2026-11-09,2\n",
            "Row 3: 2026-11-09 is there twice (first in row 2). "
            "Ask for one row a period, or choose how rows of the same period are gathered.",
        ),
        ('day,value\n2026-11-09,"12,5"\n', "Row 2, value: '12,5' is not a number: write 12.5."),
        (
            "day,value\n09.11.2026,1\n",
            "Row 2: '09.11.2026' is not a date such as 2026-11-16. "
            "If it is written in another way, give its pattern as the date format.",
        ),
        ("day,value\n,1\n", "Row 2: the period is empty. Leave such rows out."),
    ],
)
def test_f37_tables_that_cannot_be_read(text: str, sentence: str) -> None:
    assert refusal(text).message == sentence


def test_f37_a_renamed_column_is_told_with_those_there_are() -> None:
    assert refusal("day,amount,note\n2026-11-09,1,x\n").columns == ("day", "amount", "note")


@pytest.mark.parametrize(
    "text, columns",
    [
        ("note;VALUE ; Day\nx;1.5;2026-11-09\n", {}),
        ('day|value|note\n2026-11-09|1.5|"a ""quoted"" | bar"\n', {}),
        ("Datum\tUmsatz\n9.11.2026\t1,5\n", {
            "period": "datum", "value": "Umsatz", "date_format": "%d.%m.%Y", "decimals": "comma",
        }),
        ("day,value\n2026-11-09,150\n", {"scale": "0.01"}),
        ("day,value\n2026-11-09,1\n2026-11-09,0.5\n", {"aggregate": "sum"}),
    ],
)  # fmt: skip
def test_f37_order_case_and_delimiter_do_not_matter(text: str, columns: dict[str, str]) -> None:
    assert read(text, **columns).rows == (Row(date(2026, 11, 9), value=Decimal("1.5")),)


def test_rows_are_counted_without_a_value_column() -> None:
    text = "day,customer\n2026-11-09,a\n2026-11-09,b\n2026-11-09,a\n"
    assert read(text, aggregate="count").rows[0].value == 3
    assert read(text, aggregate="unique", value="customer").rows[0].value == 2


def test_f36_text_in_the_charset_that_the_server_names(chaos: Chaos) -> None:
    from tests.services import chaos as sources

    body = "day;value;Stadt\n2026-11-09;1;Köln\n".encode("latin-1")
    sources.RAW["koeln"] = (body, "text/csv; charset=ISO-8859-1")
    assert source(chaos, "raw/koeln").fetch(question()).sample == (("2026-11-09", "1", "Köln"),)
    sources.RAW["koeln"] = (body, "text/csv")
    with pytest.raises(ConnectorError) as refused:
        source(chaos, "raw/koeln").fetch(question())
    assert refused.value.message == (
        "Line 2 of the file is not UTF-8 text. Save it as CSV UTF-8, or choose Latin-1."
    )


def test_an_address_holds_no_secret_and_leads_to_a_web_server() -> None:
    for address, sentence in (
        ("https://example.com/a.csv?access_token=1", "'access_token' does not belong into an address"),
        ("file:///etc/passwd", "The address has to begin with https:// or http://"),
        ("https://example.com/a b.csv", "The base address ends with its path"),
    ):
        with pytest.raises(ConnectorError) as refused:
            FileConnector.clean_settings({"address": address})
        assert refused.value.message.startswith(sentence) and refused.value.field == "address"
