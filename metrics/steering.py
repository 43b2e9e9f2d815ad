"""Steering: what the North Star is (targets: aiming; drivers: branching). Each verb leaves an audit row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from metrics import drawing
from metrics.aiming import Goal, SteeringError, draw_again, metric_of, set_target
from metrics.auditing import record
from metrics.models import ChartDocument, Company, Metric, NorthStar, NorthStarVersion
from metrics.splicing import compare
from northstar.lib import clock

__all__ = ["Goal", "SteeringError", "define_north_star", "metric_of", "redefine", "set_target"]

#: What a version says; everything else belongs to the North Star itself.
MEANING = (
    "metric",
    "value_proposition",
    "plain_definition",
    "unit_of_count",
    "qualifying_action",
    "time_window",
    "why_it_predicts_success",
    "link_to_strategy",
    "inclusions_exclusions",
    "known_weaknesses",
    "how_it_could_be_gamed",
)
IDENTITY = ("name", "owner", "review_every_months", "next_review_on")
#: Of a business unit's North Star, and what a choice tells of the version that begins with it.
OF_A_UNIT = ("scope", "unit", "parent", "relation", "why_not_company")
CHOSEN = ("checklist", "override_reason")
OVERLAP = ("overlap_weeks", "overlap_reason", "splice_ratio")
CHANGES = {
    "clarification": "Clarification: only the wording changes",
    "correction": "Correction: same meaning, the computation was fixed",
    "redefinition": "Redefinition: the number means something else from now on",
    "replacement": "Replacement: a different North Star begins, with targets of its own",
}


def define_north_star(fields: Mapping[str, Any], *, actor: Any, today: date) -> NorthStar:
    """The first North Star of the company, or of the unit that `fields` name. Raises SteeringError."""
    _check_metric(fields["metric"])
    unit = fields.get("unit", "")
    whose = {"scope": "unit", "unit": unit} if unit else {"scope": "company"}
    with transaction.atomic():
        if NorthStar.objects.select_for_update().filter(state="active", **whose).exists():
            raise SteeringError(f"{unit or 'The company'} has a North Star already. Change that one instead.")
        star = _begin(fields, actor=actor, today=today, change=("first", ""))
        record("north_star.define", star, actor=actor, after=_told(star, fields))
        draw_again()
    return star


def redefine(
    star: NorthStar,
    fields: Mapping[str, Any],
    *,
    change_type: str,
    reason: str,
    actor: Any,
    today: date,
    overlap_reason: str = "",
) -> NorthStar:
    """Change what the North Star means, or only its name, owner and reviews; the North Star that is active.

    A change of metric or definition is a new version with its kind and reason; a replacement is a new North
    Star, and the old one stays readable. A redefinition wants eight weeks in which both definitions were
    counted, or `overlap_reason` (domain 2.3). Raises SteeringError.
    """
    with transaction.atomic():
        star = NorthStar.objects.select_for_update().get(pk=star.pk)
        if star.state != "active":
            raise SteeringError(f"{star} was replaced a moment ago. Look at the new North Star first.")
        current = star.versions.order_by("-version_no").select_related("metric").first()
        changed = [name for name in MEANING if getattr(current, name) != fields.get(name, "")]
        before = _told(star, {name: getattr(current, name) for name in MEANING})
        if not changed:
            _keep(star, fields)
        else:
            _check_change(changed, change_type, reason)
            _check_metric(fields["metric"])
            if change_type != "replacement":
                _check_tree(star, fields["metric"])
            change = (change_type, reason.strip())
            if change_type == "replacement":
                star = _replace(star, fields, change, actor, today)
            else:
                more = _carried(current, change_type) | _overlap(current, fields, change_type, overlap_reason)
                _keep(star, fields)
                _new_version(star, {**fields, **more}, actor=actor, today=today, change=change)
        record("north_star.edit", star, actor=actor, before=before, after=_told(star, fields), reason=reason)
        draw_again()
    return star


def _begin(fields: Mapping[str, Any], *, actor: Any, today: date, change: tuple[str, str]) -> NorthStar:
    known = {name: fields[name] for name in OF_A_UNIT if name in fields}
    star = NorthStar.objects.create(state="active", **{name: fields[name] for name in IDENTITY} | known)
    _new_version(star, fields, actor=actor, today=today, change=change)
    return star


def _replace(
    old: NorthStar, fields: Mapping[str, Any], change: tuple[str, str], actor: Any, today: date
) -> NorthStar:
    NorthStar.objects.filter(pk=old.pk).update(state="superseded")
    old.versions.filter(effective_to=None).update(effective_to=today)
    # It is drawn once more, as it stood at its end.
    ChartDocument.objects.filter(key=f"{drawing.NORTH_STAR}:{old.pk}").delete()
    of_unit = {name: getattr(old, name) for name in OF_A_UNIT}
    return _begin(of_unit | dict(fields), actor=actor, today=today, change=change)


def _carried(current: NorthStarVersion, change_type: str) -> dict[str, Any]:
    """What was answered about the same meaning still holds; of another meaning it has to be asked anew."""
    if change_type == "redefinition":
        return {}
    return {"checklist": current.checklist, "override_reason": current.override_reason}


def _overlap(
    current: NorthStarVersion, fields: Mapping[str, Any], change_type: str, reason: str
) -> dict[str, Any]:
    """How the definitions read side by side; SteeringError where they hardly were, and nobody says why."""
    if change_type != "redefinition":
        return {}
    beside = compare(current.metric, fields["metric"], company=Company.current(), now=clock.now())
    if not beside.enough and not reason.strip():
        raise SteeringError(
            f"{beside.words} Wait until there are eight, fetch the past of the new one, or say why it "
            "cannot wait.",
            "overlap_reason",
        )
    return {
        "overlap_weeks": beside.weeks,
        "overlap_reason": "" if beside.enough else reason.strip(),
        "splice_ratio": beside.splice.ratio if beside.splice else None,
    }


def _keep(star: NorthStar, fields: Mapping[str, Any]) -> None:
    for name in IDENTITY:
        setattr(star, name, fields[name])
    star.save(update_fields=list(IDENTITY))


def _new_version(
    star: NorthStar, fields: Mapping[str, Any], *, actor: Any, today: date, change: tuple[str, str]
) -> None:
    last = star.versions.aggregate(last=Max("version_no"))["last"] or 0
    star.versions.filter(effective_to=None).update(effective_to=today)
    NorthStarVersion.objects.create(
        north_star=star,
        version_no=last + 1,
        effective_from=today,
        change_type=change[0],
        change_reason=change[1],
        approved_by=actor,
        approved_on=today,
        measured=asked(fields["metric"]),
        **{name: fields[name] for name in MEANING if name in fields},
        **{name: fields[name] for name in (*CHOSEN, *OVERLAP) if name in fields},
    )


def asked(metric: Metric) -> dict[str, Any]:
    """How the metric is asked for now, as a version keeps it: names, kind, grain and query."""
    return {
        "metric": metric.name,
        "source": metric.source.name,
        "kind": metric.kind,
        "grain": metric.grain,
        "query": metric.query,
    }


def _check_metric(metric: Metric) -> None:
    if metric.direction == "range":
        raise SteeringError(
            "A North Star has a direction. This metric is best within a range; choose another one.", "metric"
        )
    if metric.archived_at is not None:
        raise SteeringError(f"{metric.name} is archived. Choose a metric that is still measured.", "metric")


def _check_tree(star: NorthStar, metric: Metric) -> None:
    driver = star.drivers.filter(metric=metric).first()
    if driver is not None:
        raise SteeringError(
            f"{metric.name} is in the tree, as {driver.name}. What moves the North Star cannot be it too: "
            "take it out of the tree first.",
            "metric",
        )


def _check_change(changed: Sequence[str], change_type: str, reason: str) -> None:
    if change_type not in CHANGES:
        raise SteeringError("Say what kind of change this is.", "change_type")
    if "metric" in changed and change_type == "clarification":
        raise SteeringError(
            "Another metric is more than wording. Choose correction, redefinition or replacement.",
            "change_type",
        )
    if not reason.strip():
        raise SteeringError("Say why it changes, in a sentence; it stays with the version.", "change_reason")


def _told(star: NorthStar, fields: Mapping[str, Any]) -> dict[str, Any]:
    identity = {name: getattr(star, name) for name in IDENTITY}
    told = (*MEANING, "override_reason", "overlap_weeks")
    return identity | {name: fields[name] for name in told if fields.get(name, "") != ""}
