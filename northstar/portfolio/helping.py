"""Where help counts most: what each running bet is foreseen to reach, and what its target would bring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from metrics import formatting
from metrics.charts import scatter
from metrics.charts.scatter import Bubble, Drawn, Scatter
from metrics.models import Driver, Metric, NorthStarVersion
from northstar.home.outline import EVIDENCE_WORDS
from northstar.lib.policy import Subject, may
from northstar.portfolio.acting import Step
from northstar.portfolio.standing import Standing
from teams.models import Omtm

WIDE, NARROW = (760, 400), (360, 400)


@dataclass(frozen=True, slots=True)
class Without:
    """A bet that cannot be drawn: what is missing, and where that is mended by those who may."""

    bet: Omtm
    missing: str
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What reaching the target is worth in stored units of the North Star; None, and why not."""

    value: Decimal | None = None
    evidence: str = ""
    missing: str = ""
    driver: Driver | None = None
    metric_is_no_driver: bool = False


def section(standing: Standing, bets: Iterable[Omtm], subject: Subject) -> dict[str, Any]:
    """The context of the drawing, its table and the list of those without; two queries.

    Without a North Star there is nothing to estimate, and `star` is None.
    """
    version = NorthStarVersion.in_force()
    if version is None:
        return {"star": None}
    drivers = list(Driver.objects.filter(north_star_id=version.north_star_id))
    metric, bubbles, without = version.metric, [], []
    for bet in bets:
        if bet.state != "active":
            continue
        estimate = _estimate(bet, drivers)
        found = _bubble(bet, estimate, standing, metric)
        if found is None:
            missing = estimate.missing or _unforeseen(standing.drawn(bet).facts)
            without.append(Without(bet, missing, _step(bet, estimate, subject)))
        else:
            bubbles.append(found)
    title = f"estimated change of {version.north_star.name} if the target is met ↑"
    shown = Scatter(title, metric.unit, metric.decimals, metric.kind, tuple(bubbles))
    return {"star": version.north_star, "without": without, **_drawings(shown)}


def _drawings(shown: Scatter) -> dict[str, Any]:
    headers, rows = scatter.table(shown)
    wide, narrow = (scatter.sketch(shown, width=size[0], height=size[1]) for size in (WIDE, NARROW))
    drawn: dict[str, Drawn] = {"wide": wide, "narrow": narrow}
    return {
        "sentence": scatter.sentence(shown),
        "drawn": drawn if shown.bubbles else None,
        "facts": {"columns": headers, "table": rows},
    }


def _bubble(bet: Omtm, estimate: Estimate, standing: Standing, star: Metric) -> Bubble | None:
    facts = standing.drawn(bet).facts
    ahead = facts.get("attainment_ahead")
    if estimate.value is None or ahead is None:
        return None
    shown = {"unit": star.unit, "decimals": star.decimals, "kind": star.kind}
    return Bubble(
        name=bet.team.name,
        detail=bet.name,
        state=str(facts.get("state", "no_data")),
        attainment=float(ahead),
        gain=float(estimate.value) * (-1 if star.direction == "down" else 1),
        said=formatting.show_change(estimate.value, **shown),
        evidence=estimate.evidence,
        weeks=-(-bet.days_left(standing.today) // 7),
    )


def _estimate(bet: Omtm, drivers: Iterable[Driver]) -> Estimate:
    """What the team wrote down, else the effect of its driver times the way from baseline to target."""
    if bet.expected_effect is not None:
        return Estimate(bet.expected_effect, "written down by the team")
    if bet.target is None or bet.baseline is None:
        return Estimate(missing="It is kept within a range: nobody wrote down what that is worth.")
    if bet.outcome_rule == "total":
        return Estimate(missing="Its target is a total: nobody wrote down what that is worth.")
    driver = next((each for each in drivers if each.pk == bet.driver_id), None) or next(
        (each for each in drivers if each.metric_id == bet.metric_id), None
    )
    if driver is None:
        words = "Its metric is no driver of the North Star, and nobody wrote down what it is worth."
        return Estimate(missing=words, metric_is_no_driver=True)
    if driver.sensitivity is None:
        return Estimate(
            missing=f"The effect of {driver.name} on the North Star is not written down.", driver=driver
        )
    value = driver.sensitivity * (bet.target - bet.baseline)
    return Estimate(value, EVIDENCE_WORDS[driver.evidence], driver=driver)


def _unforeseen(facts: dict[str, Any]) -> str:
    """Why nothing is foreseen of a bet that has an estimate."""
    if facts.get("trust", {}).get("blocks"):
        return "Its data cannot be relied on now, so nothing is foreseen."
    if facts.get("state") == "too_early":
        return "Too early: a forecast comes once enough weeks are over."
    return str(facts.get("withheld") or "Nothing is foreseen yet.")


def _step(bet: Omtm, estimate: Estimate, subject: Subject) -> Step | None:
    if not estimate.missing or not may(subject, "north_star.edit"):
        return None
    if estimate.driver is not None:
        return Step("Write down its effect", reverse("north-star-driver", args=[estimate.driver.pk]))
    if estimate.metric_is_no_driver:
        return Step("Put it among the drivers", reverse("north-star-driver-new"))
    return None
