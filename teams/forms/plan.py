"""The part of the new focus that most people leave alone: how the way there is planned and what counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from metrics.models import Metric
from teams.betting import Plan
from teams.forms.fields import DayField, ValueField, stored
from teams.models.omtm import OUTCOME_RULES, PACE_SHAPES

MILESTONES = 3
#: Answers that an edit of the plan alone can make wrong.
PLAN_FIELDS = ("rule", "shape", "lag_days", "milestones")


class PlanFields(forms.Form):
    """Fields for a Plan; left alone they give the usual one."""

    rule = forms.ChoiceField(
        label="What counts in the end", choices=list(OUTCOME_RULES.items()), required=False, initial="mean"
    )
    shape = forms.ChoiceField(
        label="The plan on the way", choices=list(PACE_SHAPES.items()), required=False, initial="hold"
    )
    lag_days = forms.IntegerField(
        label="Days until it begins to move",
        required=False,
        min_value=1,
        max_value=184,
        help_text="Only for a plan in which nothing happens at first.",
        error_messages={"invalid": "Type a whole number of days, like 21."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        # One of their answers always holds: "optional" would say that they may stay without.
        fields["rule"].chosen = fields["shape"].chosen = True

    def add_milestones(self) -> None:
        """A day and a value for each milestone; fields of a loop cannot stand in the class."""
        for number in range(1, MILESTONES + 1):
            self.fields[f"milestone_{number}_day"] = DayField(label=f"Milestone {number}", required=False)
            self.fields[f"milestone_{number}_value"] = ValueField(label=f"Value of milestone {number}")

    @property
    def plan_open(self) -> bool:
        """Whether somebody changed the plan, or typed it wrongly."""
        changed = [self[name].value() not in ("", None, self[name].initial) for name in ("rule", "shape")]
        wrong = [name for name in self.errors if name in PLAN_FIELDS or name.startswith("milestone_")]
        return any(changed) or bool(wrong)

    def milestone_rows(self) -> list[tuple[Any, Any]]:
        """(day, value) as bound fields, a row each."""
        numbers = range(1, MILESTONES + 1)
        return [(self[f"milestone_{n}_day"], self[f"milestone_{n}_value"]) for n in numbers]

    def plan(self, given: dict[str, Any], metric: Metric) -> Plan:
        """The plan as typed; a milestone with only one half is an error on the other one."""
        steps: list[tuple[date, Decimal]] = []
        for number in range(1, MILESTONES + 1):
            names = f"milestone_{number}_day", f"milestone_{number}_value"
            day, value = (given.get(name) for name in names)
            if any(name in self.errors for name in names):
                continue
            if day is None and value is not None:
                self.add_error(names[0], "Choose the day of this milestone.")
            elif day is not None and value is None:
                self.add_error(names[1], "Type the value of this milestone.")
            elif day is not None and value is not None:
                steps.append((day, stored(value, metric) or Decimal(0)))
        shape = given.get("shape") or ("linear" if given.get("rule") == "total" else "hold")
        return Plan(
            rule=given.get("rule") or "mean",
            shape=shape,
            lag_days=(given.get("lag_days") or 0) if shape == "delayed" else 0,
            milestones=tuple(steps) if shape == "milestones" else (),
        )
