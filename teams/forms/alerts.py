"""The sentence of an alert as a form: words with a choice or a number between them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet

from metrics import formatting, series
from metrics.models import Metric
from teams import betting
from teams.alerts import conditions
from teams.alerts.keeping import Wish
from teams.forms.fields import ValueField, unit_of
from teams.models import Channel, Omtm

LARGEST_CHANGE = Decimal(1000)
NO_LIMIT = "Type the limit."


class AlertForm(forms.Form):
    """What an alert of one metric says; `omtm` is the focus that may be watched with it."""

    channel = forms.ModelChoiceField(
        label="Who is told", queryset=Channel.objects.none(), required=False, empty_label="me"
    )
    condition = forms.ChoiceField(label="What happens")
    limit = ValueField(label="Limit")
    state = forms.ChoiceField(
        label="State", choices=list(conditions.STATES.items()), required=False, initial="off_track"
    )
    periods = forms.TypedChoiceField(label="For how long", coerce=int)
    every_days = forms.TypedChoiceField(
        label="How often",
        coerce=int,
        choices=[(n, words if n == 1 else f"at most {words}") for n, words in conditions.EVERY.items()],
    )

    def __init__(
        self,
        data: Any = None,
        *,
        metric: Metric,
        omtm: Omtm | None,
        chats: QuerySet[Channel],
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.metric, self.omtm = metric, omtm
        grain = series.grain_of(metric)
        self.fields["channel"].queryset = chats.select_related("team")  # type: ignore[attr-defined]
        self.fields["channel"].label_from_instance = lambda chat: f"me and {chat}"  # type: ignore[attr-defined]
        self.fields["condition"].choices = _offered(metric, omtm)  # type: ignore[attr-defined]
        counts = [(n, conditions.count_periods(n, metric)) for n in conditions.PERIODS]
        self.fields["periods"].choices = counts  # type: ignore[attr-defined]
        self.unit = unit_of(metric)
        self.change_unit = "pp" if conditions.in_points(metric) else "%"
        self.grain = grain

    @property
    def words(self) -> list[tuple[str, Any]]:
        """The sentence as (words before, bound field)."""
        return [
            ("Tell", self["channel"]),
            (f"when {self.omtm or self.metric}", self["condition"]),
            ("", self["limit"]),
            ("", self["state"]),
            ("", self["periods"]),
            (",", self["every_days"]),
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        condition, limit = given.get("condition"), given.get("limit")
        if condition is not None and condition not in conditions.WITH_LIMIT:
            # Left over from another condition, and not seen any more.
            self.errors.pop("limit", None)
            given["limit"] = None
        if condition in conditions.WITH_LIMIT and "limit" not in self.errors:
            if limit is None:
                self.add_error("limit", NO_LIMIT)
            else:
                given["limit"] = self._stored(condition, limit)
        if condition == conditions.STATE_BECOMES and not given.get("state") and "state" not in self.errors:
            self.add_error("state", "Choose a state.")
        return given

    def wish(self) -> Wish:
        """What a valid form says."""
        given = self.cleaned_data
        return Wish(
            metric=self.metric,
            omtm=self.omtm,
            condition=given["condition"],
            limit=given.get("limit"),
            state=given.get("state") or "",
            periods=given["periods"],
            every_days=given["every_days"],
            channel=given.get("channel"),
        )

    def _stored(self, condition: str, limit: Decimal) -> Decimal | None:
        """As it is kept: a share as a fraction, a change of 10% as 0.1, of 2 pp in the unit of the metric."""
        metric = self.metric
        scale = Decimal(formatting.shown_scale(metric.unit, metric.kind))
        if condition == conditions.CHANGES_BY:
            if not 0 < limit <= LARGEST_CHANGE:
                self.add_error("limit", "Type a change above 0 and up to 1,000.")
                return None
            return betting.kept(limit / (scale if conditions.in_points(metric) else 100))
        return betting.kept(limit / scale)


def _offered(metric: Metric, omtm: Omtm | None) -> list[tuple[str, str]]:
    """The conditions that this metric can have, nearest first."""
    rows = []
    if omtm is not None and omtm.target is not None:
        rows.append((conditions.BELOW_PACE, conditions.pace_words(omtm)))
    if omtm is not None:
        rows.append((conditions.STATE_BECOMES, "is"))
    return [
        *rows,
        (conditions.BELOW, "is below"),
        (conditions.ABOVE, "is above"),
        (conditions.CHANGES_BY, "changes by more than"),
        (conditions.OUTSIDE_RANGE, "is outside its usual range"),
        (conditions.NO_DATA, "has no value"),
    ]
