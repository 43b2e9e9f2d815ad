"""The form of a metric's definition, with its source's own question."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.forms import BoundField

from metrics.connectors.base import Connector, ConnectorError, Suggestion
from metrics.connectors.registry import connector_class
from metrics.defining import Definition
from metrics.forms import connector_fields
from metrics.forms.connector_fields import QUERY
from metrics.models import Metric, Source
from metrics.models.metric import DIRECTIONS, GRAINS, KINDS, MISSING, ROLES
from northstar.lib import clock

BEGUN = ("name", "definition", "kind", "grain", "direction", "unit", "decimals")
PARTS = {
    "ratio": "A share needs a numerator and a denominator for each period, so that weeks add up rightly.",
    "average": "An average needs its weight for each period, so that weeks add up rightly.",
}


def _choice(choices: dict[str, str], label: str, help_text: str = "", *, initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=tuple(choices.items()), label=label, help_text=help_text, initial=initial
    )


def _suggested(cls: type[Connector], key: str) -> Suggestion | None:
    return next((one for one in cls.suggestions if one.key == key), None)


def _begun(by: Metric | Suggestion | None) -> dict[str, Any]:
    """What the fields begin with: the stored definition, or the suggested one."""
    if by is None:
        return {}
    names = [field.name for field in Metric._meta.fields] if isinstance(by, Metric) else BEGUN
    return {name: getattr(by, name, None) for name in names}


class MetricForm(forms.Form):
    """A metric in the words of the people who use it; `wanted` after `is_valid`."""

    name = forms.CharField(max_length=120, help_text="As people say it: Weekly active accounts.")
    definition = forms.CharField(
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What it counts",
        help_text="One sentence that a new colleague understands.",
    )
    kind = _choice(KINDS, "What kind of number it is", "Decides how days become weeks.", initial="flow_sum")
    grain = _choice(GRAINS, "One value for each", "How finely the source can say it.", initial="week")
    direction = _choice(DIRECTIONS, "Which way is good", initial="up")
    unit = forms.CharField(
        max_length=40, required=False, help_text="accounts, £, hours. A share is shown in % by itself."
    )
    decimals = forms.IntegerField(min_value=0, max_value=6, initial=0, label="Decimals shown")
    missing = _choice(MISSING, "A period without a row is", initial="gap")
    role = _choice(ROLES, "Its role", initial="input")
    history_from = forms.DateField(
        required=False,
        label="History from",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The first day that is asked for; two years back if left empty.",
    )
    latency_hours = forms.IntegerField(
        min_value=0, max_value=24 * 60, initial=0, label="Complete after (hours)",
        help_text="How long after its end a period may still change.",
    )  # fmt: skip
    restate_days = forms.IntegerField(
        min_value=0, max_value=400, initial=14, label="Ask again for the last (days)",
        help_text="Each pull asks for these days once more, because sources correct themselves.",
    )  # fmt: skip
    min_den = forms.IntegerField(
        min_value=0, max_value=1_000_000, initial=30, label="Fewest events a week",
        help_text="Under this a share is drawn hollow and counts with its neighbours.",
    )  # fmt: skip

    def __init__(
        self, data: Any = None, *, source: Source, metric: Metric | None = None, suggestion: str = ""
    ) -> None:
        self.source, self.metric = source, metric
        self.cls = connector_class(source.kind)
        self.suggestion = None if metric else _suggested(self.cls, suggestion)
        begun = metric or self.suggestion
        super().__init__(data, initial=_begun(begun))
        self.query: dict[str, Any] = {}
        self.fields["restate_days"].help_text = (
            f"Each pull asks for these days once more, because sources correct themselves. Usual for "
            f"{self.cls.label}: {self.cls.restate_days}."
        )
        if metric is None:
            self.fields["restate_days"].initial = self.cls.restate_days
        self.fields["min_den"].when = "kind=ratio"  # type: ignore[attr-defined]
        self.fields |= connector_fields.inputs(
            self.cls.query_fields, prefix=QUERY, values=begun.query if begun else {}
        )
        if not self.cls.pulls:
            for name in ("history_from", "restate_days"):
                self.fields[name].widget = forms.HiddenInput()

    def clean_history_from(self) -> date | None:
        day: date | None = self.cleaned_data["history_from"]
        if day and not date(1990, 1, 1) <= day <= clock.now().date() + timedelta(days=1):
            raise forms.ValidationError("Choose a day between 1990 and today.")
        return day

    def clean(self) -> dict[str, Any]:
        connector_fields.note_faults(self, self.cls.query_fields, prefix=QUERY)
        if not any(name.startswith(QUERY) for name in self.errors):
            try:
                typed = connector_fields.typed(self.cleaned_data, self.cls.query_fields, prefix=QUERY)
                self.query = self.cls.clean_query(typed)
                self._need_parts()
            except ConnectorError as error:
                connector_fields.note_fault(self, error, prefix=QUERY)
        return self.cleaned_data

    def _need_parts(self) -> None:
        """Inputs that are there for this kind of metric only, such as the denominator of a share."""
        for field in self.cls.query_fields:
            of_kind = field.when[:1] == ("kind",) and self.cleaned_data.get("kind") in field.when[1:]
            if of_kind and field.required and not self.query.get(field.name):
                self.add_error(QUERY + field.name, f"{field.label} is required for this kind of number.")

    @property
    def wanted(self) -> Definition:
        """What was said, clean. Only of a valid form."""
        names = [field for field in Definition.__dataclass_fields__ if field != "query"]
        return Definition(**{name: self.cleaned_data[name] for name in names}, query=self.query)

    @property
    def question(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(QUERY)]

    @property
    def meaning(self) -> list[BoundField]:
        return [self[name] for name in ("kind", "grain", "direction", "role")]

    @property
    def fine_print(self) -> list[BoundField]:
        names = ("missing", "latency_hours", "restate_days", "min_den", "history_from")
        return [self[name] for name in names if not self.fields[name].widget.is_hidden]

    @property
    def unseen(self) -> list[BoundField]:
        return self.hidden_fields()
