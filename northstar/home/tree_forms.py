"""The form of one driver in the metric tree; whose it is stands on the teams' side."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from metrics import formatting, tree
from metrics.branching import LONGEST_LAG, Branch
from metrics.connectors import numbers
from metrics.forms.north_star import plain
from metrics.models import Driver, Metric, NorthStar
from metrics.models.driver import EDGES, EVIDENCE
from teams.models import Team

INDENT = "\N{EM SPACE}"
LARGEST_ID = 2**63 - 1


def number_of(text: str) -> int | None:
    """The id of a row as a browser sends it; None for all that is none, or that no database can look for."""
    plain_digits = text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if plain_digits and int(text) <= LARGEST_ID else None


class TeamsField(forms.ModelMultipleChoiceField):
    """Teams to tick; an id of another world is refused like one that is not on the list."""

    def clean(self, value: Any) -> Any:
        for each in value or ():
            if number_of(str(each)) is None:
                raise forms.ValidationError("Choose teams that are on the list.")
        return super().clean(value)


class DriverForm(forms.Form):
    """One driver; errors of the verb land on the field of the same name."""

    name = forms.CharField(
        label="Name",
        max_length=120,
        required=False,
        help_text="What teams call it. Left empty it has the name of its metric.",
    )
    metric = forms.ModelChoiceField(
        Metric.objects.none(), label="Metric", required=False, empty_label="Not measured yet"
    )
    parent = forms.ModelChoiceField(Driver.objects.none(), label="Hangs from", required=False)
    edge = forms.ChoiceField(
        label="How it moves what it hangs from",
        choices=list(EDGES.items()),
        initial="influences",
        widget=forms.RadioSelect,
        help_text="Factors, parts and flows are formulas: arithmetic checks them. All else is a belief.",
    )
    evidence = forms.ChoiceField(label="How we know", choices=list(EVIDENCE.items()), initial="assumed")
    lag_weeks = forms.IntegerField(
        label="Delay",
        min_value=0,
        max_value=LONGEST_LAG,
        initial=0,
        help_text="How long until a change arrives.",
    )
    sensitivity = forms.CharField(label="Effect on the North Star", max_length=40, required=False)
    teams = TeamsField(
        Team.objects.none(),
        label="Owned by",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The teams that can move it.",
    )

    def __init__(
        self,
        *args: Any,
        star: NorthStar,
        star_metric: Metric,
        standing: Sequence[Driver],
        driver: Driver | None = None,
        **kwargs: Any,
    ) -> None:
        if driver is not None:
            kwargs["initial"] = _answers(driver, star_metric)
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        self.star_metric = star_metric
        fields["metric"].queryset = Metric.objects.listed()
        fields["metric"].stored = False
        fields["parent"].queryset = star.drivers.all()
        # Nothing chosen is the North Star itself: an answer like the others.
        fields["parent"].chosen = True
        rows = [
            (each.pk, INDENT * level + each.name) for level, each in tree.walk(standing) if each != driver
        ]
        fields["parent"].widget.choices = [("", star.name), *rows]
        fields["teams"].queryset = Team.objects.listed()
        fields["lag_weeks"].unit = "weeks"
        fields["edge"].segmented = False
        unit = _unit(star_metric)
        fields["sensitivity"].unit = unit
        fields["sensitivity"].widget.attrs["inputmode"] = "decimal"
        fields[
            "sensitivity"
        ].help_text = (
            f"How many {unit or 'units'} one more unit of the metric brings; of a share, one more point."
        )

    def branch(self) -> Branch:
        """The valid answers as a driver to be."""
        asked = {key: value for key, value in self.cleaned_data.items() if key != "teams"}
        return Branch(**asked)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = str(data.get("sensitivity") or "").strip()
        data["sensitivity"] = None
        if typed:
            try:
                shown = numbers.parse(typed, label="The effect")
            except numbers.NumberError as error:
                self.add_error("sensitivity", str(error))
            else:
                metric = data.get("metric")
                data["sensitivity"] = shown * _scale(metric) / _scale(self.star_metric)
        return data


def _answers(driver: Driver, star_metric: Metric) -> dict[str, Any]:
    effect = driver.sensitivity
    shown = None if effect is None else effect * _scale(star_metric) / _scale(driver.metric)
    return {
        "name": driver.name,
        "metric": driver.metric_id,
        "parent": driver.parent_id,
        "edge": driver.edge,
        "evidence": driver.evidence,
        "lag_weeks": driver.expected_lag_weeks,
        "sensitivity": "" if shown is None else plain(shown),
        "teams": list(driver.teams.values_list("pk", flat=True)),
    }


def _scale(metric: Metric | None) -> Decimal:
    return Decimal(1 if metric is None else formatting.shown_scale(metric.unit, metric.kind))


def _unit(metric: Metric) -> str:
    return "%" if formatting.is_percent(metric.unit, metric.kind) else metric.unit
