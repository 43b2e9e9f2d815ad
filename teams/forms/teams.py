"""Forms of a team: what it is, and who is in it."""

from __future__ import annotations

from typing import Any

from django import forms

from teams.forms.fields import printable
from teams.models import Team, User
from teams.models.team import TEAM_ROLES

STAGES = {
    "acquisition": "Acquisition",
    "activation": "Activation",
    "retention": "Retention",
    "referral": "Referral",
    "revenue": "Revenue",
}
OUT = "out"
ROLES = [*TEAM_ROLES.items(), (OUT, "Not in the team")]


class TeamForm(forms.Form):
    name = forms.CharField(
        max_length=80, validators=[printable], error_messages={"required": "Give the team a name."}
    )
    department = forms.CharField(
        max_length=80, validators=[printable], required=False, help_text="Groups teams on the team list."
    )
    stage = forms.ChoiceField(
        required=False,
        choices=[("", "None in particular"), *STAGES.items()],
        help_text="Where in the customer's way the team works.",
    )

    def __init__(self, data: Any = None, *, team: Team | None = None) -> None:
        known = {"name": team.name, "department": team.department, "stage": team.stage} if team else {}
        super().__init__(data, initial=known)
        self.team = team

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = Team.objects.listed().filter(name__iexact=name)
        if same.exclude(pk=self.team.pk if self.team else None).exists():
            raise forms.ValidationError(f"There is a team called {name} already. Choose another name.")
        return name


class MembersForm(forms.Form):
    """A role for everybody in the team, and one more person to add."""

    add = forms.ModelChoiceField(
        label="Add a person", queryset=User.objects.none(), required=False, empty_label="Nobody"
    )
    add_role = forms.ChoiceField(label="As", choices=[*TEAM_ROLES.items()], required=False)

    def __init__(self, data: Any = None, *, team: Team) -> None:
        super().__init__(data)
        self.people = list(team.memberships.select_related("user").order_by("user__name", "user__email"))
        for each in self.people:
            self.fields[f"role_{each.user_id}"] = forms.ChoiceField(
                label=str(each.user), choices=ROLES, initial=each.role
            )
        outside = User.objects.filter(is_active=True).exclude(memberships__team=team)
        self.fields["add"].queryset = outside.order_by("name", "email")  # type: ignore[attr-defined]

    def rows(self) -> list[tuple[Any, Any]]:
        """(membership, its role as a bound field)."""
        return [(each, self[f"role_{each.user_id}"]) for each in self.people]

    @property
    def roles(self) -> dict[int, str]:
        """User id to role, as it shall be."""
        given = self.cleaned_data
        found = {each.user_id: given[f"role_{each.user_id}"] for each in self.people}
        if given.get("add"):
            found[given["add"].pk] = given.get("add_role") or "member"
        return {user_id: role for user_id, role in found.items() if role != OUT}
