"""A candidate as people write it down, and what each thinks of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from metrics import formatting
from metrics.analysis.priority import COMPONENTS, CONFIDENCES, ICE, IMPACTS, LEAST_EFFORT
from metrics.models import Metric
from northstar.lib import periods
from teams import betting, scoring
from teams.forms.beginning import beginning_of
from teams.forms.fields import MetricField, ValueField, standing, stored, unit_of
from teams.forms.guardrails import GUARDRAILS, GuardrailFields, guardrail_inputs
from teams.forms.hypothesis import HypothesisFields
from teams.idea import Idea, idea_of, next_monday
from teams.models import Omtm, Score, Team

KEPT = "other"
MONTHS = [("2", "2 months"), ("3", "3"), ("4", "4"), ("5", "5"), ("6", "6")]
ASKED = {
    "impact": "Impact: how much does it move the North Star?",
    "confidence": "Confidence: how sure are you of that?",
    "ease": "Ease: how little work is it?",
    "effort": "Effort: how much work is it?",
}
IMPACT_WORDS = dict(zip(IMPACTS, ("3 massive", "2 high", "1 medium", "0.5 low", "0.25 minimal"), strict=True))
CONFIDENCE_WORDS = dict(zip(CONFIDENCES, ("100% high", "80% medium", "50% low", "20% moonshot"), strict=True))


class CandidateForm(HypothesisFields, GuardrailFields):
    """A metric, or in words what would be measured; everything else may wait."""

    metric = MetricField(
        queryset=Metric.objects.none(),
        required=False,
        empty_label="Not chosen",
        help_text="One that is measured already.",
    )
    metric_idea = forms.CharField(
        label="Or in words",
        required=False,
        max_length=200,
        help_text="What you would measure, if it is not.",
    )
    name = forms.CharField(
        label="Name", required=False, max_length=120, help_text="Left empty, the name of the metric."
    )
    target = ValueField(label="Target")
    low = ValueField(label="From")
    high = ValueField(label="To")
    months = forms.ChoiceField(label="For how long", choices=MONTHS, widget=forms.RadioSelect, initial="3")
    why = forms.CharField(
        label="Why",
        required=False,
        help_text="We believe that … will move it, because …",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    reach = ValueField(label="Reach", help_text="How many it touches in its window: counted, not guessed.")
    reach_unit = forms.CharField(
        label="Of what", required=False, max_length=40, help_text="The same in all candidates: trials."
    )

    def __init__(self, data: Any = None, *, team: Team, today: date, candidate: Omtm | None = None) -> None:
        initial = _beginning(candidate, today) if candidate else {}
        super().__init__(data, initial=initial)
        self.team, self.today, self.candidate = team, today, candidate
        fields: dict[str, Any] = self.fields
        fields["months"].chosen = True
        if candidate and initial["months"] == KEPT:
            fields["months"].choices = [
                *MONTHS,
                (KEPT, f"Until {formatting.day_words(candidate.end, today)}"),
            ]
        for number in range(1, GUARDRAILS + 1):
            self.fields |= guardrail_inputs(number)
        offered, words = Metric.objects.listed().exclude(grain="month"), standing()
        for name in ("metric", *(f"guard_{number}_metric" for number in range(1, GUARDRAILS + 1))):
            fields[name].queryset, fields[name].standing = offered, words
            fields[name].widget.choices = fields[name].choices
        self.offer_hypothesis()
        fields["target"].unit = unit_of(candidate.metric) if candidate else ""

    @property
    def more_open(self) -> bool:
        """Whether somebody said something of what may wait, or said it wrongly."""
        names = [name for name in self.fields if name.startswith("guard_") and name.endswith("metric")]
        names += ["low", "high", "no_guardrail_reason"]
        wrong = any(name.startswith("guard_") for name in self.errors)
        return wrong or self.hypothesis_open or any(self[name].value() for name in names)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("metric") and not given.get("metric_idea") and "metric" not in self.errors:
            self.add_error("metric", "Choose a metric, or write in words what you would measure.")
        if given.get("reach") is not None and given["reach"] < 0:
            self.add_error("reach", "Reach counts something: it cannot be below zero.")
        given["guardrails"] = self.limits(given)
        return given

    def idea(self) -> Idea:
        """What a valid form says; what it does not ask for stays as it was."""
        given = self.cleaned_data
        before = idea_of(self.candidate) if self.candidate else Idea(start=next_monday(self.today))
        metric, start = given["metric"], before.start or next_monday(self.today)
        months = given["months"]
        same = ("metric_idea", "name", "why", "reach_unit", "no_guardrail_reason", "guardrails")
        reach = given["reach"]
        return replace(
            before,
            metric=metric,
            start=start,
            end=before.end if months == KEPT else periods.window_end(start, int(months)),
            reach=None if reach is None else betting.kept(reach),
            **{name: _stored(given[name], metric) for name in ("target", "low", "high")},
            **{name: given[name] for name in same},
            **self.hypothesis(given),
        )


class ScoreForm(forms.Form):
    """Three answers by the company's method."""

    def __init__(self, data: Any = None, *, method: str, mine: Score | None = None) -> None:
        super().__init__(data, initial=_answers(mine), prefix="score")
        self.method = method
        for name in COMPONENTS[method]:
            self.fields[name] = _component(name, method)

    def answers(self) -> dict[str, Decimal]:
        """What `scoring.give` takes of a valid form."""
        return {name: Decimal(self.cleaned_data[name]) for name in COMPONENTS[self.method]}


def _component(name: str, method: str) -> forms.Field:
    if name == "effort":
        return forms.DecimalField(
            label=ASKED[name],
            help_text="In person-months, at least 0.5.",
            min_value=LEAST_EFFORT,
            max_value=scoring.MOST_EFFORT,
            decimal_places=2,
            error_messages={"required": "Type the person-months, like 2."},
        )
    words = {Decimal(point): str(point) for point in scoring.POINTS}
    if method != ICE:
        words = IMPACT_WORDS if name == "impact" else CONFIDENCE_WORDS
    return forms.ChoiceField(
        label=ASKED[name],
        choices=[(str(value), label) for value, label in words.items()],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of these."),
    )


def _answers(score: Score | None) -> dict[str, str]:
    if score is None:
        return {}
    return {name: format(Decimal(getattr(score, name)).normalize(), "f") for name in COMPONENTS[score.method]}


def _beginning(candidate: Omtm, today: date) -> dict[str, Any]:
    told = beginning_of(candidate, today)
    told |= {name: getattr(candidate, name) for name in ("metric_idea", "name", "reach_unit")}
    told["reach"] = "" if candidate.reach is None else format(candidate.reach.normalize(), "f")
    if candidate.metric is None:
        for name in ("target", "low", "high"):
            value = getattr(candidate, name)
            told[name] = "" if value is None else format(value.normalize(), "f")
    return told


def _stored(value: Decimal | None, metric: Metric | None) -> Decimal | None:
    """Of an idea in words nobody knows the unit yet: the number stays as it was typed."""
    if metric is None:
        return None if value is None else betting.kept(value)
    return stored(value, metric)
