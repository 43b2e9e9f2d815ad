"""Files of values: looked at before they are stored, CSV and Excel alike."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from metrics.models import Metric
from teams.models import Team, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PANEL = {"HX-Request": "true"}
TABLE = [["period", "value"], [datetime(2026, 11, 2), 418.5], [date(2026, 11, 9), 412]]
Make = Callable[..., Metric]


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


@pytest.fixture
def metric(make_metric: Make, make_weeks: Callable[..., None]) -> Metric:
    made = make_metric(unit="€")
    make_weeks(made, "2026-10-19", [402, 431, 418.5])
    return made


@pytest.fixture
def admin(client: Client, maren: User) -> Client:
    client.force_login(maren, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(client: Client, metric: Metric, data: bytes, *, look: bool = False, **more: str) -> Any:
    file = SimpleUploadedFile("values.xlsx", data)
    path = f"/metrics/{metric.slug}/import/" + ("?look=1" if look else "")
    return client.post(path, {"file": file} | more, headers=PANEL if look else {})


def test_a_workbook_is_stored_as_a_csv_file_is(admin: Client, metric: Metric) -> None:
    answer = send(admin, metric, workbook(Values=TABLE))
    assert answer.status_code == 302
    stored = dict(metric.observations.values_list("period_start", "value"))
    assert stored[date(2026, 11, 9)] == 412 and stored[date(2026, 11, 2)] == Decimal("418.5")
    assert metric.revisions.filter(origin="csv").count() == 1


def test_a_look_says_what_would_be_stored_and_stores_nothing(admin: Client, metric: Metric) -> None:
    changed = [TABLE[0], [date(2026, 10, 26), 440], *TABLE[1:]]
    answer = send(admin, metric, workbook(Values=changed), look=True)
    text = unescape(answer.text)
    assert answer.status_code == 200
    assert "3 weeks. Storing them would add 1, change 1 and leave 1 as stored." in text
    assert "€440" in text and "€431" in text and "+9 (+2.1%)" in text
    assert "no longer" not in text
    assert metric.observations.count() == 3


def test_a_look_warns_of_a_mixed_up_unit(admin: Client, metric: Metric) -> None:
    lines = b"period,value\n2026-10-19,40200\n2026-10-26,43100\n2026-11-02,41850\n"
    text = unescape(send(admin, metric, lines, look=True).text)
    assert "Look twice before you store it." in text
    assert "a hundred times the stored one: it looks like cents instead of €." in text


def test_of_several_sheets_one_is_chosen(admin: Client, metric: Metric) -> None:
    data = workbook(Notes=[["Read me"]], Values=TABLE, **{"<b>x": TABLE})
    answer = send(admin, metric, data, look=True)
    assert answer.status_code == 422
    assert "The workbook has 3 sheets. Choose one." in answer.text
    assert 'hx-swap-oob="true"' in answer.text and '<option value="Values">' in answer.text
    assert "<b>x" not in answer.text
    assert "sheet Values: 2 weeks" in send(admin, metric, data, look=True, sheet="Values").text
    assert "Choose one." in send(admin, metric, data, sheet="No such").text
    assert "has to name the columns" in unescape(send(admin, metric, data, sheet="Notes").text)
    assert send(admin, metric, data, sheet="Values").status_code == 302


def test_without_javascript_the_look_is_a_page(admin: Client, metric: Metric) -> None:
    file = SimpleUploadedFile("values.xlsx", workbook(Values=TABLE))
    answer = admin.post(f"/metrics/{metric.slug}/import/?look=1", {"file": file})
    assert answer.status_code == 200
    assert "<h1>" in answer.text and "Storing them would add 1 and leave 1 as stored." in answer.text


def bomb() -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 30_000_000)
    return kept.getvalue()


def entities() -> bytes:
    kept = io.BytesIO(workbook(Values=TABLE))
    with zipfile.ZipFile(kept, "a") as packed:
        packed.writestr("xl/more.xml", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>')
    return kept.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (bomb(), "unpacks to more than 100 times its size"),
        (entities(), "holds declarations that no workbook needs"),
        (b"PK\x03\x04 but broken", "The file is no Excel workbook (XLSX)."),
        (workbook(Values=[]), "The sheet is empty."),
        (workbook(Values=[["day", "amount"], ["2026-11-09", 1]]), "has to name the columns"),
        (workbook(Values=[*TABLE, ["2026-11-16", "twelve"]]), "Row 4"),
        (workbook(Values=[TABLE[0], ["2026-11-10", 1]]), "is a Tuesday"),
        (b"\x00" * 64, "null characters"),
    ],
)
@pytest.mark.parametrize("look", [True, False])
def test_a_file_that_cannot_be_read_is_told_and_nothing_is_stored(
    admin: Client, metric: Metric, data: bytes, sentence: str, look: bool
) -> None:
    answer = send(admin, metric, data, look=look)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert metric.observations.count() == 3


def test_a_share_comes_as_its_two_numbers(admin: Client, make_metric: Make) -> None:
    share = make_metric("Share", kind="ratio", unit="")
    data = workbook(S=[["week", "numerator", "denominator"], [date(2026, 11, 9), 18, 240]])
    assert "18 of 240: 7.5%" in send(admin, share, data, look=True).text
    assert send(admin, share, data).status_code == 302
    assert share.observations.get().denominator == 240


def test_others_may_not_even_look(
    client: Client, metric: Metric, teo: User, yuki: User, marketing: Team
) -> None:
    marketing.metrics.add(metric)  # type: ignore[attr-defined]
    for who in (teo, yuki):
        client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
        assert send(client, metric, workbook(V=TABLE), look=True).status_code == 403
