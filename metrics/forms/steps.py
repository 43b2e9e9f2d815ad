"""What the forms of a guided choice share: nothing has to be answered, and everything is kept."""

from __future__ import annotations

from typing import Any

from django import forms

from metrics.models import StarChoice


def text(label: str, *, most: int = 300, rows: int = 0, help_text: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(label=label, max_length=most, required=False, widget=widget, help_text=help_text)


class StepForm(forms.Form):
    """A step; `given` is what is kept of it: plain data that JSON can hold."""

    def __init__(self, data: Any = None, *, choice: StarChoice, more: bool = False) -> None:
        self.choice, self.more = choice, more
        super().__init__(data, initial=choice.answers)
        self.build()
        for field in self.fields.values():
            # Nothing has to be answered to keep the draft; saying so at every field would only be noise.
            field.chosen = True  # type: ignore[attr-defined]

    def build(self) -> None:
        """Add the fields that depend on the choice."""

    @property
    def given(self) -> dict[str, Any]:
        return {name: as_plain(value) for name, value in self.cleaned_data.items()}


def as_plain(value: Any) -> Any:
    """As JSON keeps it: objects by their number, dates as text, line ends as people type them."""
    if hasattr(value, "pk"):
        return value.pk
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.replace("\r\n", "\n") if isinstance(value, str) else value
