"""Widening: a step of a funnel becomes a candidate of the team that owns it, filled from what was counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from metrics import funnel_words
from metrics.analysis.funnel_ranking import toward
from metrics.models import ChartDocument, Driver, Metric, Stage
from northstar.lib import windows
from teams import drafting
from teams.betting import Limit
from teams.idea import Idea, next_monday
from teams.models import Omtm, Team
from teams.refusing import LifecycleError

MONTHS, SLOW_MONTHS = 3, 4
#: A step that shows this late in the North Star is given a month more.
SLOW_WEEKS = 4

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """A step as the page shows it: its row of the facts, and those of its window."""

    stage: Stage
    row: Facts
    window: Facts
    star: Facts | None


def find(stage: Stage, document: ChartDocument | None) -> Found:
    """The step in the funnel's own number of weeks. Raises LifecycleError where nothing can be proposed."""
    facts = document.facts if document else {}
    window = facts.get("windows", {}).get(str(stage.funnel.weeks_read), {"chain": [], "apart": []})
    rows = [*window["chain"], *window["apart"]]
    row = next((each for each in rows if each["pk"] == stage.pk), None)
    if row is None or row["rate"] is None:
        raise LifecycleError(f"{stage.name} has no counts yet. Enter some first.")
    if row["half"] is None or row["label"] == funnel_words.LABELS["at_best"]:
        raise LifecycleError(f"{stage.name} has no gap to a benchmark. Set one that it has not reached.")
    return Found(stage, row, window, facts.get("star"))


def widen(stage: Stage, team: Team, document: ChartDocument | None, *, actor: Any, today: date) -> Omtm:
    """The draft of a bet on this step (domain 4.5). Raises LifecycleError."""
    return drafting.draft(team, idea(find(stage, document), today=today), actor=actor, today=today)


def idea(found: Found, *, today: date) -> Idea:
    """What the counts propose: half of the gap, in three months, or four where it shows late."""
    stage, row = found.stage, found.row
    target = toward(row["half"], row["rate"])
    start = next_monday(today)
    end = windows.window_end(start, SLOW_MONTHS if stage.lag_weeks >= SLOW_WEEKS else MONTHS)
    reach = row["step"][0] / row["weeks"] * ((end - start).days + 1) / 7
    reason = f"As the funnel counts it: {row['counts']}, {row['period']}."
    return Idea(
        metric=stage.metric,
        metric_idea="" if stage.metric else f"{stage.name}: {stage.definition}".rstrip(": ")[:200],
        name=stage.name,
        target=target,
        start=start,
        end=end,
        why=hypothesis(found, target),
        stage=stage,
        driver=_driver(stage),
        expected_effect=_effect(row),
        effect_weeks=stage.lag_weeks,
        reach=Decimal(round(reach)),
        reach_unit=stage.entered_name[:40],
        guardrails=_guardrails(found),
        baseline=Decimal(repr(row["rate"])).quantize(Decimal("1e-6")),
        baseline_reason=reason[:200],
    )


def hypothesis(found: Found, target: Decimal) -> str:
    """The bet in words, with its numbers; what is to be done stays open."""
    stage, row, star = found.stage, found.row, found.star
    goal = funnel_words.rate(float(target), stage.kind, beside=row["rate"])
    sentences = [
        f"We believe that … will bring {stage.name} from {row['rate_words']} to {goal}, because … "
        f"({row['counts']} {funnel_words.people(stage.entered_name)}, {row['period']}; "
        f"{row['benchmark_words']})."
    ]
    if row["half_effect"] is not None and star is not None and found.window["model"]:
        horizon = found.window["model"]["horizon"]
        sentences.append(
            f"Half of the gap would add about {row['effect'].lstrip('+')} in {horizon} weeks "
            f"to {star['name']}. A model, not a promise."
        )
    return " ".join(sentences)


def _effect(row: Facts) -> Decimal | None:
    effect = row["half_effect"]
    return None if effect is None else Decimal(f"{effect:.4g}")


def _driver(stage: Stage) -> Driver | None:
    """What the tree says of the metric of this step."""
    if stage.metric_id is None or stage.funnel.north_star_id is None:
        return None
    return Driver.objects.filter(north_star=stage.funnel.north_star_id, metric=stage.metric_id).first()


def _guardrails(found: Found) -> tuple[Limit, ...]:
    """The step after it must not fall below what chance explains: more who come in must not be worse ones."""
    chain = found.window["chain"]
    after = [other for one, other in zip(chain, chain[1:], strict=False) if one["pk"] == found.stage.pk]
    if not after or not after[0]["low"]:
        return ()
    metric = Metric.objects.filter(stages=after[0]["pk"], archived_at=None).first()
    floor = toward(after[0]["low"], 0.0)
    return (Limit(metric, "at_least", floor),) if metric is not None else ()
