"""The one question to the people of a bet."""

from __future__ import annotations

from typing import Any

from django import forms

from teams.confiding import CHANCES

WORDS = {10: "10% hardly", 30: "30%", 50: "50% even", 70: "70%", 90: "90% almost sure"}


class ChanceField(forms.TypedChoiceField):
    """Five answers side by side; gives the percentage, None where nothing was chosen."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(
            label=label,
            choices=[(chance, WORDS[chance]) for chance in CHANCES],
            coerce=int,
            empty_value=None,
            widget=forms.RadioSelect,
            error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of the five answers."),
            **options,
        )


class ConfidenceForm(forms.Form):
    """How likely, and why in a sentence."""

    chance = ChanceField("How likely do you think the target is?")
    note = forms.CharField(
        label="Why, in a sentence", max_length=280, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
