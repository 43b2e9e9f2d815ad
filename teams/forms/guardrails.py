"""What must not get worse: up to three metrics with a side and a limit, or the reason why there is none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from metrics.models import Metric
from teams.betting import Limit
from teams.forms.fields import MetricField, ValueField, stored

GUARDRAILS = 3
SIDES = [("at_most", "at most"), ("at_least", "at least")]


class GuardrailFields(forms.Form):
    """Rows of metric, side and limit."""

    no_guardrail_reason = forms.CharField(label="None, because", required=False, max_length=300)

    def guardrail_rows(self) -> list[tuple[Any, Any, Any]]:
        """(metric, side, limit) as bound fields, a row each."""
        names = ("metric", "side", "limit")
        return [tuple(self[f"guard_{n}_{name}"] for name in names) for n in range(1, GUARDRAILS + 1)]  # type: ignore[misc]

    def limits(self, given: dict[str, Any]) -> tuple[Limit, ...]:
        """The limits as typed; a row with only one half is an error on the other one."""
        limits = []
        for number in range(1, GUARDRAILS + 1):
            metric, side, limit = (
                given.get(f"guard_{number}_{name}") for name in ("metric", "side", "limit")
            )
            wrong = f"guard_{number}_limit" in self.errors
            if metric is None and limit is not None:
                self.add_error(f"guard_{number}_metric", "Choose the metric that this limit is for.")
            elif metric is not None and limit is None and not wrong:
                self.add_error(f"guard_{number}_limit", f"Type the limit of {metric}.")
            elif metric is not None and isinstance(limit, Decimal):
                limits.append(Limit(metric, side or "at_most", stored(limit, metric) or Decimal(0)))
        return tuple(limits)


def guardrail_inputs(number: int) -> dict[str, forms.Field]:
    """The fields of one row."""
    prefix = f"guard_{number}"
    return {
        f"{prefix}_metric": MetricField(
            label=f"Metric {number} that must not get worse",
            queryset=Metric.objects.none(),
            required=False,
            empty_label="Choose a metric",
        ),
        f"{prefix}_side": forms.ChoiceField(label=f"Side {number}", choices=SIDES, required=False),
        f"{prefix}_limit": ValueField(
            label=f"Limit {number}", widget=forms.TextInput(attrs={"placeholder": "Limit"})
        ),
    }
