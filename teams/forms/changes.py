"""Forms of what is done to a bet between its idea and its retirement: each small, each with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from teams.forms.beginning import typed
from teams.forms.fields import DayField, ValueField, stored, unit_of
from teams.models import Omtm

REASON = 500
FOLLOW = [("renew", "The same metric again"), ("replace", "Another metric")]


def reason_field(label: str, *, required: str = "", help_text: str = "") -> forms.CharField:
    """A reason in two lines; `required` is the sentence for whoever gives none."""
    return forms.CharField(
        label=label,
        max_length=REASON,
        required=bool(required),
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": required},
    )


class WithdrawForm(forms.Form):
    reason = reason_field("Why is it withdrawn?", required="Write why it is withdrawn.")


class SendBackForm(forms.Form):
    reason = reason_field("What is to be thought over?", required="Write what is to be thought over.")


class EarlyReviewForm(forms.Form):
    reason = forms.CharField(
        label="Why now?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Write why it is reviewed before its window ends."},
    )


class ApproveForm(forms.Form):
    """Nothing to answer: the terms stand on the page."""


class ExtendForm(forms.Form):
    end = DayField(label="New last day", error_messages={"required": "Choose the new last day."})
    reason = reason_field("Why does it need more time?", required="Write why it needs more time.")

    def __init__(self, data: Any = None, *, omtm: Omtm, latest: date) -> None:
        super().__init__(data, initial={"end": latest})
        self.fields["end"].widget.attrs |= {"min": omtm.end.isoformat(), "max": latest.isoformat()}


class RetargetForm(forms.Form):
    """A target, or the two ends of a range; after `is_valid`, `goal` has them in stored units."""

    target = ValueField(label="New target")
    low = ValueField(label="From", help_text="Leave empty where there is no lower end.")
    high = ValueField(label="To", help_text="Leave empty where there is no upper end.")
    correction = forms.BooleanField(
        label="The metric itself was corrected: its values meant something else than we thought",
        required=False,
    )
    reason = reason_field("Why does the target move?", required="Write why the target moves.")

    def __init__(self, data: Any = None, *, omtm: Omtm, early: bool) -> None:
        self.omtm = omtm
        names = ("low", "high") if omtm.direction == "range" else ("target",)
        now = {name: typed(getattr(omtm, name), omtm.metric) for name in names}
        super().__init__(data, initial=now)
        fields: dict[str, Any] = self.fields
        for name in {"target", "low", "high"} - set(names):
            del fields[name]
        for name in names:
            fields[name].unit = unit_of(omtm.metric)
        if "target" in fields:
            # Asked for on this page, although an idea may go without.
            fields["target"].required = True
            fields["target"].error_messages["required"] = "Type the value that you aim for."
        if early:
            del fields["correction"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in {"target", "low", "high"} & set(given):
            given[name] = stored(given[name], self.omtm.metric)
        return given


class FollowForm(forms.Form):
    how = forms.ChoiceField(
        label="What comes next?", choices=FOLLOW, widget=forms.RadioSelect, initial="renew"
    )
    metric_idea = forms.CharField(
        label="What would you measure instead?",
        max_length=200,
        required=False,
        help_text="Only for another metric. You choose it on the next page.",
    )
    reason = forms.CharField(
        label="Why another one?", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("how") == "replace" and not given.get("reason"):
            self.add_error("reason", "Write why another metric matters more now.")
        return given


class GrantForm(forms.Form):
    """An exception to one focus a team."""

    reason = forms.CharField(
        label="Why is one focus not enough?",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Write why one focus is not enough."},
    )
    until = DayField(
        label="Last day of the exception",
        help_text="The window of the second focus ends by then.",
        error_messages={"required": "Choose the last day."},
    )
