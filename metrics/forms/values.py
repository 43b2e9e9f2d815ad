"""Forms for values: typed, as a file, or asked for again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms

from metrics import uploading
from metrics.connectors import numbers
from metrics.connectors.csv_text import CsvError
from metrics.formatting import is_percent
from metrics.models import Metric
from northstar.lib import periods

LARGEST_FILE = 10 * 1024 * 1024
ACCEPTED = ".csv,.xlsx,text/csv,text/plain,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Number(forms.CharField):
    """Text that must be an exact number; the sentence says what is wrong with it."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return numbers.parse(text, label=str(self.label))
        except numbers.NumberError as error:
            raise forms.ValidationError(str(error)) from None


def _number(label: str, help_text: str = "") -> Number:
    return Number(
        label=label,
        help_text=help_text,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


class ValueForm(forms.Form):
    """One period and its number, or its two numbers."""

    day = forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, data: Any = None, *, metric: Metric, today: date) -> None:
        super().__init__(data)
        self.metric = metric
        word = {"day": "Day", "week": "Week", "month": "Month"}[metric.grain]
        self.fields["day"].label = word
        if metric.grain != "day":
            self.fields["day"].help_text = f"Any day of the {metric.grain}."
        last = periods.next_start(periods.period_start(today, metric.grain), metric.grain, -1)
        self.fields["day"].initial = last
        self.fields["day"].widget.attrs["max"] = today.isoformat()
        if metric.kind == "ratio":
            self.fields["numerator"] = _number("Numerator", "How many did it.")
            self.fields["denominator"] = _number("Denominator", "Of how many.")
        elif metric.kind == "average":
            self.fields["value"] = _number("Value")
            self.fields["denominator"] = _number("Weight", "How many cases stand behind it.")
        else:
            unit = "a fraction: 0.25 is 25%" if is_percent(metric.unit, metric.kind) else metric.unit
            self.fields["value"] = _number("Value", unit)
        correction = metric.source.kind != "hand"
        self.fields["reason"] = forms.CharField(
            max_length=200,
            required=correction,
            label="Why" if correction else "Remark",
            help_text="The source says otherwise; your value stays until somebody takes it back."
            if correction
            else "",
        )

    @property
    def typed(self) -> dict[str, Decimal | None]:
        """value, numerator and denominator as far as the kind of metric has them."""
        return {name: self.cleaned_data.get(name) for name in ("value", "numerator", "denominator")}


class FileForm(forms.Form):
    """A CSV or Excel file; once valid, `content` has its bytes, `sheets` its sheets if several."""

    file = forms.FileField(label="File", widget=forms.FileInput(attrs={"accept": ACCEPTED}))
    sheet = forms.CharField(
        max_length=60, required=False, widget=forms.Select, help_text="The workbook has several."
    )
    encoding = forms.ChoiceField(
        choices=(("utf-8", "UTF-8 (usual)"), ("latin-1", "Latin-1 (older Excel)")),
        label="Written in",
        required=False,
        help_text="For CSV only.",
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.content, self.sheets = b"", ()  # type: ignore[var-annotated]
        self.fields["encoding"].chosen = True  # type: ignore[attr-defined]
        self.fields["sheet"].chosen = True  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError("The file is larger than 10 MB. Split it, or connect its source.")
        self.content = file.read()
        try:
            names = uploading.sheets(self.content)
        except CsvError as error:
            raise forms.ValidationError(str(error)) from None
        if len(names) > 1:
            self.sheets = names
            choices = [("", "Choose a sheet"), *((name, name) for name in names)]
            self.fields["sheet"].widget.choices = choices  # type: ignore[attr-defined]
        return file

    def clean(self) -> dict[str, Any]:
        if self.sheets and self.cleaned_data.get("sheet") not in self.sheets:
            self.add_error("sheet", f"The workbook has {len(self.sheets)} sheets. Choose one.")
        if not self.sheets:
            self.cleaned_data["sheet"] = ""
        return self.cleaned_data


class BackfillForm(forms.Form):
    """The days to ask a source for again."""

    first = forms.DateField(label="From", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    last = forms.DateField(
        label="To, inclusive", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data)
        self.today = today
        self.fields["first"].initial, self.fields["last"].initial = today - timedelta(days=90), today

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and first < date(1990, 1, 1):
            self.add_error("first", "Days before 1990 are not kept. Check the year.")
        if last and last > self.today:
            self.add_error("last", "That day has not come yet. The last day can be today.")
        if first and last and first > last:
            self.add_error("last", "The last day is before the first. Swap them.")
        if first and last and (last - first).days > 20 * 366:
            self.add_error("first", "At most 20 years at once. Choose a later day.")
        return self.cleaned_data
