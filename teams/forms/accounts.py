"""allauth's forms in our words."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as theirs
from django import forms


def _plain(form: forms.BaseForm, labels: dict[str, str]) -> None:
    """Our labels, and no placeholder that says the label again."""
    for name, field in form.fields.items():
        field.label = labels.get(name, field.label)
        field.widget.attrs.pop("placeholder", None)


class LoginForm(theirs.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"login": "E-mail", "remember": "Stay signed in for 14 days"})
        # The link stands below the form.
        self.fields["password"].help_text = ""


class ResetPasswordForm(theirs.ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"email": "E-mail"})


class ResetPasswordKeyForm(theirs.ResetPasswordKeyForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, {"password1": "New password", "password2": "New password, once more"})


class ChangePasswordForm(theirs.ChangePasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"oldpassword": "Current password", "password1": "New password"}
        _plain(self, labels | {"password2": "New password, once more"})
