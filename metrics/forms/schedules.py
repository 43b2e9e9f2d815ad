"""The inputs of a schedule: how often, and at what time of the company's day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from northstar.lib.datewords import WEEKDAYS
from northstar.lib.schedules import Schedule, ScheduleError

REPEATS = (
    ("hourly", "Every hour"),
    ("every", "Every few minutes"),
    ("daily", "Every day"),
    ("weekly", "Every week"),
    ("monthly", "Every month"),
)
SHORTEST_MINUTES = 5
NAMES = ("repeat", "minutes", "at", "weekday", "day")
USED = {
    "hourly": (),
    "every": ("minutes",),
    "daily": ("at",),
    "weekly": ("at", "weekday"),
    "monthly": ("at", "day"),
}


def inputs(stored: Mapping[str, Any], *, zone: str) -> dict[str, forms.Field]:
    """The inputs, filled with the stored schedule, or with "every hour"."""
    schedule = Schedule.from_dict(stored) if stored else Schedule()
    hourly = schedule.kind == "every" and schedule.minutes == 60
    found: dict[str, forms.Field] = {
        "repeat": forms.ChoiceField(label="Pull", choices=REPEATS, widget=forms.RadioSelect),
        "minutes": forms.IntegerField(
            label="Minutes between pulls", min_value=SHORTEST_MINUTES, max_value=1440, required=False
        ),
        "weekday": forms.TypedChoiceField(
            label="Day of the week", choices=list(enumerate(WEEKDAYS)), coerce=int, required=False
        ),
        "day": forms.IntegerField(
            label="Day of the month", min_value=1, max_value=31, required=False,
            help_text="31 means the last day.",
        ),
        "at": forms.CharField(label=f"Time of day in {zone}", required=False, max_length=5,
                              widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "06:00"})),
    }  # fmt: skip
    values = schedule.to_dict() | {"repeat": "hourly" if hourly else schedule.kind}
    if hourly:
        values["minutes"] = 15
    for name, field in found.items():
        field.initial = values[name]
        field.required = name == "repeat"
        field.used_by = [repeat for repeat, used in USED.items() if name in used]  # type: ignore[attr-defined]
    return found


def clean(form: forms.Form) -> dict[str, Any]:
    """The schedule as it is stored. Errors stand at their input; inputs not in use are ignored."""
    repeat = form.cleaned_data.get("repeat", "")
    used = USED.get(repeat, ())
    for name in NAMES[1:]:
        if name not in used:
            form.errors.pop(name, None)
        elif form.cleaned_data.get(name) in (None, "") and name not in form.errors:
            form.add_error(name, f"{form.fields[name].label} is required.")
    if "repeat" in form.errors or any(name in form.errors for name in used):
        return {}
    given = {name: form.cleaned_data[name] for name in used}
    try:
        return Schedule(kind="every" if repeat == "hourly" else repeat, **given).to_dict()
    except ScheduleError as error:
        form.add_error("at" if "at" in used else "minutes", str(error))
        return {}
