"""Test and preview: settings and a query that are not saved yet, tried in the worker, polled by the page."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction

from metrics import drifting, previewing
from metrics.connecting import connector_of, open_secrets
from metrics.connectors.base import Ask, ConnectorError
from metrics.connectors.masking import hider
from metrics.connectors.registry import connector_class
from metrics.models import Company, Metric, Source, Trial
from metrics.renewing import SourceRenewals
from metrics.waking import wake
from northstar.lib import clock, periods, vault

log = logging.getLogger(__name__)
PERIODS_SHOWN = 8
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
    """A trial, sent to the worker. `question` has kind, grain and query of a metric, perhaps unit, missing,
    the key of a stored `metric` to compare with, and start and end (both inclusive, ISO days); without it
    only the sign-in is tried. `kept` names stored secrets of `source` to use: the worker opens them, and only
    if the settings still lead where they were typed for. Raises TooMany after ten within a minute.
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
        trial.result, trial.error_code, trial.error_message = _try(trial)
        trial.state = "failed" if trial.error_code else "ok"
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


def _try(trial: Trial) -> tuple[dict[str, Any], str, str]:
    """What came back, and code and sentence of what is wrong with it ("" if nothing is)."""
    payload = json.loads(vault.open_sealed(trial.sealed, place=trial.secret_place()))
    question, secrets = payload["question"], _kept_secrets(trial, payload) | payload["secrets"]
    hide, company = hider(secrets.values()), Company.current()
    ask = _ask(question, company) if question else None
    try:
        with connector_of(trial.kind, payload["settings"], secrets) as connector:
            if payload["kept"] and not payload["secrets"]:
                # What a stored secret is exchanged for has to be stored, also when it is only tried.
                connector.renewals = SourceRenewals(trial.source_id)
            notes = connector.check()
            if ask is None:
                return {"notes": [hide(note) for note in notes]}, "", ""
            answer = connector.fetch(ask)
    except ConnectorError as error:
        result, message = _failed(error, ask, question, hide=hide) if ask else ({}, error.message)
        return result, error.code, hide(message)
    answer = replace(answer, notes=tuple(dict.fromkeys((*notes, *answer.notes))))
    result, problems = previewing.preview(answer, ask, _metric(question), company=company, hide=hide)
    return result, "schema" if problems else "", problems


def _failed(
    error: ConnectorError, ask: Ask, question: dict[str, Any], *, hide: Callable[[str], str]
) -> tuple[dict[str, Any], str]:
    """What is shown beside the error, and its sentence; with what became of the columns, where the stored
    metric's own question was asked."""
    metric, drift = _metric(question), {}  # type: ignore[var-annotated]
    seen = previewing.failed(error.answer, ask, metric, hide=hide) if error.answer else {}
    if metric.pk and metric.query == question["query"]:
        error, drift = drifting.explained(metric, error)
    return seen | {"drift": drift}, error.message


def _metric(question: dict[str, Any]) -> Metric:
    """The metric as the form has it; with the stored one's key where it measures the same."""
    said = {name: question.get(name, "") for name in ("kind", "grain", "unit")}
    stored = Metric.objects.filter(pk=question.get("metric") or 0).first()
    if stored is None or (stored.kind, stored.grain) != (said["kind"], said["grain"]):
        return Metric(name="This metric", missing=question.get("missing") or "gap", **said)
    stored.unit = said["unit"] or stored.unit
    return stored


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
    """The question for the days it names, else for the last eight periods; whole periods only."""
    now, grain = clock.now(), question["grain"]
    current = periods.period_start(periods.local_day(now, company.zone), grain)
    start, last = _day(question.get("start")), _day(question.get("end"))
    end = periods.next_start(current, grain)
    if last is not None:
        end = min(end, periods.next_start(periods.period_start(last, grain), grain))
    start = start and periods.period_start(start, grain)
    return Ask(
        metric="preview",
        kind=question["kind"],
        grain=grain,
        query=question["query"],
        start=start or periods.next_start(current, grain, -PERIODS_SHOWN),
        end=end,
        zone=company.zone,
        now=now,
        preview=True,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
