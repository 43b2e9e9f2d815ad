"""Forms of wall screens."""

from __future__ import annotations

from typing import Any

from django import forms

from teams.models import Screen, Team

FIELDS = ("label", "teams", "seconds", "shows_names", "dims_from", "dims_until")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class CodeForm(forms.Form):
    """The code that a screen shows."""

    code = forms.CharField(
        label="Code on the screen",
        max_length=20,
        error_messages={"required": "Type the six letters that the screen shows."},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters", "size": 12}
        ),
    )


class ScreenForm(forms.Form):
    """What a screen shows, and how."""

    label = forms.CharField(
        label="Name",
        max_length=80,
        help_text="So that you know which one it is, such as: Kitchen, 2nd floor.",
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        label="Teams",
        required=False,
        help_text="None ticked: all teams, also those that come later. The North Star is always shown.",
        widget=forms.CheckboxSelectMultiple,
    )
    shows_names = forms.BooleanField(label="Show who leads each team", required=False)
    seconds = forms.IntegerField(label="Seconds a view", min_value=5, max_value=600, initial=20)
    dims_from = forms.TimeField(label="Dim from", required=False, widget=TimeInput())
    dims_until = forms.TimeField(label="Dim until", required=False, widget=TimeInput())

    def __init__(self, data: Any = None, *, screen: Screen | None = None) -> None:
        initial = {name: getattr(screen, name) for name in FIELDS if name != "teams"} if screen else {}
        if screen:
            initial["teams"] = list(screen.teams.values_list("pk", flat=True))
        super().__init__(data, initial=initial)
        self.fields["teams"].queryset = Team.objects.listed().order_by("name")  # type: ignore[attr-defined]
        self.fields["seconds"].unit = "s"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("dims_from"), data.get("dims_until")
        for name, other, given in (("dims_from", "dims_until", last), ("dims_until", "dims_from", first)):
            if given and not data.get(name) and name not in self.errors and other not in self.errors:
                self.add_error(name, "Give both times, or none.")
        if first and first == last:
            self.add_error("dims_until", "Dimming would never end: choose another time.")
        return data
