"""Test and preview: settings and a query that are not saved yet, tried in the worker, polled by the page."""

from __future__ import annotations

import json
import logging
from datetime import date, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction

from metrics import storing
from metrics.connecting import connector_of
from metrics.connectors.base import Answer, Ask, ConnectorError, Row
from metrics.models import Company, Metric, Source, Trial
from northstar.lib import clock, periods, vault

log = logging.getLogger(__name__)
PERIODS_SHOWN = 8


def begin(
    *,
    kind: str,
    settings_typed: dict[str, Any],
    secrets: dict[str, str],
    actor: Any,
    source: Source | None = None,
    question: dict[str, Any] | None = None,
) -> Trial:
    """A trial for the worker. `question` has kind, grain and query of a metric; without it only the sign-in is tried."""
    now = clock.now()
    Trial.objects.filter(expires_at__lt=now).delete()
    trial = Trial(
        kind=kind,
        source=source,
        requested_by=actor,
        expires_at=now + timedelta(minutes=settings.TRIAL_MINUTES),
    )
    payload = {"settings": settings_typed, "secrets": secrets, "question": question}
    trial.sealed = vault.seal(json.dumps(payload), place=trial.secret_place())
    trial.save()
    return trial


def run(trial_id: int) -> None:
    """Try it and write what came back; a trial runs once and lives for a quarter of an hour."""
    if not Trial.objects.filter(pk=trial_id, state="waiting").update(state="running"):
        return
    trial = Trial.objects.get(pk=trial_id)
    try:
        trial.result = _try(trial)
        trial.state = "ok"
    except ConnectorError as error:
        trial.state, trial.error_code, trial.error_message = "failed", error.code, error.message
    except SoftTimeLimitExceeded:
        trial.state, trial.error_code = "failed", "timeout"
        trial.error_message = "The source did not answer in time and the test was stopped."
    except Exception:
        log.exception("trial %s: unexpected error", trial.pk)
        trial.state, trial.error_code = "failed", "unexpected"
        trial.error_message = "Unexpected error. The log of the worker has the details."
    trial.sealed = ""
    with transaction.atomic():
        trial.save(update_fields=["state", "result", "error_code", "error_message", "sealed"])


def _try(trial: Trial) -> dict[str, Any]:
    payload = json.loads(vault.open_sealed(trial.sealed, place=trial.secret_place()))
    with connector_of(trial.kind, payload["settings"], payload["secrets"]) as connector:
        notes = list(connector.check())
        if payload["question"] is None:
            return {"notes": notes}
        company = Company.current()
        ask = _ask(payload["question"], company)
        answer = connector.fetch(ask)
    return _shown(answer, payload["question"], company=company, notes=notes)


def _ask(question: dict[str, Any], company: Company) -> Ask:
    now = clock.now()
    grain = question["grain"]
    current = periods.period_start(periods.local_day(now, company.zone), grain)
    return Ask(
        metric="preview",
        kind=question["kind"],
        grain=grain,
        query=question["query"],
        start=_day(question.get("start")) or periods.next_start(current, grain, -PERIODS_SHOWN),
        end=periods.next_start(current, grain),
        zone=company.zone,
        now=now,
        preview=True,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _shown(answer: Answer, question: dict[str, Any], *, company: Company, notes: list[str]) -> dict[str, Any]:
    """Raw rows, and what would be stored; a row that would be refused is an error here already."""
    metric = Metric(name="This metric", kind=question["kind"], grain=question["grain"])
    try:
        rows = storing.check(metric, answer.rows, today=periods.local_day(clock.now(), company.zone))
    except storing.StoreError as error:
        raise ConnectorError("schema", str(error), permanent=True) from None
    return {
        "notes": [*notes, *answer.notes],
        "columns": list(answer.columns),
        "sample": [list(row) for row in answer.sample],
        "rows": [_row(metric, row, company) for row in rows[-PERIODS_SHOWN - 1 :]],
        "count": len(rows),
    }


def _row(metric: Metric, row: Row, company: Company) -> dict[str, Any]:
    complete = periods.is_complete(
        row.period_start, metric.grain, now=clock.now(), zone=company.zone, latency=metric.latency
    )
    return {
        "start": row.period_start.isoformat(),
        "end": periods.last_day(row.period_start, metric.grain).isoformat(),
        "value": None if row.value is None else str(row.value),
        "numerator": None if row.numerator is None else str(row.numerator),
        "denominator": None if row.denominator is None else str(row.denominator),
        "complete": complete,
    }
