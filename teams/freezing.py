"""What no longer changes once a bet is committed, and the answers that it takes (domain 3.2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from metrics.models import Driver, NorthStar, NorthStarVersion
from teams import betting
from teams.betting import Bet
from teams.findings import WARN, Weighed
from teams.idea import Idea
from teams.models import Omtm
from teams.refusing import LifecycleError, demand

MOST_GUARDRAILS = 3
#: What tells a bet that is decided from a candidate; taken back with the decision.
UNDECIDED: dict[str, Any] = {
    "definition": "", "baseline_from": None, "baseline_to": None, "north_star_version": None,
    "committed_at": None, "approved_by": None, "approval_asked_at": None, "approval_asked_by": None,
}  # fmt: skip
_TOLD = ("state", "baseline", "target", "low", "high", "start", "end")


def demand_answers(idea: Idea) -> None:
    """Raise LifecycleError unless the idea says what every commitment says."""
    demand(idea.metric, "Choose the metric that matters most now.", "metric")
    demand(idea.start and idea.end, "Choose the day on which the window ends.", "end")
    demand(idea.why.strip(), "Write why this metric, and what will move it.", "why")
    limits = idea.guardrails
    if not limits:
        sentence = "Name one to three metrics that must not get worse, or say why there are none."
        demand(idea.no_guardrail_reason.strip(), sentence, "no_guardrail_reason")
    if len(limits) > MOST_GUARDRAILS:
        raise LifecycleError("At most three guardrails: more are not watched.", "guardrails")
    if len({limit.metric.pk for limit in limits}) < len(limits):
        raise LifecycleError("A metric can be a guardrail once.", "guardrails")
    if idea.metric in {limit.metric for limit in limits}:
        raise LifecycleError("The metric that you push cannot be its own guardrail.", "guardrails")
    if idea.baseline is not None:
        sentence = "Say why the baseline differs from the computed one."
        demand(idea.baseline_reason.strip(), sentence, "baseline_reason")


def frozen(idea: Idea, weighed: Weighed) -> dict[str, Any]:
    """The fields of the row that are fixed with the commitment: baseline, definition, links."""
    bet = weighed.bet
    driver = idea.driver or usual_driver(bet)
    return {
        "definition": bet.metric.definition,
        "direction": bet.metric.direction,
        "unit": bet.metric.unit,
        "baseline": _baseline(weighed),
        "baseline_from": weighed.baseline_from,
        "baseline_to": weighed.baseline_to,
        "baseline_reason": idea.baseline_reason if idea.baseline is not None else "",
        "outcome_weeks": weighed.outcome_weeks,
        "driver": driver,
        "effect_weeks": _effect_weeks(idea, driver),
        "north_star_version": _version(driver),
    }


def usual_driver(bet: Bet) -> Driver | None:
    """The driver that the metric of a bet is, of the company's North Star first."""
    found = Driver.objects.filter(metric=bet.metric, north_star__state="active")
    return found.order_by("north_star__scope", "id").first()


def told(omtm: Omtm, weighed: Weighed | None = None) -> dict[str, Any]:
    """What the audit keeps of a commitment: its terms, and the cautions that it was made in spite of."""
    terms = {name: getattr(omtm, name) for name in _TOLD}
    warned = [check.sentence for check in weighed.checks if check.level == WARN] if weighed else []
    return terms | ({"cautions": " ".join(warned)} if warned else {})


def _baseline(weighed: Weighed) -> Decimal | None:
    if weighed.baseline is not None:
        return weighed.baseline
    # Only a range may begin without history: it is judged by its bounds, not from a baseline.
    bet, known = weighed.bet, weighed.current
    return betting.exact(known) if known is not None else bet.low if bet.low is not None else bet.high


def _effect_weeks(idea: Idea, driver: Driver | None) -> int | None:
    if idea.effect_weeks is None and idea.expected_effect is not None and driver is not None:
        return driver.expected_lag_weeks
    return idea.effect_weeks


def _version(driver: Driver | None) -> NorthStarVersion | None:
    star = driver.north_star if driver is not None else NorthStar.current()
    return star.versions.filter(effective_to=None).order_by("-version_no").first() if star else None
