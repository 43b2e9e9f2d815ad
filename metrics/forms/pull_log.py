"""What the pull log is narrowed to."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import forms
from django.db.models import QuerySet

from metrics.models import Pull, Source

STATES = {
    "worked": ("ok",),
    "partly": ("partly", "stale"),
    "failed": ("failed", "dead"),
    "under-way": ("waiting", "running"),
}
DAYS = (("1", "Last 24 hours"), ("7", "Last 7 days"), ("28", "Last 28 days"), ("all", "All"))
HIGHEST_ID = 2**63 - 1


class PullLogForm(forms.Form):
    """Source, result and days; `before` is the pull after which the page goes on."""

    source = forms.ModelChoiceField(
        queryset=None, required=False, to_field_name="slug", empty_label="All sources"
    )
    state = forms.ChoiceField(
        label="Result",
        required=False,
        choices=(("", "Every result"), ("worked", "Worked"), ("partly", "Partly"), ("failed", "Failed"),
                 ("under-way", "Under way")),
    )  # fmt: skip
    days = forms.ChoiceField(required=False, choices=DAYS)
    before = forms.IntegerField(required=False, min_value=1, max_value=HIGHEST_ID, widget=forms.HiddenInput)

    def __init__(self, data: object = None) -> None:
        super().__init__({"days": "7"} | dict(getattr(data, "items", dict)()))
        self.fields["source"].queryset = Source.objects.listed()  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.chosen = True  # type: ignore[attr-defined]

    def pulls(self, now: datetime) -> QuerySet[Pull]:
        """The pulls that were asked for. Only of a valid form."""
        wanted = self.cleaned_data
        found = Pull.objects.filter(source__archived_at=None)
        if wanted["source"]:
            found = found.filter(source=wanted["source"])
        if wanted["state"]:
            found = found.filter(state__in=STATES[wanted["state"]])
        if wanted["days"] not in ("", "all"):
            found = found.filter(created_at__gte=now - timedelta(days=int(wanted["days"])))
        return found.filter(pk__lt=wanted["before"]) if wanted["before"] else found
