"""Test and preview: settings and a query that are not saved yet, tried in the worker, polled by the page."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction

from metrics import storing
from metrics.connecting import connector_of, open_secrets
from metrics.connectors.base import Answer, Ask, ConnectorError, Row
from metrics.connectors.registry import connector_class
from metrics.models import Company, Metric, Source, Trial
from metrics.waking import wake
from northstar.lib import clock, periods, vault

log = logging.getLogger(__name__)
PERIODS_SHOWN = 8
SAMPLE_ROWS = 20
MOST_A_MINUTE = 10


class TooMany(ValueError):
    """More tests than one person needs; the sentence says when to go on."""


def begin(
    *,
    kind: str,
    settings_typed: dict[str, Any],
    secrets: dict[str, str],
    actor: Any,
    source: Source | None = None,
    question: dict[str, Any] | None = None,
    kept: Collection[str] = (),
) -> Trial:
    """A trial, sent to the worker. `question` has kind, grain and query of a metric; without it only the
    sign-in is tried. `kept` names stored secrets of `source` to use: the worker opens them, and only if the
    settings still lead where they were typed for. Raises TooMany after ten within a minute.
    """
    now = clock.now()
    if (
        Trial.objects.filter(requested_by=actor, created_at__gt=now - timedelta(minutes=1)).count()
        >= MOST_A_MINUTE
    ):
        raise TooMany(f"That were {MOST_A_MINUTE} tests within a minute. Wait a moment, then test again.")
    trial = Trial(
        kind=kind,
        source=source,
        requested_by=actor,
        expires_at=now + timedelta(minutes=settings.TRIAL_MINUTES),
    )
    payload = {"settings": settings_typed, "secrets": secrets, "question": question, "kept": list(kept)}
    trial.sealed = vault.seal(json.dumps(payload), place=trial.secret_place())
    with transaction.atomic():
        trial.save()
        wake("metrics.tasks.run_trial", trial.pk)
    return trial


def forget(now: datetime) -> None:
    """Delete trials whose quarter of an hour is over; called by every tick."""
    Trial.objects.filter(expires_at__lt=now).delete()


def run(trial_id: int) -> None:
    """Try it and write what came back; a trial runs once and lives for a quarter of an hour."""
    if not Trial.objects.filter(pk=trial_id, state="waiting").update(state="running"):
        return
    trial = Trial.objects.get(pk=trial_id)
    try:
        trial.result, problems = _try(trial)
        trial.state = "failed" if problems else "ok"
        trial.error_code, trial.error_message = ("schema", problems) if problems else ("", "")
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


def _try(trial: Trial) -> tuple[dict[str, Any], str]:
    """What came back, and why it could not be stored ("" if it could)."""
    payload = json.loads(vault.open_sealed(trial.sealed, place=trial.secret_place()))
    secrets = _kept_secrets(trial, payload) | payload["secrets"]
    with connector_of(trial.kind, payload["settings"], secrets) as connector:
        notes = list(connector.check())
        if payload["question"] is None:
            return {"notes": notes}, ""
        company = Company.current()
        ask = _ask(payload["question"], company)
        answer = connector.fetch(ask)
    return _shown(answer, payload["question"], company=company, notes=notes)


def _kept_secrets(trial: Trial, payload: dict[str, Any]) -> dict[str, str]:
    if not payload["kept"]:
        return {}
    source = trial.source
    if source is None or connector_class(trial.kind).identity_changed(source.settings, payload["settings"]):
        raise ConnectorError(
            "config",
            "The stored password belongs to other settings. Type it again, then test.",
            permanent=True,
        )
    return open_secrets(source, payload["kept"])


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


def _shown(
    answer: Answer, question: dict[str, Any], *, company: Company, notes: list[str]
) -> tuple[dict[str, Any], str]:
    """Raw rows as they came and what would be stored; and the sentences for rows that would be refused."""
    metric = Metric(name="This metric", kind=question["kind"], grain=question["grain"])
    problems, rows = "", []
    try:
        rows = storing.check(metric, answer.rows, today=periods.local_day(clock.now(), company.zone))
    except storing.StoreError as error:
        problems = str(error)
    result = {
        "notes": [*notes, *answer.notes],
        "kind": metric.kind,
        "grain": metric.grain,
        "columns": list(answer.columns),
        "sample": [list(row) for row in answer.sample[:SAMPLE_ROWS]],
        "rows": [_row(metric, row, company) for row in rows[-PERIODS_SHOWN - 1 :]],
        "count": len(rows),
    }
    return result, problems


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
        "days_done": periods.days_done(row.period_start, metric.grain, now=clock.now(), zone=company.zone),
    }
