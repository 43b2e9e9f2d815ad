"""Forms of the review meeting: one decision a bet, and when people meet again."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django import forms

from teams.convening import DECISIONS, Decided
from teams.forms.closing import choice
from teams.forms.fields import DayField
from teams.models import Omtm, Review, User

USUAL = time(10)


class DecisionForm(forms.Form):
    """What is decided of one bet, in one line, and who does what until when."""

    decision = choice("Decision", DECISIONS, missing="Choose what is decided.")
    line = forms.CharField(label="In one line", max_length=280, required=False)
    owner = forms.ModelChoiceField(
        label="Who does it", queryset=User.objects.none(), required=False, empty_label="Nobody yet"
    )
    by = DayField(label="Until when", required=False)

    def __init__(self, data: Any = None, *, omtm: Omtm, kept: Review | None = None) -> None:
        initial: dict[str, Any] = {}
        if kept is not None:
            initial = {
                "decision": kept.decision,
                "line": kept.note,
                "owner": kept.action_owner_id,
                "by": kept.action_by,
            }
        super().__init__(data, initial=initial)
        people = User.objects.filter(is_active=True, memberships__team=omtm.team_id)
        self.fields["owner"].queryset = people.order_by("name").distinct()  # type: ignore[attr-defined]

    @property
    def decided(self) -> Decided:
        """What the verb takes of a valid form."""
        given = self.cleaned_data
        return Decided(given["decision"], given["line"].strip(), given["owner"], given["by"])


class CloseMeetingForm(forms.Form):
    """When people meet again: a day and an hour by the company's clocks; both may be left out."""

    next_on = DayField(label="Next meeting", required=False)
    next_at = forms.TimeField(
        label="At",
        required=False,
        initial=USUAL,
        input_formats=["%H:%M"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Write the hour like 10:30."},
    )

    def __init__(self, data: Any = None, *, day: date, suggested: date | None = None) -> None:
        super().__init__(data, initial={"next_on": suggested})
        self.day = day

    def clean_next_on(self) -> date | None:
        following: date | None = self.cleaned_data["next_on"]
        if following is not None and following <= self.day:
            raise forms.ValidationError("The next meeting comes after this one: choose a later day.")
        return following

    def clean_next_at(self) -> time:
        return self.cleaned_data["next_at"] or USUAL
