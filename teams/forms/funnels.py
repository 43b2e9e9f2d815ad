"""Forms of funnels, their steps, counts and benchmarks; errors of a verb land on the field of its name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from metrics.connectors import numbers
from metrics.models import Benchmark, Funnel, Metric, NorthStar, Stage
from metrics.models.funnel import AARRR, BENCHMARK_KINDS, MODES, STAGE_KINDS
from metrics.simulating import shown
from metrics.staging import HORIZONS, LONGEST_LAG, LONGEST_MATURITY, READ, Plan, Way
from teams.forms.fields import ValueField
from teams.models import Team

LARGEST_ID = 2**63 - 1
RESPONSES = {
    "stock": "It is a stock: customers stay and lapse, such as active teams",
    "flow": "It is a flow: it begins anew each week, such as orders",
}


class Listed(forms.ModelMultipleChoiceField):
    """Teams to tick; what is no id of any database is refused like one that is not on the list."""

    def clean(self, value: Any) -> Any:
        for each in value or ():
            text = str(each)
            if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST_ID):
                raise forms.ValidationError("Choose teams that are on the list.")
        return super().clean(value)


class FunnelForm(forms.Form):
    """What a funnel is of, and how it moves the North Star."""

    name = forms.CharField(label="Name", max_length=80, help_text="Such as Customers, or a business unit.")
    north_star = forms.ModelChoiceField(
        NorthStar.objects.none(), label="North Star", required=False, empty_label="None: rates only"
    )
    response = forms.ChoiceField(
        label="What the North Star counts", choices=list(RESPONSES.items()), initial="stock",
        widget=forms.RadioSelect,
    )  # fmt: skip
    units_each = ValueField(
        label="Each new customer brings",
        help_text="In units of the North Star, on average. Only for a stock.",
    )
    mode = forms.ChoiceField(
        label="How steps are counted", choices=list(MODES.items()), initial="cohort",
        widget=forms.RadioSelect,
        help_text="Cohorts are slower and right. Periods are quick, and wrong while traffic changes.",
    )  # fmt: skip
    weeks_read = forms.IntegerField(
        label="Weeks that are read", min_value=READ[0], max_value=READ[1], initial=13
    )
    horizon_weeks = forms.IntegerField(
        label="Looks ahead", min_value=HORIZONS[0], max_value=HORIZONS[1], initial=17
    )

    def __init__(self, *args: Any, funnel: Funnel | None = None, **options: Any) -> None:
        if funnel is not None:
            options["initial"] = {name: getattr(funnel, name) for name in Way.__dataclass_fields__}
            if funnel.units_each is not None:
                options["initial"]["units_each"] = f"{funnel.units_each.normalize():f}"
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["north_star"].queryset = NorthStar.objects.filter(state="active").order_by("scope", "name")
        fields["north_star"].chosen = True
        fields["response"].segmented = fields["mode"].segmented = False
        fields["weeks_read"].unit = fields["horizon_weeks"].unit = "weeks"
        if funnel is None:
            fields["north_star"].initial = NorthStar.current()

    def way(self) -> Way:
        """The valid answers as a funnel to be."""
        return Way(**self.cleaned_data)


class StepForm(forms.Form):
    """One step of a funnel, and whose it is."""

    aarrr = forms.ChoiceField(label="Stage", choices=list(AARRR.items()))
    name = forms.CharField(label="Name", max_length=80, help_text="Such as: trial to active in 7 days.")
    definition = forms.CharField(
        label="Definition", max_length=300, required=False, help_text="Who counts, and as what."
    )
    kind = forms.ChoiceField(
        label="Kind", choices=list(STAGE_KINDS.items()), initial="chain", widget=forms.RadioSelect
    )
    entered_name = forms.CharField(label="Who enters", max_length=60, required=False, help_text="Trials.")
    converted_name = forms.CharField(
        label="Who goes on", max_length=60, required=False, help_text="Activated trials."
    )
    metric = forms.ModelChoiceField(
        Metric.objects.none(), label="Metric", required=False, empty_label="None: counts are typed",
        help_text="A share: its denominator entered, its numerator went on.",
    )  # fmt: skip
    maturity_days = forms.IntegerField(
        label="Time that people are given", min_value=0, max_value=LONGEST_MATURITY, initial=0,
        help_text="Cohorts are counted after it.",
    )  # fmt: skip
    lag_weeks = forms.IntegerField(
        label="Shows in the North Star after", min_value=0, max_value=LONGEST_LAG, initial=0,
        help_text="From this step to the North Star.",
    )  # fmt: skip
    target = ValueField(label="Target", help_text="What you aim for, apart from the benchmark.")
    teams = Listed(Team.objects.none(), label="Owned by", required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, stage: Stage | None = None, **options: Any) -> None:
        if stage is not None:
            options["initial"] = {name: getattr(stage, name) for name in Plan.__dataclass_fields__}
            options["initial"]["target"] = _typed(stage.target, stage.kind)
            options["initial"]["teams"] = list(stage.teams.values_list("pk", flat=True))
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["kind"].segmented = False
        fields["metric"].queryset = Metric.objects.listed().filter(kind="ratio")
        fields["metric"].chosen = True
        fields["maturity_days"].unit, fields["lag_weeks"].unit = "days", "weeks"
        fields["target"].unit = "" if stage is not None and stage.kind == "loop" else "%"
        fields["teams"].queryset = Team.objects.listed()

    def plan(self) -> Plan:
        """The valid answers as a step to be."""
        asked = {key: value for key, value in self.cleaned_data.items() if key != "teams"}
        return Plan(**asked | {"target": _stored(asked["target"], asked["kind"])})


class CountsForm(forms.Form):
    """Cohorts as lines of text."""

    lines = forms.CharField(
        label="Counts",
        max_length=60_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "sql"}),
        help_text="A line for each week or month: date, who entered, who went on, median days if known. "
        "2026-11-16 is its week, 2026-11 the month.",
    )


class BenchmarkForm(forms.Form):
    """What a step could be, and where that comes from."""

    value = ValueField(label="Benchmark", required=True)
    kind = forms.ChoiceField(
        label="How we know", choices=list(BENCHMARK_KINDS.items()), widget=forms.RadioSelect, initial="peers"
    )
    source = forms.CharField(label="Source", max_length=300, help_text="Others will want to look it up.")

    def __init__(self, *args: Any, stage: Stage, standing: Benchmark | None = None, **options: Any) -> None:
        if standing is not None:
            options["initial"] = {"kind": standing.kind, "source": standing.source}
            options["initial"]["value"] = _typed(standing.value, stage.kind)
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["kind"].segmented = False
        fields["value"].unit = "" if stage.kind == "loop" else "%"
        self.stage = stage

    def benchmark(self) -> Decimal:
        """The valid benchmark as it is stored."""
        found = _stored(self.cleaned_data["value"], self.stage.kind)
        assert found is not None
        return found


def _typed(value: Decimal | None, kind: str) -> str:
    return "" if value is None else shown(float(value), kind)


def _stored(value: Decimal | None, kind: str) -> Decimal | None:
    if value is None or kind == "loop":
        return value
    return numbers.parse(value / 100, label="The share")
