"""The form for new limits: from when, of what, and why."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from metrics.models.limits import BASES


class LimitsForm(forms.Form):
    """The first period of the new limits, what they judge, and the reason that the audit keeps."""

    start = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    basis = forms.ChoiceField(
        label="Judge",
        choices=tuple(BASES.items()),
        help_text="Changes suit a metric that grows or shrinks all the time.",
    )
    reason = forms.CharField(
        max_length=200,
        label="Why",
        help_text="What changed, and why it will stay. Everybody reads it beside the chart.",
    )

    def __init__(self, data: Any = None, *, grain: str, start: str, basis: str, today: date) -> None:
        super().__init__(data)
        self.today = today
        self.fields["start"].help_text = f"Any day of the first {grain} that they count from."
        self.fields["start"].widget.attrs["max"] = today.isoformat()
        self.fields["start"].initial = start
        self.fields["basis"].initial = basis

    def clean_start(self) -> date:
        start: date = self.cleaned_data["start"]
        if start < date(1990, 1, 1):
            raise forms.ValidationError("Days before 1990 are not kept. Check the year.")
        if start > self.today:
            raise forms.ValidationError("That day has not come yet. Choose one of the past.")
        return start
