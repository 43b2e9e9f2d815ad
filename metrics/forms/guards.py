"""Up to three guardrails as rows of a form: a metric, a side and a limit, typed as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from metrics import formatting
from metrics.choosing import MOST_GUARDRAILS
from metrics.connectors import numbers
from metrics.forms.north_star import plain
from metrics.forms.steps import text
from metrics.guarding import SIDES
from metrics.models import Metric, NorthStar


class GuardRows(forms.Form):
    """Call `add_guards` with what is kept; `kept` is what was given, in stored units."""

    kept: list[dict[str, Any]]

    def add_guards(self, stored: Sequence[dict[str, Any]]) -> None:
        """Three rows, the first of them filled in with what is kept."""
        metrics = {each.pk: each for each in Metric.objects.listed()}
        for place in range(MOST_GUARDRAILS):
            row = stored[place] if place < len(stored) else {}
            self.fields[f"g{place}_metric"] = forms.ModelChoiceField(
                Metric.objects.listed(),
                label=f"Guardrail {place + 1}",
                required=False,
                empty_label="None",
                initial=row.get("metric"),
            )
            side = forms.ChoiceField(
                label="must stay",
                choices=list(SIDES.items()),
                required=False,
                initial=row.get("side", "at_most"),
            )
            limit = text("Limit", most=40)
            limit.widget.attrs["inputmode"] = "decimal"
            limit.initial = _shown(row, metrics)
            self.fields[f"g{place}_side"], self.fields[f"g{place}_limit"] = side, limit
            for part in ("metric", "side", "limit"):
                self.fields[f"g{place}_{part}"].chosen = True  # type: ignore[attr-defined]

    @property
    def guards(self) -> list[list[forms.BoundField]]:
        parts = ("metric", "side", "limit")
        return [[self[f"g{place}_{part}"] for part in parts] for place in range(MOST_GUARDRAILS)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.kept = []
        for place in range(MOST_GUARDRAILS):
            metric, typed = data.get(f"g{place}_metric"), str(data.get(f"g{place}_limit") or "").strip()
            if metric is None:
                continue
            if any(metric.pk == row["metric"] for row in self.kept):
                self.add_error(f"g{place}_metric", "This metric is a guardrail already.")
                continue
            try:
                limit = numbers.parse(typed.strip("%£€$¥ "), label="The limit")
            except numbers.NumberError as error:
                self.add_error(f"g{place}_limit", str(error))
                continue
            scale = formatting.shown_scale(metric.unit, metric.kind)
            side = data.get(f"g{place}_side") or "at_most"
            self.kept.append({"metric": metric.pk, "side": side, "limit": str(limit / scale)})
        return data


class GuardrailsForm(GuardRows):
    """The guardrails of a star that is there already."""

    def __init__(self, data: Any = None, *, star: NorthStar) -> None:
        super().__init__(data)
        rows = star.guardrails.order_by("pk")
        self.add_guards(
            [{"metric": row.metric_id, "side": row.side, "limit": str(row.limit)} for row in rows]
        )


def _shown(row: dict[str, Any], metrics: dict[int, Metric]) -> str:
    metric = metrics.get(row.get("metric", 0))
    if metric is None or not row.get("limit"):
        return ""
    return plain(Decimal(row["limit"]) * formatting.shown_scale(metric.unit, metric.kind))
