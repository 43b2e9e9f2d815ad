"""An Excel file is looked at in the browser before its values are stored."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import FilePayload, Page, expect

from metrics.models import Metric
from teams.models import User

pytestmark = pytest.mark.django_db(transaction=True)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook() -> FilePayload:
    """Two sheets: the values stand on the second one, a hundred times too large."""
    book = Workbook()
    book.worksheets[0].append(["Read the other sheet."])
    page = book.create_sheet("Values")
    for row in (["period", "value"], *([date(2026, 10, day), 100 * (400 + day)] for day in (5, 12, 19, 26))):
        page.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return {"name": "values.xlsx", "mimeType": XLSX, "buffer": kept.getvalue()}


def test_a_sheet_is_chosen_and_its_values_are_seen_beside_the_stored_ones(
    open_page: Callable[..., Page],
    maren: User,
    make_metric: Callable[..., Metric],
    make_weeks: Callable[..., None],
    axe: Callable[..., None],
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("metrics.waking._send", lambda task, args: None)
    metric = make_metric("Revenue", unit="€")
    make_weeks(metric, "2026-10-05", [405, 412, 419, 426])
    page = open_page(maren, viewport={"width": 390, "height": 844}, scheme="dark")
    page.goto(f"/metrics/{metric.slug}/import/")
    page.get_by_label("File").set_input_files(workbook())
    page.get_by_role("button", name="Look first").click()
    expect(page.get_by_text("The workbook has 2 sheets. Choose one.")).to_be_visible()
    page.get_by_label("Sheet").select_option("Values")
    page.get_by_role("button", name="Look first").click()
    expect(page.get_by_text("it looks like cents instead of €")).to_be_visible()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Store the values").click()
    expect(page.get_by_text("4 changed.")).to_be_visible()
