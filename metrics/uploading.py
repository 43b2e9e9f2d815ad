"""Values that people bring as a file, CSV or Excel: looked at first, then stored, all rows or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from metrics import comparing, entering, previewing, storing, trial_words
from metrics.connectors import csv_text, sheet_rows
from metrics.connectors.base import Row
from metrics.models import Company, Metric
from metrics.storing import Stored
from northstar.lib import periods


def sheets(data: bytes) -> tuple[str, ...]:
    """The sheets of a workbook to choose from; none for a CSV file. Raises csv_text.CsvError."""
    return sheet_rows.sheet_names(data) if sheet_rows.is_workbook(data) else ()


def look(metric: Metric, data: bytes, *, encoding: str, sheet: str, now: datetime) -> dict[str, Any]:
    """What storing the file would do, as previewing.compared has it, with notes; nothing is stored.

    Raises csv_text.CsvError for a file that cannot be read, StoreError with a sentence a wrong row.
    """
    company = Company.current()
    rows, notes = _read(metric, data, encoding=encoding, sheet=sheet)
    checked = storing.check(metric, rows, today=periods.local_day(now, company.zone))
    found = comparing.compare(metric, checked, None, company=company, now=now)
    result = previewing.compared(found, metric, now=now, company=company)
    return result | {"grain": metric.grain, "notes": list(notes), "would": trial_words.would(result)}


def take(
    metric: Metric, data: bytes, *, encoding: str, sheet: str, actor: Any
) -> tuple[Stored, tuple[str, ...]]:
    """Store the rows of the file, all or none; what changed, and notes. Raises as `look` does."""
    rows, notes = _read(metric, data, encoding=encoding, sheet=sheet)
    done = storing.store(metric, rows, origin="csv", actor=actor)
    entering.tell(metric)
    return done, notes


def _read(metric: Metric, data: bytes, *, encoding: str, sheet: str) -> tuple[Sequence[Row], tuple[str, ...]]:
    if sheet_rows.is_workbook(data):
        table = sheet_rows.sheet_table(data, sheet=sheet)
        found = csv_text.read_table(table, kind=metric.kind, grain=metric.grain)
    else:
        found = csv_text.read(data, kind=metric.kind, grain=metric.grain, encoding=encoding)
    if found.faults:
        raise storing.StoreError(found.faults)
    return found.rows, found.notes
