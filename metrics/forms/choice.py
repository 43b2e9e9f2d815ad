"""Forms of the guided choice, one for each step. What is missing may stay missing: it is a draft."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model

from metrics.beginning import RELATIONS
from metrics.forms.candidates import CandidatesForm, ChecklistForm
from metrics.forms.guards import GuardRows
from metrics.forms.north_star import DayField
from metrics.forms.steps import StepForm, text

LONG = 2000


class NothingForm(StepForm):
    """A step that only shows something."""


class ValueForm(StepForm):
    """ "We win when <customer> <gets value>", and of a unit why it needs a star of its own."""

    customer = text("We win when", most=120, help_text="Who: “a crew of a field-service company”.")
    gains = text(
        "gets this from us",
        rows=2,
        help_text="What they came for, in their words: “spends its day on jobs and not on the phone”.",
    )

    def build(self) -> None:
        if self.choice.scope != "unit":
            return
        self.fields["why_not_company"] = text(
            f"Why does {self.choice.unit} need a North Star of its own?",
            rows=2,
            most=LONG,
            help_text="It has customers of its own, who come for something else. A department has neither.",
        )
        self.fields["relation"] = forms.ChoiceField(
            label="How does it relate to the company's?",
            choices=list(RELATIONS.items()),
            required=False,
            widget=forms.RadioSelect,
        )
        self.fields["relation"].segmented = False  # type: ignore[attr-defined]


class BehaviourForm(StepForm):
    """What those who stay do and those who leave do not, and how we know."""

    stayers = text(
        "What do the customers who stay do in their first months?",
        rows=3,
        most=LONG,
        help_text="Look at the ten who stayed longest: which action do all of them repeat, and how often?",
    )
    leavers = text("What do those who leave not do?", rows=3, most=LONG)
    evidence = text(
        "How do we know?",
        rows=2,
        most=LONG,
        help_text="A query, interviews, a cohort: where is it written? “We believe so” is an answer too.",
    )


class StrategyForm(GuardRows, StepForm):
    """How it restates the strategy, where it is weak, how it could be gamed, and what would show that."""

    why_it_predicts_success = text("Why does it predict success?", rows=2, most=LONG)
    link_to_strategy = text("Which sentence of our strategy does it restate?", rows=2, most=LONG)
    inclusions_exclusions = text("What is left out, and why?", rows=2, most=LONG)
    known_weaknesses = text("What does it not show?", rows=2, most=LONG)
    how_it_could_be_gamed = text("How could we raise it while customers are worse off?", rows=2, most=LONG)

    def build(self) -> None:
        self.add_guards(self.choice.answers.get("guardrails", []))

    @property
    def texts(self) -> list[forms.BoundField]:
        return [self[name] for name in self.base_fields]

    @property
    def given(self) -> dict[str, Any]:
        texts = {name: self.cleaned_data[name] for name in self.base_fields}
        return texts | {"guardrails": self.kept}


class BeginForm(StepForm):
    """Who owns it, when it is looked at again, and why it begins although something speaks against it."""

    owner = forms.ModelChoiceField(
        get_user_model().objects.none(), label="Owner", required=False, empty_label="Nobody yet"
    )
    review_every_months = forms.IntegerField(
        label="Reviewed every", min_value=3, max_value=12, required=False, help_text="Three to twelve months."
    )
    next_review_on = DayField(label="First review", required=False)
    change_reason = text(
        "Why does the present North Star end?", rows=2, most=LONG, help_text="It stays readable, with this."
    )
    override_reason = text(
        "Why does it begin although a question that must hold was answered no?",
        rows=2,
        most=LONG,
        help_text="Kept with the version, for everybody to read.",
    )

    def build(self) -> None:
        fields: dict[str, Any] = self.fields
        fields["owner"].queryset = get_user_model().objects.filter(is_active=True).order_by("name")
        fields["review_every_months"].unit = "months"
        self.initial = {"review_every_months": 6} | self.initial


FORMS: dict[str, type[StepForm]] = {
    "example": NothingForm,
    "value": ValueForm,
    "behaviour": BehaviourForm,
    "candidates": CandidatesForm,
    "checklist": ChecklistForm,
    "measurement": NothingForm,
    "strategy": StrategyForm,
    "begin": BeginForm,
}
