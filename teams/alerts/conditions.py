"""What an alert may watch for: the words of its sentence, and what it has to be told."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from metrics import formatting, series, telling
from metrics.models import Metric
from teams.models import Alert, Omtm

BELOW_PACE, ABOVE, BELOW = "below_pace", "above", "below"
CHANGES_BY, OUTSIDE_RANGE, STATE_BECOMES, NO_DATA = "changes_by", "outside_range", "state_becomes", "no_data"
#: Conditions of a bet, not of its metric alone.
OF_BETS = (BELOW_PACE, STATE_BECOMES)
WITH_LIMIT = (ABOVE, BELOW, CHANGES_BY)
STATES = {"off_track": "off track", "at_risk": "at risk", "on_track": "on track"}
PERIODS = (1, 2, 3, 4, 6, 8, 12)
EVERY = {1: "each time it begins", 7: "once a week", 14: "once in two weeks", 30: "once a month",
         90: "once a quarter"}  # fmt: skip
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
          "twelve")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """The parts of an alert's sentence, in their order."""

    whom: str
    what: str
    happens: str
    lasting: str
    often: str

    @property
    def sentence(self) -> str:
        """ "Tell me and #growth when Activation rate falls below pace for 2 complete weeks, at most …"."""
        return f"Tell {self.whom} when {self.what} {self.happens} {self.lasting}, {self.often}."


def words_of(alert: Alert) -> Words:
    """The sentence of an alert; its metric, focus and chat are loaded."""
    every = EVERY.get(alert.every_days, f"once in {alert.every_days} days")
    return Words(
        whom=f"me and {alert.channel}" if alert.channel else "me",
        what=str(alert.omtm or alert.metric),
        happens=happens(alert),
        lasting=count_periods(alert.periods, alert.metric),
        often=every if alert.every_days == 1 else f"at most {every}",
    )


def happens(alert: Alert) -> str:
    """ "falls below pace", "rises above 30.0%", "is now off track"."""
    if alert.condition == BELOW_PACE:
        return pace_words(alert.omtm)
    if alert.condition == ABOVE:
        return f"is above {limit_words(alert)}"
    if alert.condition == BELOW:
        return f"is below {limit_words(alert)}"
    if alert.condition == CHANGES_BY:
        return f"changes by more than {limit_words(alert)}"
    if alert.condition == STATE_BECOMES:
        return f"is {STATES.get(alert.state, alert.state)}"
    return "is outside its usual range" if alert.condition == OUTSIDE_RANGE else "has no value"


def pace_words(omtm: Omtm | None) -> str:
    """Where less is better, being behind means being above the plan."""
    return "rises above pace" if omtm is not None and falls(omtm) else "falls below pace"


def falls(omtm: Omtm) -> bool:
    """Whether the bet wants less, as its plan says (judging.terms_of)."""
    if omtm.outcome_rule == "total" and omtm.direction in ("up", "down"):
        return omtm.direction == "down"
    return omtm.target is not None and omtm.target < (omtm.baseline or 0)


def limit_words(alert: Alert) -> str:
    """The limit as people read it: "30%", of a change "10%" or "2 pp"; no more digits than it has."""
    metric, limit = alert.metric, Decimal(alert.limit or 0)
    if alert.condition == CHANGES_BY and not in_points(metric):
        return formatting.show_share(limit, decimals=_digits(limit * 100))
    scale = formatting.shown_scale(metric.unit, metric.kind)
    shown = {"unit": metric.unit, "decimals": _digits(limit * scale), "kind": metric.kind}
    if alert.condition == CHANGES_BY:
        return formatting.show_change(limit, **shown).lstrip("+")
    return formatting.show(limit, **shown)


def typed_limit(alert: Alert) -> str:
    """The limit as somebody would type it again: "30" of 30%, "2" of 2 pp."""
    metric, limit = alert.metric, Decimal(alert.limit or 0)
    scale = 100 if alert.condition == CHANGES_BY and not in_points(metric) else 1
    if scale == 1:
        scale = formatting.shown_scale(metric.unit, metric.kind)
    return f"{(limit * scale).normalize():f}"


def in_points(metric: Metric) -> bool:
    """Whether changes are in percentage points: percent of percent is never shown."""
    return formatting.is_percent(metric.unit, metric.kind)


def count_periods(count: int, metric: Metric) -> str:
    """ "in one complete week", "for 2 complete months"."""
    grain = series.grain_of(metric)
    return f"in one complete {grain}" if count == 1 else f"for {count} complete {grain}s"


def spelled(count: int, grain: str) -> str:
    """ "two weeks": a number that hides nothing."""
    return f"{_SMALL[count] if count < len(_SMALL) else count} {grain}" + ("s" if count != 1 else "")


def show(value: float | None, metric: Metric) -> str:
    """A value of the metric with its unit."""
    return telling.show(value, metric)


def _digits(shown: Decimal) -> int:
    return min(6, max(0, -int(shown.normalize().as_tuple().exponent)))
