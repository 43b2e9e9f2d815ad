"""The form that makes a key for pushing."""

from __future__ import annotations

from typing import Any

from django import forms

LONGEST_DAYS = 365
DEFAULT_DAYS = 90


class TokenForm(forms.Form):
    """What the key is for, and for how long."""

    label = forms.CharField(
        label="What uses it", max_length=80, help_text="Such as: nightly job of the billing system."
    )
    days = forms.IntegerField(
        label="Valid for",
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=DEFAULT_DAYS,
        help_text="At most a year.",
        error_messages={
            "max_value": "A key lives for at most 365 days. Make a new one before it ends.",
            "min_value": "At least one day.",
            "invalid": "Write a whole number of days, such as 90.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days"].unit = "days"  # type: ignore[attr-defined]
