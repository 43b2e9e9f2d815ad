"""The form that makes a link to a page."""

from __future__ import annotations

from django import forms

from northstar.sharing.giving import LIVES, USUAL_LIFE


class ShareForm(forms.Form):
    """Who it is for, and how long it lives."""

    label = forms.CharField(
        label="Who is it for",
        max_length=80,
        help_text="Such as: board meeting in December. Whoever opens the page reads it too.",
    )
    days = forms.TypedChoiceField(
        label="It ends after",
        choices=[(days, f"{days} days") for days in LIVES],
        coerce=int,
        initial=USUAL_LIFE,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the four lengths."},
    )
