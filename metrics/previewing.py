"""From a source's answer to what a test shows: the request, the rows, and what would be stored of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from metrics import comparing, drifting, odd_words, storing, trial_words
from metrics.comparing import Comparison
from metrics.connectors.base import Answer, Ask
from metrics.models import Company, Metric
from northstar.lib import periods

SAMPLE_ROWS = 20
ROWS_SHOWN = 9
CHANGES_SHOWN = 20
LONGEST_CELL, LONGEST_REQUEST, MOST_COLUMNS = 200, 20_000, 50

ODD = "\N{REPLACEMENT CHARACTER}"
Hide = Callable[[str], str]


def preview(
    answer: Answer, ask: Ask, metric: Metric, *, company: Company, hide: Hide
) -> tuple[dict[str, Any], str]:
    """What the page shows, as JSON, and the sentences for rows that would be refused ("" if there are none).

    `metric` as it would be saved; one that is stored already (with a key) is compared with its values: the
    counts added, changed, unchanged and vanished, and `changes` as {period, before, after}.
    """
    clean = _cleaner(hide)
    result = _as_it_came(answer, ask, metric, clean=clean)
    try:
        rows = storing.check(metric, answer.rows, today=periods.local_day(ask.now, company.zone))
    except storing.StoreError as error:
        return result | {"rows": [], "count": 0, "compared": False}, clean(str(error))
    asked = answer.covers or (ask.start, ask.end)
    found = comparing.compare(metric, rows, asked, company=company, now=ask.now)
    result |= compared(found, metric, now=ask.now, company=company)
    result["boundary"] = trial_words.boundary(ask, _newest(result["rows"]))
    return result | {"verdict": trial_words.verdict(result, metric)}, ""


def failed(answer: Any, ask: Ask, metric: Metric, *, hide: Hide) -> dict[str, Any]:
    """What a failure shows beside its sentence: the request and the raw rows, as far as there are any."""
    seen = answer if isinstance(answer, Answer) else Answer(())
    return _as_it_came(seen, ask, metric, clean=_cleaner(hide)) | {"count": 0, "compared": False}


def compared(found: Comparison, metric: Metric, *, now: datetime, company: Company) -> dict[str, Any]:
    """What storing would do: counts of periods, the newest ones beside the stored, some changes, warnings."""
    return {
        "count": len(found.now),
        "compared": bool(found.stored),
        "rows": _rows(found, metric, now=now, zone=company.zone),
        "added": found.added,
        "changed": len(found.changes),
        "unchanged": found.unchanged,
        "vanished": len(found.vanished),
        "held": found.held,
        "changes": [
            {"period": start.isoformat(), "before": comparing.parts(before), "after": comparing.parts(after)}
            for start, before, after in found.changes[:CHANGES_SHOWN]
        ],
        "warnings": odd_words.sentences(found.oddities, metric),
    }


def _cleaner(hide: Hide) -> Hide:
    def clean(text: str) -> str:
        # No database keeps these in JSON.
        return hide(text).replace("\x00", ODD).encode("utf-8", "replace").decode()

    return clean


def _as_it_came(answer: Answer, ask: Ask, metric: Metric, *, clean: Hide) -> dict[str, Any]:
    """The answer before anything is made of it."""
    columns = [clean(str(name)) for name in answer.columns]
    same_question = metric.pk is not None and metric.query == dict(ask.query)
    drift = drifting.difference(metric.seen_columns, columns) if same_question else {}
    return {
        "kind": metric.kind,
        "grain": metric.grain,
        "unit": metric.unit,
        "notes": [clean(note) for note in answer.notes],
        "request": clean(answer.request)[:LONGEST_REQUEST],
        "columns": _short(columns, clean),
        "sample": [_short(row, clean) for row in answer.sample[:SAMPLE_ROWS]],
        "mapping": [
            [clean(part)[:LONGEST_CELL], clean(where)[:LONGEST_CELL]]
            for part, where in trial_words.mapping(answer.mapping, metric.kind)
        ],
        "drift": drift if drift.get("new") else {},
        "boundary": trial_words.boundary(ask, None),
    }


def _short(cells: Iterable[str], clean: Hide) -> list[str]:
    shown = []
    for cell in list(cells)[:MOST_COLUMNS]:
        text = clean(str(cell))
        shown.append(text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}…")
    return shown


def _rows(found: Comparison, metric: Metric, *, now: datetime, zone: str) -> list[dict[str, Any]]:
    """The newest periods that came or should have, each beside its stored value, oldest first."""
    return [
        {
            "start": start.isoformat(),
            "now": comparing.parts(found.now.get(start)),
            "stored": comparing.parts(found.stored.get(start)),
            "complete": _is_over(start, metric, now=now, zone=zone),
            "days_done": periods.days_done(start, metric.grain, now=now, zone=zone),
        }
        for start in sorted({*found.now, *found.expected})[-ROWS_SHOWN:]
    ]


def _is_over(start: date, metric: Metric, *, now: datetime, zone: str) -> bool:
    return periods.is_complete(start, metric.grain, now=now, zone=zone, latency=metric.latency)


def _newest(rows: list[dict[str, Any]]) -> date | None:
    over = [row for row in rows if row["complete"]]
    return date.fromisoformat(over[-1]["start"]) if over else None
