"""From the typed fields of a connector to inputs of a form, and back to values that the connector cleans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms

from metrics.connectors.base import ConnectorError, Field
from metrics.connectors.cleaning import clean

SETTING = "set_"
QUERY = "query_"


def inputs(
    fields: Sequence[Field], *, prefix: str, values: Mapping[str, Any], stored: Iterable[str] = ()
) -> dict[str, forms.Field]:
    """One input a field by its prefixed name. A secret is never filled in; one in `stored` may stay empty."""
    found, names = {}, {field.name for field in fields}
    for field in fields:
        made = _input(field, kept=field.name in stored)
        if field.when:
            # What is none of these inputs is one of the form around them, such as the kind of a metric.
            name = f"{prefix}{field.when[0]}" if field.when[0] in names else field.when[0]
            made.when = f"{name}={'|'.join(field.when[1:])}"  # type: ignore[attr-defined]
            made.chosen = field.required  # type: ignore[attr-defined]
        if not field.secret:
            made.initial = values.get(field.name, field.default)
        found[prefix + field.name] = made
    return found


def typed(cleaned: Mapping[str, Any], fields: Iterable[Field], *, prefix: str) -> dict[str, Any]:
    """What was typed into these inputs, by the connector's own names."""
    return {field.name: cleaned.get(prefix + field.name) for field in fields}


def note_faults(form: forms.Form, fields: Sequence[Field], *, prefix: str) -> None:
    """Put the connector's own sentence at every input that is wrong, not only at the first."""
    for field in fields:
        name = prefix + field.name
        if field.secret or name in form.errors:
            continue
        if not field.matters({other.name: form.cleaned_data.get(prefix + other.name) for other in fields}):
            continue
        try:
            clean((field,), {field.name: form.cleaned_data.get(name)})
        except ConnectorError as error:
            form.add_error(name, error.message)


def note_fault(form: forms.Form, error: ConnectorError, *, prefix: str) -> None:
    """Put a connector's error where it belongs: at the input it names, else above the form."""
    name = prefix + error.field
    form.add_error(name if name in form.fields else None, error.message)


def _input(field: Field, *, kept: bool) -> forms.Field:
    if field.kind == "flag":
        return forms.BooleanField(label=field.label, required=False, help_text=field.help)
    common: dict[str, Any] = {
        "label": field.label,
        "help_text": field.help,
        "required": field.required and not kept and not field.when,
        "error_messages": {"required": f"{field.label} is required."},
    }
    if field.kind == "choice":
        return forms.ChoiceField(choices=field.choices, **common)
    made = forms.CharField(widget=_widget(field), strip=not field.secret, **common)
    if kept:
        made.stored = True  # type: ignore[attr-defined]
    return made


def _widget(field: Field) -> forms.Widget:
    plain = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}
    if field.kind == "sql":
        return forms.Textarea(attrs={**plain, "class": "sql", "rows": 10})
    if field.secret and field.kind == "textarea":
        return SecretText(attrs=plain)
    if field.kind == "textarea":
        return forms.Textarea(attrs={"rows": 4})
    if field.secret or field.kind == "password":
        return forms.PasswordInput(attrs={**plain, "autocomplete": "new-password"}, render_value=False)
    if field.kind == "integer":
        return forms.TextInput(attrs={**plain, "inputmode": "numeric"})
    return forms.TextInput(attrs=plain)


class SecretText(forms.Textarea):
    """A long secret, such as a key file: what was typed is never sent back to the browser."""

    def format_value(self, value: Any) -> str:
        return ""
