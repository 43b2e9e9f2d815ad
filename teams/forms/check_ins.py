"""What is asked of the people of a bet: one tap, one sentence."""

from __future__ import annotations

from typing import Any

from django import forms

from teams.checking_in import CHANCES, LONGEST

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


def _sentence(label: str) -> forms.CharField:
    too_long = f"Keep it to one sentence of at most {LONGEST} characters."
    return forms.CharField(
        label=label, max_length=LONGEST, required=False, error_messages={"max_length": too_long}
    )


class CheckInForm(forms.Form):
    """How likely, why in a sentence, and what would help. Its fields are what the verb takes."""

    chance = ChanceField("How likely do you think the target is?")
    note = _sentence("Why, in a sentence")
    help_wanted = _sentence("What would help?")
