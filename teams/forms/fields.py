"""Form fields that take values in the unit in which a metric is shown, and give what is stored."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from metrics import formatting
from metrics.connectors import numbers
from metrics.models import ChartDocument, Metric
from teams import betting

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


#: Not printable by themselves, and yet part of names: what joins words, emoji and letters.
_JOINERS = "\u00a0\u200c\u200d"


def printable(name: str) -> None:
    """A validator of names, which go into headings and calendars: no line feeds, no hidden signs."""
    if not all(sign.isprintable() or sign in _JOINERS for sign in name):
        raise forms.ValidationError("Use letters, digits and signs that can be printed, on one line.")


class ValueField(forms.CharField):
    """A number as people type it: "34", "34%", "£1200". Strict: NaN, 1_000 and 12,5 are refused."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        super().__init__(max_length=40, **options)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: Any) -> Decimal | None:
        text = str(super().clean(value) or "").strip().strip("%£€$¥").strip()
        if not text:
            return None
        try:
            return numbers.parse(text, label=self.label or "Value")
        except numbers.NumberError as error:
            raise forms.ValidationError(str(error)) from error


class DayField(forms.DateField):
    """A date of the calendar that the browser's picker sends."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        wrong = {"invalid": "This is not a date. Write it like 2026-11-23."}
        wrong |= options.pop("error_messages", {})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], error_messages=wrong, **options)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError("Check the year of this date.")
        return day


class MetricField(forms.ModelChoiceField):
    """A metric; each option says where it stands now. `standing` maps metric id to words."""

    standing: dict[int, str] = {}

    def label_from_instance(self, obj: Any) -> str:
        words = self.standing.get(obj.pk, "")
        return f"{obj.name} · {words}" if words else obj.name


def standing() -> dict[int, str]:
    """Where every metric stands, as its chart says: "32.0%, week to Sun 15 Nov"; one query."""
    documents = ChartDocument.objects.filter(key__startswith="metric:")
    rows = documents.values_list("key", "facts__value", "facts__period")
    return {int(key.partition(":")[2]): f"{value}, {period}" for key, value, period in rows if value}


def stored(value: Decimal | None, metric: Metric) -> Decimal | None:
    """The typed value as it is kept: 34 of a share in percent is 0.34."""
    if value is None:
        return None
    return betting.kept(value / formatting.shown_scale(metric.unit, metric.kind))


def unit_of(metric: Metric | None) -> str:
    """What stands inside the control, at the right."""
    if metric is None:
        return ""
    return "%" if formatting.is_percent(metric.unit, metric.kind) else metric.unit
