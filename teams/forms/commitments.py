"""Whether somebody is in, and the lead's answer to a concern."""

from __future__ import annotations

from django import forms

from teams.models.commitment import ANSWERS

NOTE = 500


class CommitmentForm(forms.Form):
    """One of three answers; what is not plain "in" says what it is about."""

    answer = forms.ChoiceField(
        choices=ANSWERS.items(),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of the three answers."),
    )
    note = forms.CharField(label="Your concern, or why you are not in", max_length=NOTE, required=False)


class ReplyForm(forms.Form):
    """What the lead answers to a concern."""

    reply = forms.CharField(
        label="Your answer", max_length=NOTE, error_messages={"required": "Write what you answer."}
    )
