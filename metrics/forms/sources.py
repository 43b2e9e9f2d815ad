"""One form for every kind of source, made from its connector's own list of settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.forms import BoundField

from metrics import connecting
from metrics.connectors.base import ConnectorError
from metrics.connectors.registry import connector_class
from metrics.forms import connector_fields, schedules
from metrics.forms.connector_fields import SETTING
from metrics.models import Company, Source
from metrics.sourcing import Wanted
from northstar.lib.schedules import Schedule


class SourceForm(forms.Form):
    """Name, settings, schedule and owner of a source. After `is_valid`, `wanted` is what the verbs take.

    `only_connection` leaves the rest unchecked: for "test", before a name is thought of.
    """

    name = forms.CharField(
        max_length=120, help_text="What people here call it, such as Warehouse or Billing."
    )
    owner = forms.ModelChoiceField(
        queryset=None, required=False, empty_label="Nobody", help_text="Who is told when it fails."
    )
    backup_owner = forms.ModelChoiceField(
        queryset=None, required=False, empty_label="Nobody", help_text="Is told as well, for days off."
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        kind: str,
        source: Source | None = None,
        actor: Any = None,
        only_connection: bool = False,
    ) -> None:
        super().__init__(data)
        self.kind, self.source, self.only_connection = kind, source, only_connection
        self.cls = connector_class(kind)
        self.settings: dict[str, Any] = {}
        self.secrets: dict[str, str] = {}
        self.schedule: dict[str, Any] = {}
        people = get_user_model().objects.filter(is_active=True).order_by("name")
        self.fields["owner"].queryset = self.fields["backup_owner"].queryset = people  # type: ignore[attr-defined]
        self.fields["name"].initial = source.name if source else self.cls.label
        self.fields["owner"].initial = source.owner_id if source else getattr(actor, "pk", None)
        self.fields["backup_owner"].initial = source.backup_owner_id if source else None
        self.fields["version"].initial = source.version if source else 0
        self.fields |= connector_fields.inputs(
            self.cls.settings_fields,
            prefix=SETTING,
            values=source.settings if source else {},
            stored=source.secrets if source else (),
        )
        if self.cls.pulls:
            self.fields |= schedules.inputs(source.schedule if source else {}, zone=Company.current().zone)
        if only_connection:
            for other in ("name", "owner", "backup_owner", "version", *schedules.NAMES):
                self.fields.pop(other, None)

    def clean(self) -> dict[str, Any]:
        self._clean_connection()
        if self.cls.pulls and not self.only_connection:
            self.schedule = schedules.clean(self)
        return self.cleaned_data

    @property
    def wanted(self) -> Wanted:
        """What was typed, clean. Only of a valid form."""
        data = self.cleaned_data
        return Wanted(
            data["name"], self.settings, self.secrets, self.schedule, data["owner"], data["backup_owner"]
        )

    @property
    def stored_schedule(self) -> dict[str, Any]:
        """The one to change, or the usual one."""
        return self.source.schedule if self.source else Schedule().to_dict()

    @property
    def identity(self) -> str:
        """What asks for the secrets again where it changes: "host, port, database or user"."""
        names = [field.label.lower() for field in self.cls.settings_fields if field.identity]
        return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))

    @property
    def connection_inputs(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(SETTING)]

    @property
    def schedule_inputs(self) -> list[BoundField]:
        return [self[name] for name in schedules.NAMES[1:] if name in self.fields]

    @property
    def kept(self) -> tuple[str, ...]:
        """The stored secrets that go on being used: those left empty."""
        return tuple(
            name for name in (self.source.secrets if self.source else ()) if name not in self.secrets
        )

    def _clean_connection(self) -> None:
        fields = self.cls.settings_fields
        connector_fields.note_faults(self, fields, prefix=SETTING)
        if any(name.startswith(SETTING) for name in self.errors):
            return
        values = connector_fields.typed(self.cleaned_data, fields, prefix=SETTING)
        try:
            self.settings = self.cls.clean_settings(values)
            self._ask_again(values)
            self.secrets = self.cls.clean_secrets(values, kept=self.source.secrets if self.source else ())
            connecting.check_reach(self.settings)
        except ConnectorError as error:
            connector_fields.note_fault(self, error, prefix=SETTING)

    def _ask_again(self, values: dict[str, Any]) -> None:
        """A stored secret never goes to another host or user than the one it was typed for."""
        if self.source is None or not self.cls.identity_changed(self.source.settings, self.settings):
            return
        parts = ", ".join(field.label.lower() for field in self.cls.settings_fields if field.identity)
        for field in self.cls.settings_fields:
            if field.secret and field.name in self.source.secrets and not values.get(field.name):
                raise ConnectorError(
                    "config",
                    f"Type it again: one of {parts} changed, and a stored secret is not sent elsewhere.",
                    permanent=True,
                    field=field.name,
                )
