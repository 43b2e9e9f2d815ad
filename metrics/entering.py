"""Values that people type one by one, and their corrections."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from metrics import backfilling, drawing, storing
from metrics.auditing import record
from metrics.connectors.base import Row
from metrics.connectors.registry import connector_class
from metrics.models import Metric, Source
from metrics.storing import Stored
from metrics.waking import wake
from northstar.lib import clock, periods


def enter(
    metric: Metric,
    day: date,
    *,
    value: Decimal | None = None,
    numerator: Decimal | None = None,
    denominator: Decimal | None = None,
    reason: str = "",
    actor: Any,
) -> Stored:
    """Store one typed value for the period of `day`. On a metric that is pulled it is a correction and stays.

    Raises StoreError.
    """
    start = periods.period_start(day, metric.grain)
    row = Row(start, value=value, numerator=numerator, denominator=denominator)
    done = storing.store(
        metric, [row], origin="typed", actor=actor, reason=reason, pin=metric.source.kind != "hand"
    )
    tell(metric)
    return done


def take_back(metric: Metric, day: date, *, actor: Any) -> None:
    """Undo a correction: the period shows again what its source said last, and is asked for once more.

    Raises LookupError if no correction stands there.
    """
    start = periods.period_start(day, metric.grain)
    with transaction.atomic():
        # First the source, as a pull that stores does: else each would wait for the other.
        Source.objects.select_for_update().get(pk=metric.source_id)
        corrected = metric.observations.filter(period_start=start, pinned_at__isnull=False)
        if not corrected.update(pinned_at=None, pinned_by=None, pinned_reason=""):
            raise LookupError(f"No correction stands at {start:%Y-%m-%d}.")
        said = metric.revisions.filter(period_start=start).exclude(origin="typed").order_by("-id").first()
        if said is not None:
            row = Row(start, value=None if metric.kind == "ratio" else said.value, numerator=said.numerator,
                      denominator=said.denominator)  # fmt: skip
            storing.store(metric, [row], origin="typed", actor=actor, reason="Correction taken back.")
        record("metric.correction_taken_back", metric, actor=actor, before={"period": start})
        if connector_class(metric.source.kind).pulls:
            backfilling.ask(metric, [(start, periods.next_start(start, metric.grain))], actor=actor)
    tell(metric)


def tell(metric: Metric) -> None:
    """Draw the metric's own chart at once, because its reader is its writer; the rest is the worker's."""
    drawing.draw_metric(metric, clock.now())
    wake("teams.tasks.evaluate")
