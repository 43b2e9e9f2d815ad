"""The form of a note on charts."""

from __future__ import annotations

from typing import Any

from django import forms

from metrics.models import Annotation, Metric
from metrics.models.annotation import ANNOTATION_KINDS
from teams.forms.fields import DayField
from teams.models import Team

WHOLE = "The whole company: on every chart"


class AnnotationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A note: what happened or will, when, and whose charts it belongs on."""

    day = DayField(label="Day")
    until = DayField(label="Last day", required=False, help_text="Only if it lasts longer than a day.")
    kind = forms.ChoiceField(label="Kind", choices=list(ANNOTATION_KINDS.items()), initial="decision")
    shown_on = forms.ChoiceField(label="Shown on", required=False)
    link = forms.URLField(
        label="Link", required=False, assume_scheme="https", help_text="Where one can read more."
    )

    class Meta:
        model = Annotation
        fields = ("text", "day", "until", "kind", "link")
        labels = {"text": "What happened"}
        help_texts = {"text": "At most 140 characters. A day that is still to come is fine."}

    def __init__(self, *args: Any, team: Team | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._teams = {f"team:{each.pk}": each for each in Team.objects.listed()}
        self._metrics = {f"metric:{each.pk}": each for each in Metric.objects.listed()}
        field = self.fields["shown_on"]
        field.choices = [  # type: ignore[attr-defined]
            ("", WHOLE),
            ("The charts of a team", [(key, str(each)) for key, each in self._teams.items()]),
            ("The charts of a metric", [(key, str(each)) for key, each in self._metrics.items()]),
        ]
        if self.instance.pk and self.instance.metric_id:
            self.initial["shown_on"] = f"metric:{self.instance.metric_id}"
        elif team is not None:
            self.initial["shown_on"] = f"team:{team.pk}"

    @property
    def team(self) -> Team | None:
        """The team on whose charts alone it belongs, once the form is valid."""
        return self._teams.get(self.cleaned_data["shown_on"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day, until = data.get("day"), data.get("until")
        if day and until and until < day:
            self.add_error("until", "The last day lies before the first. Swap them, or leave it empty.")
        self.instance.metric = self._metrics.get(data.get("shown_on", ""))
        return data
