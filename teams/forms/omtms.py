"""The one page on which a team chooses its focus."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django import forms

from metrics.models import Metric
from northstar.lib import periods
from teams import checking
from teams.betting import USUAL, Bet
from teams.findings import Weighed
from teams.forms.beginning import beginning_of
from teams.forms.fields import DayField, MetricField, ValueField, standing, stored, unit_of
from teams.forms.guardrails import GUARDRAILS, GuardrailFields, guardrail_inputs
from teams.forms.hypothesis import HypothesisFields
from teams.forms.plan import PlanFields
from teams.idea import Idea, idea_of, next_monday
from teams.models import Omtm, Team, User

OTHER = "other"
MONTHS = [("2", "2 months"), ("3", "3"), ("4", "4"), ("5", "5"), ("6", "6"), (OTHER, "Other date")]
WHY = "We believe that … will move it, because …"
NEEDED = {"required": "Choose the metric that matters most now."}
VALUES = ("target", "low", "high", "baseline")


class OmtmForm(PlanFields, HypothesisFields, GuardrailFields):
    """Five answers. After `is_valid`, `bet` and `weighed` are set; for a preview they may be without.

    With a `candidate` it begins with what that says. `drafting` asks for a metric only: the rest may wait.
    """

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
    baseline = ValueField(label="Baseline", help_text="Leave empty to take the last 8 complete weeks.")
    baseline_reason = forms.CharField(label="Why another baseline", required=False, max_length=200)
    owner = forms.ModelChoiceField(
        queryset=None, required=False, empty_label="You", help_text="Who is asked for its reviews."
    )
    choice_reason = forms.CharField(
        label="Why this one", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self,
        data: Any = None,
        *,
        team: Team,
        today: date,
        now: datetime,
        candidate: Omtm | None = None,
        drafting: bool = False,
    ) -> None:
        known = beginning_of(candidate, today) if candidate else {"start": next_monday(today)}
        super().__init__(data, initial=known)
        self.team, self.today, self.now = team, today, now
        self.candidate, self.drafting = candidate, drafting
        self.bet: Bet | None = None
        self.weighed: Weighed | None = None
        offered = Metric.objects.listed().exclude(grain="month")
        stands = standing()
        people = team.memberships.filter(user__is_active=True).values("user")
        self.fields["owner"].queryset = User.objects.filter(pk__in=people).order_by("name")  # type: ignore[attr-defined]
        self.fields["owner"].chosen = True  # type: ignore[attr-defined]
        self._offer("metric", offered, stands)
        for number in range(1, GUARDRAILS + 1):
            self.fields |= guardrail_inputs(number)
            self._offer(f"guard_{number}_metric", offered, stands)
        self.add_milestones()
        self.offer_hypothesis()
        self.fields["target"].unit = unit_of(self.chosen)  # type: ignore[attr-defined]
        self.fields["why"].required = not drafting

    @property
    def chosen(self) -> Metric | None:
        """The metric that is chosen at the moment, valid or not otherwise."""
        value = str(self["metric"].value() or "")
        if not (value.isascii() and value.isdigit() and len(value) < 19):
            return None
        return self.fields["metric"].queryset.filter(pk=int(value)).first()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        given["end"] = self._end(given)
        given["guardrails"] = self.limits(given)
        metric = given.get("metric")
        given["plan"] = self.plan(given, metric) if metric else USUAL
        self.bet = self._idea(given).bet(self.team)
        if not self.drafting:
            self._weigh(given)
        return given

    def idea(self) -> Idea:
        """What a valid form says, as `lifecycle.start_omtm` and `drafting` take it."""
        return self._idea(self.cleaned_data)

    def _idea(self, given: dict[str, Any]) -> Idea:
        """What is said here, on top of what the candidate says."""
        metric = given.get("metric")
        told = {name: stored(given.get(name), metric) if metric else None for name in VALUES}
        same = ("metric", "start", "end", "guardrails", "plan", "owner")
        told |= {name: given.get(name) for name in same}
        told |= {name: given.get(name) or "" for name in ("why", "no_guardrail_reason", "baseline_reason")}
        return replace(
            idea_of(self.candidate) if self.candidate else Idea(), **told, **self.hypothesis(given)
        )

    def _weigh(self, given: dict[str, Any]) -> None:
        """Look at the bet as it is going to be, and put what stands against it where it was typed."""
        if self.bet is None:
            return
        self.weighed = checking.weigh(self.bet, today=self.today, now=self.now)
        for check in self.weighed.blocks:
            if check.field not in self.errors:
                self.add_error(check.field if check.field in self.fields else None, check.sentence)
        self._demand_reasons(given)

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

    def _demand_reasons(self, given: dict[str, Any]) -> None:
        typed_any = any(name.startswith("guard_") for name in self.errors)
        if not given["guardrails"] and not given.get("no_guardrail_reason") and not typed_any:
            self.add_error(
                "no_guardrail_reason", "Name a metric that must not get worse, or say why there is none."
            )
        if given.get("baseline") is not None and not given.get("baseline_reason"):
            self.add_error("baseline_reason", "Say why the baseline differs from the computed one.")
