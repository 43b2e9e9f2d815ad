"""The one page on which a team chooses its focus."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms

from metrics.models import ChartDocument, Metric
from northstar.lib import periods
from teams import checking
from teams.betting import Bet, Limit
from teams.findings import Weighed
from teams.forms.fields import DayField, MetricField, ValueField, stored, unit_of
from teams.forms.plan import PlanFields
from teams.idea import Idea, next_monday
from teams.models import Team, User

GUARDRAILS = 3
OTHER = "other"
MONTHS = [("2", "2 months"), ("3", "3"), ("4", "4"), ("5", "5"), ("6", "6"), (OTHER, "Other date")]
SIDES = [("at_most", "at most"), ("at_least", "at least")]
WHY = "We believe that … will move it, because …"
NEEDED = {"required": "Choose the metric that matters most now."}


class OmtmForm(PlanFields):
    """Five answers. After `is_valid`, `bet` and `weighed` are set; for a preview they may be without."""

    metric = MetricField(queryset=Metric.objects.none(), empty_label="Choose a metric", error_messages=NEEDED)
    target = ValueField(label="Target")
    low = ValueField(label="From", help_text="Leave empty where there is no lower end.")
    high = ValueField(label="To", help_text="Leave empty where there is no upper end.")
    months = forms.ChoiceField(label="Until when", choices=MONTHS, widget=forms.RadioSelect, initial="3")
    start = DayField(label="Starts on")
    end = DayField(label="Ends on", required=False)
    why = forms.CharField(
        label="Why",
        help_text=WHY,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write why this metric, and what will move it."},
    )
    no_guardrail_reason = forms.CharField(label="None, because", required=False, max_length=300)
    baseline = ValueField(label="Baseline", help_text="Leave empty to take the last 8 complete weeks.")
    baseline_reason = forms.CharField(label="Why another baseline", required=False, max_length=200)
    owner = forms.ModelChoiceField(
        queryset=None, required=False, empty_label="You", help_text="Who is asked for its reviews."
    )

    def __init__(self, data: Any = None, *, team: Team, today: date, now: datetime) -> None:
        super().__init__(data, initial={"start": next_monday(today)})
        self.team, self.today, self.now = team, today, now
        self.bet: Bet | None = None
        self.weighed: Weighed | None = None
        offered = Metric.objects.listed().exclude(grain="month")
        standing = _standing()
        people = team.memberships.filter(user__is_active=True).values("user")
        self.fields["owner"].queryset = User.objects.filter(pk__in=people).order_by("name")  # type: ignore[attr-defined]
        self.fields["owner"].chosen = True  # type: ignore[attr-defined]
        self._offer("metric", offered, standing)
        for number in range(1, GUARDRAILS + 1):
            self.fields |= _guardrail_inputs(number)
            self._offer(f"guard_{number}_metric", offered, standing)
        self.add_milestones()
        self.fields["target"].unit = unit_of(self.chosen)  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Metric | None:
        """The metric that is chosen at the moment, valid or not otherwise."""
        value = str(self["metric"].value() or "")
        if not (value.isascii() and value.isdigit() and len(value) < 19):
            return None
        return self.fields["metric"].queryset.filter(pk=int(value)).first()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        metric, start = given.get("metric"), given.get("start")
        end = self._end(given)
        limits = self._limits(given)
        if metric is None or start is None or end is None:
            return given
        self.bet = Bet(
            team=self.team,
            metric=metric,
            start=start,
            end=end,
            limits=limits,
            plan=self.plan(given, metric),
            **{name: stored(given.get(name), metric) for name in ("target", "low", "high", "baseline")},
        )
        self.weighed = checking.weigh(self.bet, today=self.today, now=self.now)
        for check in self.weighed.blocks:
            if check.field not in self.errors:
                self.add_error(check.field if check.field in self.fields else None, check.sentence)
        self._demand_reasons(given, limits)
        return given

    def guardrail_rows(self) -> list[tuple[Any, Any, Any]]:
        """(metric, side, limit) as bound fields, a row each."""
        names = ("metric", "side", "limit")
        return [tuple(self[f"guard_{n}_{name}"] for name in names) for n in range(1, GUARDRAILS + 1)]  # type: ignore[misc]

    def idea(self) -> Idea:
        """What a valid form says, as `lifecycle.start_omtm` takes it."""
        given, bet = self.cleaned_data, self.bet
        assert bet is not None
        return Idea(
            metric=bet.metric,
            target=bet.target,
            low=bet.low,
            high=bet.high,
            start=bet.start,
            end=bet.end,
            guardrails=bet.limits,
            baseline=bet.baseline,
            plan=bet.plan,
            **{name: given[name] for name in ("why", "no_guardrail_reason", "baseline_reason", "owner")},
        )

    def _offer(self, name: str, metrics: Any, standing: dict[int, str]) -> None:
        field: Any = self.fields[name]
        field.queryset, field.standing = metrics, standing
        field.widget.choices = field.choices

    def _end(self, given: dict[str, Any]) -> date | None:
        start, months = given.get("start"), given.get("months")
        if start is None or not months:
            return None
        if months != OTHER:
            return periods.window_end(start, int(months))
        if given.get("end") is None and "end" not in self.errors:
            self.add_error("end", "Choose the day on which the window ends.")
        return given.get("end")

    def _limits(self, given: dict[str, Any]) -> tuple[Limit, ...]:
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

    def _demand_reasons(self, given: dict[str, Any], limits: tuple[Limit, ...]) -> None:
        typed_any = any(name.startswith("guard_") for name in self.errors)
        if not limits and not given.get("no_guardrail_reason") and not typed_any:
            self.add_error(
                "no_guardrail_reason", "Name a metric that must not get worse, or say why there is none."
            )
        if given.get("baseline") is not None and not given.get("baseline_reason"):
            self.add_error("baseline_reason", "Say why the baseline differs from the computed one.")


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="Why is it withdrawn?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Write why it is withdrawn."},
    )


def _guardrail_inputs(number: int) -> dict[str, forms.Field]:
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


def _standing() -> dict[int, str]:
    """Where every metric stands, as its chart says: "32.0%, week to Sun 15 Nov"; one query."""
    documents = ChartDocument.objects.filter(key__startswith="metric:")
    rows = documents.values_list("key", "facts__value", "facts__period")
    return {int(key.partition(":")[2]): f"{value}, {period}" for key, value, period in rows if value}
