"""The inputs of a schedule: how often, at what time, and by which clocks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms

from northstar.lib.datewords import WEEKDAYS
from northstar.lib.schedules import Schedule, ScheduleError

REPEATS = (
    ("hourly", "Every hour"),
    ("every", "Every few minutes"),
    ("daily", "Every day"),
    ("weekly", "Every week"),
    ("monthly", "Every month"),
    ("cron", "As in cron"),
)
SHORTEST_MINUTES = 5
NAMES = ("repeat", "minutes", "weekday", "day", "cron", "at", "zone")
USED = {
    "hourly": (),
    "every": ("minutes",),
    "daily": ("at", "zone"),
    "weekly": ("at", "weekday", "zone"),
    "monthly": ("at", "day", "zone"),
    "cron": ("cron", "zone"),
}
OPTIONAL = frozenset({"zone"})


class ScheduleForm(forms.Form):
    """A schedule alone, for its next runs while it is typed. After `is_valid`: `schedule`."""

    def __init__(self, data: Any = None, *, zone: str) -> None:
        super().__init__(data)
        self.fields |= inputs({}, zone=zone)
        self.schedule: dict[str, Any] = {}

    def clean(self) -> dict[str, Any]:
        self.schedule = clean(self)
        return self.cleaned_data


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
        "cron": forms.CharField(
            label="Cron expression", required=False, max_length=100,
            help_text="Minute, hour, day, month, weekday.", widget=_text("30 6 * * 1-5"),
        ),
        "at": forms.CharField(
            label="Time of day", required=False, max_length=5, widget=_text("06:00", inputmode="numeric")
        ),
        "zone": forms.CharField(
            label="By the clocks of", required=False, max_length=60,
            help_text=f"Left empty: the company's, {zone}.", widget=_text(zone, list="zones"),
        ),
    }  # fmt: skip
    values = schedule.to_dict() | {"repeat": "hourly" if hourly else schedule.kind}
    if hourly:
        values["minutes"] = 15
    for name, field in found.items():
        field.initial = values[name]
        field.required = name == "repeat"
        field.chosen = name not in OPTIONAL  # type: ignore[attr-defined]
        field.used_by = [repeat for repeat, used in USED.items() if name in used]  # type: ignore[attr-defined]
    return found


def clean(form: forms.Form) -> dict[str, Any]:
    """The schedule as it is stored. Errors stand at their input; inputs not in use are ignored."""
    repeat = form.cleaned_data.get("repeat", "")
    used = USED.get(repeat, ())
    for name in NAMES[1:]:
        if name not in used:
            form.errors.pop(name, None)
        elif name not in OPTIONAL and form.cleaned_data.get(name) in (None, "") and name not in form.errors:
            form.add_error(name, f"{form.fields[name].label} is required.")
    if "repeat" in form.errors or any(name in form.errors for name in used):
        return {}
    given = {name: form.cleaned_data[name] for name in used}
    kind = "every" if repeat == "hourly" else repeat
    for name in ("zone", "cron", "at"):
        if name in given:
            _try(form, name, {"kind": "cron" if name == "cron" else "daily", name: given[name]})
    return {} if form.errors else Schedule(kind=kind, **given).to_dict()


@cache
def zones() -> tuple[str, ...]:
    """The names of time zones that places have, for the list that one chooses from."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and name[:3] != "Etc"))


def _try(form: forms.Form, name: str, part: dict[str, Any]) -> None:
    """Put what is wrong with this part of the schedule at its input."""
    try:
        Schedule(**part)
    except ScheduleError as error:
        form.add_error(name, str(error))


def _text(placeholder: str, **attributes: str) -> forms.TextInput:
    plain = {"autocomplete": "off", "spellcheck": "false", "placeholder": placeholder}
    return forms.TextInput(attrs=plain | attributes)
