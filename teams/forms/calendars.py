"""The form that asks for the address of a calendar."""

from __future__ import annotations

from typing import Any

from django import forms

from teams.models import Team
from teams.models.passes import FEED_SCOPES


class FeedForm(forms.Form):
    """Which calendar: of a person, of a team, of the company."""

    scope = forms.ChoiceField(choices=[(scope, scope) for scope in FEED_SCOPES])
    team = forms.ModelChoiceField(Team.objects.none(), required=False, empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.listed()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("scope") == "team" and not data.get("team"):
            self.add_error("team", "Choose a team.")
        return data

    @property
    def chosen(self) -> tuple[str, Team | None]:
        """(scope, team); a team only where the calendar is of one."""
        scope: str = self.cleaned_data["scope"]
        return scope, self.cleaned_data["team"] if scope == "team" else None
