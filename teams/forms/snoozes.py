"""What is asked of whoever puts a review off."""

from __future__ import annotations

from datetime import date, timedelta

from django import forms

from teams.forms.fields import DayField
from teams.reminders.snoozing import LONGEST

MOST_SIGNS = 200


class SnoozeForm(forms.Form):
    """Its fields are what the verb takes."""

    until = DayField(label="Until", error_messages={"required": "Choose a day."})
    reason = forms.CharField(
        label="Because",
        help_text="It stands beside the review, for whoever waits for it.",
        max_length=MOST_SIGNS,
        error_messages={
            "required": "Say why, so that whoever waits for it knows.",
            "max_length": f"Keep it to one sentence of at most {MOST_SIGNS} characters.",
        },
    )

    def __init__(self, *args: object, today: date) -> None:
        super().__init__(*args, initial={"until": today + timedelta(days=7)})  # type: ignore[arg-type]
        limits = {"min": today + timedelta(days=1), "max": today + LONGEST}
        self.fields["until"].widget.attrs |= {name: day.isoformat() for name, day in limits.items()}
