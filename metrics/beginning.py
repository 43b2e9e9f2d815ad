"""Letting a chosen North Star begin: the choice becomes a star with its version, checklist and guardrails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from metrics import choosing, proving, steering
from metrics.aiming import SteeringError, draw_again
from metrics.auditing import record
from metrics.models import Company, Metric, NorthStar, StarChoice, StarGuardrail
from northstar.lib import windows

#: How a unit's North Star relates to the company's.
RELATIONS = {
    "addend": "Part: the units add up to the company's",
    "influences": "It influences the company's",
    "independent": "It is independent of the company's",
}
USUAL_MONTHS = 6
TOO_MANY_UNITS = 3


def begin(choice: StarChoice, *, actor: Any, today: date, now: datetime) -> NorthStar:
    """The star that begins today, in the place of the one that was; the choice is its story from now on.

    Raises SteeringError with what stands in the way.
    """
    with transaction.atomic():
        choice = choosing.lock(choice)
        candidate = proving.candidate_of(choice)
        metric = proving.metric_of(candidate)
        tested = proving.measurement(metric, company=Company.current(), now=now)
        standing = former(choice)
        found = proving.readiness(choice, tested, needs_reason=standing is not None)
        if candidate is None or metric is None or proving.blocked(found):
            first = next((each.words for each in found if each.state == proving.BLOCK), "Choose a candidate.")
            raise SteeringError(first)
        fields = _fields(choice, candidate, metric, today)
        if standing is None:
            star = steering.define_north_star(fields, actor=actor, today=today)
        else:
            why = str(choice.answers.get("change_reason", ""))
            star = steering.redefine(
                standing, fields, change_type="replacement", reason=why, actor=actor, today=today
            )
        guard(star, choice.answers.get("guardrails", []), actor=actor)
        choosing.finish(choice, north_star=star)
        record("north_star.chosen", star, actor=actor, after={"choice": choice.pk, "name": candidate["name"]})
    return star


def former(choice: StarChoice) -> NorthStar | None:
    """The star that stands where the chosen one would begin."""
    rows = NorthStar.objects.filter(state="active", scope=choice.scope)
    return rows.filter(unit=choice.unit).select_related("owner").first()


def guard(star: NorthStar, rows: list[dict[str, Any]], *, actor: Any) -> list[StarGuardrail]:
    """Put these limits in the place of the star's guardrails; each row is {metric, side, limit}."""
    with transaction.atomic():
        return _guard(NorthStar.objects.select_for_update().get(pk=star.pk), rows, actor=actor)


def _guard(star: NorthStar, rows: list[dict[str, Any]], *, actor: Any) -> list[StarGuardrail]:
    before = {str(each.metric): str(each.limit) for each in star.guardrails.select_related("metric")}
    own = steering.metric_of(star).pk
    known = Metric.objects.listed().in_bulk([row["metric"] for row in rows])
    kept = [row for row in rows if row["metric"] in known and row["metric"] != own]
    wanted = {row["metric"]: row for row in kept[: choosing.MOST_GUARDRAILS]}
    star.guardrails.all().delete()
    made = StarGuardrail.objects.bulk_create(
        StarGuardrail(north_star=star, metric_id=pk, side=row["side"], limit=Decimal(row["limit"]))
        for pk, row in wanted.items()
    )
    after = {known[pk].name: f"{row['side']} {row['limit']}" for pk, row in wanted.items()}
    if before or after:
        record("north_star.guardrails", star, actor=actor, before=before, after=after)
    draw_again()
    return made


def _fields(choice: StarChoice, candidate: Mapping[str, Any], metric: Metric, today: date) -> dict[str, Any]:
    said = choice.answers
    texts = {name: str(said.get(name, "")) for name in steering.MEANING[6:]}
    return texts | {
        "name": candidate["name"],
        "owner": get_user_model().objects.filter(is_active=True, pk=said.get("owner")).first(),
        "review_every_months": said.get("review_every_months") or USUAL_MONTHS,
        "next_review_on": _day(said.get("next_review_on"), today),
        "metric": metric,
        "value_proposition": proposition(said),
        "plain_definition": candidate["definition"],
        "unit_of_count": candidate.get("counted") or "",
        "qualifying_action": candidate.get("action") or "",
        "time_window": candidate.get("window") or "ISO week",
        "checklist": candidate.get("checklist", {}),
        "override_reason": str(said.get("override_reason", "")),
        "scope": choice.scope,
        **_of_unit(choice),
    }


def proposition(said: Mapping[str, Any]) -> str:
    """ "We win when a crew plans its week with us."; empty while one half is missing."""
    if not (said.get("customer") and said.get("gains")):
        return ""
    return f"We win when {said['customer']} {said['gains']}".rstrip(".") + "."


def _of_unit(choice: StarChoice) -> dict[str, Any]:
    if choice.scope != "unit":
        return {}
    why, relation = (str(choice.answers.get(name, "")) for name in ("why_not_company", "relation"))
    parent = NorthStar.current()
    return {"unit": choice.unit, "parent": parent, "relation": relation, "why_not_company": why}


def _day(text: object, today: date) -> date:
    """The day of the first review; half a year ahead where none was named, or where it has passed since."""
    day = date.fromisoformat(str(text)) if text else None
    return day if day is not None and day > today else windows.window_end(today, USUAL_MONTHS)
