"""What a bet is to do beyond its own metric: suggested at commitment, put to the test at retirement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from metrics.models import Company, Driver, Metric, NorthStar, NorthStarVersion
from northstar.lib import periods
from northstar.lib.periods import WEEK
from teams.models import Effect, Omtm
from teams.verdict_words import of_premise

DRIVER, NORTH_STAR = "driver", "north_star"
#: Where nobody said how long it takes: two months beside the window itself.
USUAL_WEEKS = 8
#: A metric of which people found out that it does not measure the bet proves nothing about it.
INVALID = "metric_invalid"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the metric tree says that reaching a target does to the North Star; `effect` in its unit."""

    effect: Decimal
    weeks: int
    evidence: str


def suggestion(
    metric: Metric, driver: Driver | None, *, baseline: Decimal | None, target: Decimal | None
) -> Suggestion | None:
    """The driver's sensitivity times the journey (domain 6.9), where the metric is the driver's own; else
    None.

    An estimate from the model, to be changed by whoever knows better.
    """
    if driver is None or driver.metric_id != metric.pk or driver.sensitivity is None:
        return None
    if baseline is None or target is None:
        return None
    effect = driver.sensitivity * (target - baseline)
    weeks = driver.expected_lag_weeks or USUAL_WEEKS
    return Suggestion(effect.quantize(Decimal(1)) if abs(effect) >= 1 else effect, weeks, driver.evidence)


def expect(omtm: Omtm, company: Company) -> list[Effect]:
    """Note for a bet that was just retired what is to be judged, and from which day on; once for each thing.

    A bet that did not come closer to its target at all put nothing to the test: that is said at once.
    """
    made = []
    premise, ended = _premise(omtm), _ended(omtm, company)
    for on, metric, promised, due, more in _expected(omtm, ended):
        share = min(max(omtm.attainment or 0.0, 0.0), 1.0)
        detail = _shown(metric) | {"promised": promised, "share": share, "premise": premise} | more
        judged: dict[str, Any] = {}
        if premise:
            judged = {"verdict": "cannot_tell", "words": of_premise(premise), "judged_at": omtm.retired_at}
        predicted = None if promised is None else promised * share
        fields = {"due_on": due, "predicted": predicted, "detail": detail, **judged}
        made.append(Effect.objects.get_or_create(omtm=omtm, on=on, defaults=fields)[0])
    return made


def _expected(omtm: Omtm, ended: date) -> list[tuple[str, Metric, float | None, date, dict[str, Any]]]:
    """(what, its metric, the change that was promised, the day that counts, what else is to be kept)."""
    driver, version = omtm.driver, omtm.north_star_version or _star_on(omtm.start)
    weeks = USUAL_WEEKS if omtm.effect_weeks is None else omtm.effect_weeks
    due = ended + weeks * WEEK
    found: list[tuple[str, Metric, float | None, date, dict[str, Any]]] = []
    measured = driver is not None and driver.metric is not None and driver.metric_id != omtm.metric_id
    if driver is not None and driver.metric is not None and measured and driver.metric.direction != "range":
        earlier = max(ended, due - driver.expected_lag_weeks * WEEK)
        more = {"sign": _sign(driver), "driver": driver.name}
        found.append((DRIVER, driver.metric, _of_driver(omtm, driver), earlier, more))
    if omtm.expected_effect is not None and omtm.expected_effect != 0 and version is not None:
        promised = float(omtm.expected_effect)
        more = {"sign": 1 if promised > 0 else -1, "north_star": version.north_star_id}
        found.append((NORTH_STAR, version.metric, promised, due, more))
    return found


def _of_driver(omtm: Omtm, driver: Driver) -> float | None:
    """By how much the driver has to move for the North Star to move as promised; None where nobody said."""
    if not driver.sensitivity or omtm.expected_effect is None:
        return None
    return float(omtm.expected_effect / driver.sensitivity)


def _sign(driver: Driver) -> int:
    """The direction of the driver that is good for the North Star."""
    if driver.sensitivity:
        return 1 if driver.sensitivity > 0 else -1
    lower = driver.edge == "outflow" or (driver.metric is not None and driver.metric.lower_is_better)
    return -1 if lower else 1


def _star_on(day: date) -> NorthStarVersion | None:
    star = NorthStar.current()
    if star is None:
        return None
    versions = star.versions.select_related("metric").order_by("effective_from", "version_no")
    return versions.filter(effective_from__lte=day).last() or versions.first()


def _premise(omtm: Omtm) -> str:
    """Why the prediction was not put to the test; "" where it was."""
    if omtm.stop_reason == INVALID or omtm.outcome == "not_measurable" or omtm.attainment is None:
        return "not_measurable"
    return "not_reached" if omtm.attainment <= 0 else ""


def _ended(omtm: Omtm, company: Company) -> date:
    """The last day on which somebody worked on it."""
    if omtm.retired_at is None:
        return omtm.end
    return min(omtm.end, periods.local_day(omtm.retired_at, company.zone))


def _shown(metric: Metric) -> dict[str, Any]:
    """What is needed to tell it once the metric is gone."""
    return {
        "metric": metric.pk,
        "name": metric.name,
        "unit": metric.unit,
        "decimals": metric.decimals,
        "kind": metric.kind,
    }
