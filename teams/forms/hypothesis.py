"""The part of the new focus that makes a bet one: how we would know that we are wrong, and what it moves."""

from __future__ import annotations

from typing import Any

from django import forms

from metrics.models import Driver, Metric, NorthStarVersion, Stage
from teams.forms.fields import DayField, ValueField, stored, unit_of

NAMES = ("wrong_if", "wrong_by", "kill_criterion", "driver", "expected_effect", "effect_weeks", "stage")


class HypothesisFields(forms.Form):
    """Fields that may all stay empty; the driver is then the one that the metric is."""

    wrong_if = forms.CharField(
        label="We are wrong if",
        required=False,
        max_length=300,
        help_text="The sign that would show it: fewer than 20 shops import their jobs.",
    )
    wrong_by = DayField(label="It would show by", required=False)
    kill_criterion = forms.CharField(
        label="We stop at once if",
        required=False,
        max_length=300,
        help_text="What would end it before its window does.",
    )
    driver = forms.ModelChoiceField(
        label="Driver of the North Star",
        queryset=Driver.objects.none(),
        required=False,
        empty_label="The one that the metric is, if any",
    )
    expected_effect = ValueField(
        label="Expected change of the North Star",
        help_text="If the target is reached. Leave empty where nobody knows.",
    )
    effect_weeks = forms.IntegerField(
        label="Within how many weeks",
        required=False,
        min_value=1,
        max_value=104,
        help_text="Counted from the end of the window. Empty: what the driver says.",
        error_messages={"invalid": "Type a whole number of weeks, like 6."},
    )
    stage = forms.ModelChoiceField(
        label="Step of the funnel", queryset=Stage.objects.none(), required=False, empty_label="None"
    )

    def offer_hypothesis(self) -> None:
        """What there is to choose from: measured and unmeasured drivers, steps of the funnels in use."""
        fields: dict[str, Any] = self.fields
        drivers = Driver.objects.filter(north_star__state="active").select_related("north_star")
        fields["driver"].queryset = drivers.order_by("north_star__scope", "sort", "id")
        fields["driver"].chosen = True
        stages = Stage.objects.filter(funnel__archived_at=None).select_related("funnel")
        fields["stage"].queryset = stages.order_by("funnel__name", "position", "id")
        self.star_metric = star_metric()
        fields["expected_effect"].unit = unit_of(self.star_metric)
        if self.star_metric is None:
            del fields["expected_effect"], fields["effect_weeks"]
        if not stages.exists():
            del fields["stage"]

    @property
    def hypothesis_open(self) -> bool:
        """Whether somebody said something of it, or said it wrongly."""
        return any(name in self.fields and (self[name].value() or self[name].errors) for name in NAMES)

    def hypothesis(self, given: dict[str, Any]) -> dict[str, Any]:
        """What was said, as an Idea takes it; what is not asked for stays out."""
        told = {name: given.get(name) for name in NAMES if name in self.fields}
        if self.star_metric is not None and told.get("expected_effect") is not None:
            told["expected_effect"] = stored(told["expected_effect"], self.star_metric)
        return told


def star_metric() -> Metric | None:
    """The metric of the company's North Star as it is defined today; None without one."""
    version = NorthStarVersion.objects.filter(
        north_star__state="active", north_star__scope="company", effective_to=None
    )
    found = version.select_related("metric").order_by("-version_no").first()
    return found.metric if found else None
