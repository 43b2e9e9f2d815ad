"""Forms about people: inviting, joining, the first admin, grants, teams."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from teams.models import Team, User
from teams.models.team import GRANTS, TEAM_ROLES


def grants_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="Grants",
        choices=list(GRANTS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class InviteForm(forms.Form):
    """Whom to invite, and what they may do from the start."""

    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    name = forms.CharField(label="Name", max_length=120, required=False)
    team = forms.ModelChoiceField(
        Team.objects.none(), label="Team", required=False, empty_label="No team yet"
    )
    team_role = forms.ChoiceField(
        label="Role in the team", choices=list(TEAM_ROLES.items()), widget=forms.RadioSelect, initial="member"
    )
    grants = grants_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.listed()  # type: ignore[attr-defined]
        self.fields["grants"].help_text = "For the whole company. Without any, they may look at everything."

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        found = User.objects.filter(email__iexact=email).first()
        if found and found.is_active:
            raise forms.ValidationError(f"{found} has an account with this address already.")
        if found:
            raise forms.ValidationError(
                f"{found} has a closed account with this address. Open it again instead of inviting."
            )
        return email


class JoinForm(forms.Form):
    """Name and password of somebody who was invited."""

    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label="Password",
        max_length=256,
        strip=False,
        help_text="At least 12 characters. A few words in a row are good.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "minlength": 12}),
        error_messages={"max_length": "At most 256 characters."},
    )

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("password"):
            email = data.get("email", self.email)
            try:
                validate_password(data["password"], User(email=email, name=data.get("name", "")))
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        return data


class SetupForm(JoinForm):
    """The first admin."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        help_text="You sign in with it.",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    field_order = ("email", "name", "password")


class GrantsForm(forms.Form):
    """What a person may do in the whole company."""

    grants = grants_field()


class PlaceForm(forms.Form):
    """A team, and the role in it."""

    team = forms.ModelChoiceField(Team.objects.none(), label="Team", empty_label="Choose a team")
    role = forms.ChoiceField(
        label="Role", choices=list(TEAM_ROLES.items()), widget=forms.RadioSelect, initial="member"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = Team.objects.listed()  # type: ignore[attr-defined]
