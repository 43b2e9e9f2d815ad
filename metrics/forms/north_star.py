"""Forms of the North Star: its definition and its targets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth import get_user_model

from metrics import formatting
from metrics.aiming import Goal
from metrics.connectors import numbers
from metrics.models import Metric, NorthStar, NorthStarTarget
from metrics.models.northstar import HORIZONS
from metrics.steering import CHANGES, IDENTITY, MEANING

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A day of our time: what is reckoned from the year 9999 on would stop every reminder."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=DateInput(), **options)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError("Check the year of this date.")
        return day


def _text(
    label: str, *, help_text: str = "", rows: int = 0, most: int | None = None, required: bool = True
) -> Any:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=most, widget=widget
    )


class NorthStarForm(forms.Form):
    """What it is; for one that exists also what kind of change this is and why."""

    name = _text("Name", most=120, help_text="What everybody calls it, such as Weekly active crews.")
    value_proposition = _text("Value it stands for", rows=2, help_text="We win when …")
    plain_definition = _text(
        "Definition", rows=2, most=300, help_text="One sentence that a new colleague understands."
    )
    metric = forms.ModelChoiceField(Metric.objects.none(), label="Metric", empty_label="Choose a metric")
    owner = forms.ModelChoiceField(
        get_user_model().objects.none(), label="Owner", required=False, empty_label="Nobody yet"
    )
    review_every_months = forms.IntegerField(
        label="Reviewed every", min_value=3, max_value=12, initial=6, help_text="Three to twelve months."
    )
    next_review_on = DayField(label="Next review")
    unit_of_count = _text("What is counted", most=120, required=False, help_text="Such as: customer crew.")
    qualifying_action = _text(
        "What makes it count", most=200, required=False, help_text="Such as: completed three or more jobs."
    )
    time_window = _text("Time window", most=60, required=False)
    why_it_predicts_success = _text("Why it predicts success", rows=2, required=False)
    link_to_strategy = _text("How it restates the strategy", rows=2, required=False)
    inclusions_exclusions = _text("What is left out, and why", rows=2, required=False)
    known_weaknesses = _text("Known weaknesses", rows=2, required=False)
    how_it_could_be_gamed = _text("How it could be gamed", rows=2, required=False)
    change_type = forms.ChoiceField(
        label="Kind of change", choices=list(CHANGES.items()), widget=forms.RadioSelect
    )
    change_reason = _text(
        "Why it changes", rows=2, required=False, help_text="Needed when the metric or a definition changes."
    )

    overlap_reason = _text(
        "Why it cannot wait for eight weeks of both",
        rows=2,
        required=False,
        help_text="For a redefinition whose old and new numbers were hardly counted side by side.",
    )

    MORE = MEANING[3:]

    def __init__(self, *args: Any, star: NorthStar | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["metric"].queryset = Metric.objects.listed()
        fields["owner"].queryset = get_user_model().objects.filter(is_active=True).order_by("name")
        fields["review_every_months"].unit = "months"
        fields["change_type"].segmented = False
        self.star = star
        if star is None:
            del fields["change_type"], fields["change_reason"], fields["overlap_reason"]

    @classmethod
    def initial_of(cls, star: NorthStar) -> dict[str, Any]:
        """The answers as they stand."""
        version = star.versions.order_by("-version_no").first()
        known = {name: getattr(star, name) for name in IDENTITY}
        return known | {name: getattr(version, name) for name in MEANING} | {"change_type": "clarification"}

    @property
    def more(self) -> list[forms.BoundField]:
        """The longer answers, in a drawer of their own."""
        return [self[name] for name in self.MORE]

    @property
    def more_open(self) -> bool:
        return any(self[name].errors for name in self.MORE)

    def clean(self) -> dict[str, Any]:
        # Browsers send line ends as CRLF; unchanged text must not count as a change.
        data = super().clean() or {}
        return {
            key: each.replace("\r\n", "\n") if isinstance(each, str) else each for key, each in data.items()
        }


class TargetForm(forms.Form):
    """One target; values are typed as they are shown (38.4 for 38.4%)."""

    horizon = forms.ChoiceField(label="Term", choices=list(HORIZONS.items()), widget=forms.RadioSelect)
    value = forms.CharField(label="Target", max_length=40)
    due = DayField(label="Due")
    baseline = forms.CharField(label="Baseline", max_length=40, help_text="Where the plan line begins.")
    baseline_date = DayField(label="Baseline on")
    rationale = _text("Why this target", rows=2, required=False)
    reason = _text(
        "Why it changes",
        rows=2,
        required=False,
        help_text="Needed when a target of this term exists; it is kept.",
    )

    def __init__(self, *args: Any, metric: Metric, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scale = formatting.shown_scale(metric.unit, metric.kind)
        unit = "%" if formatting.is_percent(metric.unit, metric.kind) else metric.unit
        for name in ("value", "baseline"):
            self.fields[name].unit = unit  # type: ignore[attr-defined]
            self.fields[name].widget.attrs["inputmode"] = "decimal"
        self.fields["horizon"].segmented = False  # type: ignore[attr-defined]

    def clean_value(self) -> Decimal:
        return self._number("value", "The target")

    def clean_baseline(self) -> Decimal:
        return self._number("baseline", "The baseline")

    def goal(self) -> Goal:
        """The valid answers as a goal."""
        return Goal(**self.cleaned_data)

    def _number(self, name: str, label: str) -> Decimal:
        try:
            return numbers.parse(str(self.cleaned_data[name]).strip(), label=label) / self.scale
        except numbers.NumberError as error:
            raise forms.ValidationError(str(error)) from None


def target_initial(
    target: NorthStarTarget | None, *, horizon: str, metric: Metric, value: float | None, day: date
) -> dict[str, Any]:
    """What the form of a term begins with: the current target, else the newest value as baseline."""
    scale = formatting.shown_scale(metric.unit, metric.kind)
    if target is None:
        shown = "" if value is None else plain(Decimal(repr(round(value, metric.decimals + 4))) * scale)
        return {"horizon": horizon, "baseline": shown, "baseline_date": day}
    return {
        "horizon": horizon,
        "value": plain(target.target_value * scale),
        "due": target.due_date,
        "baseline": plain(target.baseline_value * scale),
        "baseline_date": target.baseline_date,
        "rationale": target.rationale,
    }


def plain(value: Decimal) -> str:
    """Digits without exponent or trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
