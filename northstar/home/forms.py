"""Forms of the company's pages: notes on charts, settings."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django import forms

from metrics.models import Annotation, Company, Metric, Observation
from metrics.models.annotation import ANNOTATION_KINDS
from northstar.lib import workdays

WHOLE = "The whole company"


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class AnnotationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A note: what happened, when, and whose charts it belongs on."""

    kind = forms.ChoiceField(label="Kind", choices=list(ANNOTATION_KINDS.items()), initial="decision")
    metric = forms.ModelChoiceField(
        Metric.objects.none(), label="Shown on", required=False, empty_label=WHOLE + ": on every chart"
    )
    link = forms.URLField(
        label="Link", required=False, assume_scheme="https", help_text="Where one can read more."
    )

    class Meta:
        model = Annotation
        fields = ("text", "day", "until", "kind", "metric", "link")
        labels = {"text": "What happened", "day": "Day", "until": "Last day"}
        help_texts = {"text": "At most 140 characters.", "until": "Only if it lasted longer than a day."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["metric"].queryset = Metric.objects.listed()  # type: ignore[attr-defined]
        self.fields["metric"].stored = False  # type: ignore[attr-defined]
        for name in ("day", "until"):
            self.fields[name].widget = DateInput()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day, until = data.get("day"), data.get("until")
        if day and until and until < day:
            self.add_error("until", "The last day lies before the first. Swap them, or leave it empty.")
        return data


class CompanyForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, time zone and country of the company."""

    zone = forms.CharField(
        label="Time zone",
        max_length=64,
        help_text="An IANA name such as Europe/Berlin. Days and weeks begin and end by it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    country = forms.CharField(
        label="Country for public holidays",
        required=False,
        max_length=2,
        help_text="Two letters such as DE. Empty: reminders skip weekends only.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    class Meta:
        model = Company
        fields = ("name", "zone", "country")
        labels = {"name": "Name of the company"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.frozen = Observation.objects.exists()
        if self.frozen:
            self.fields["zone"].disabled = True
            self.fields[
                "zone"
            ].help_text = (
                "Fixed since the first value was stored: every stored day and week was cut by this zone."
            )

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"]).strip()
        if zone not in available_timezones():
            raise forms.ValidationError(
                f"There is no time zone called {zone[:40]}. Use a name such as Europe/Berlin."
            )
        return zone

    def clean_country(self) -> str:
        country = str(self.cleaned_data["country"]).strip().upper()
        if not workdays.is_known_country(country):
            raise forms.ValidationError(
                f"The public holidays of {country} are not known. Use a code such as DE, or nothing."
            )
        return country
