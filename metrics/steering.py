"""Steering: what the North Star is (targets: aiming; drivers: branching). Each verb leaves an audit row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from metrics.aiming import Goal, SteeringError, draw_again, metric_of, set_target
from metrics.auditing import record
from metrics.models import Metric, NorthStar, NorthStarVersion

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
    "known_weaknesses",
    "how_it_could_be_gamed",
)
IDENTITY = ("name", "owner", "review_every_months", "next_review_on")
CHANGES = {
    "clarification": "Clarification: only the wording changes",
    "correction": "Correction: same meaning, the computation was fixed",
    "redefinition": "Redefinition: the number means something else from now on",
    "replacement": "Replacement: a different North Star begins, with targets of its own",
}


def define_north_star(fields: Mapping[str, Any], *, actor: Any, today: date) -> NorthStar:
    """The company's first North Star with its first version. Raises SteeringError."""
    _check_metric(fields["metric"])
    with transaction.atomic():
        if NorthStar.objects.select_for_update().filter(scope="company", state="active").exists():
            raise SteeringError("The company has a North Star already. Change that one instead.")
        star = _begin(fields, actor=actor, today=today, change=("first", ""))
        record("north_star.define", star, actor=actor, after=_told(star, fields))
        draw_again()
    return star


def redefine(
    star: NorthStar, fields: Mapping[str, Any], *, change_type: str, reason: str, actor: Any, today: date
) -> NorthStar:
    """Change what the North Star means, or only its name, owner and reviews; the North Star that is active.

    A change of metric or definition is a new version with its kind and reason; a replacement is a new North
    Star, and the old one stays readable. Raises SteeringError.
    """
    with transaction.atomic():
        star = NorthStar.objects.select_for_update().get(pk=star.pk)
        if star.state != "active":
            raise SteeringError(f"{star} was replaced a moment ago. Look at the new North Star first.")
        current = star.versions.order_by("-version_no").select_related("metric").first()
        changed = [name for name in MEANING if getattr(current, name) != fields[name]]
        before = _told(star, {name: getattr(current, name) for name in MEANING})
        if not changed:
            _keep(star, fields)
        else:
            _check_change(changed, change_type, reason)
            _check_metric(fields["metric"])
            if change_type != "replacement":
                _check_tree(star, fields["metric"])
            change = (change_type, reason.strip())
            star = _replace(star, fields, change, actor, today) if change_type == "replacement" else star
            if change_type != "replacement":
                _keep(star, fields)
                _new_version(star, fields, actor=actor, today=today, change=change)
        record("north_star.edit", star, actor=actor, before=before, after=_told(star, fields), reason=reason)
        draw_again()
    return star


def _begin(fields: Mapping[str, Any], *, actor: Any, today: date, change: tuple[str, str]) -> NorthStar:
    star = NorthStar.objects.create(state="active", **{name: fields[name] for name in IDENTITY})
    _new_version(star, fields, actor=actor, today=today, change=change)
    return star


def _replace(
    old: NorthStar, fields: Mapping[str, Any], change: tuple[str, str], actor: Any, today: date
) -> NorthStar:
    NorthStar.objects.filter(pk=old.pk).update(state="superseded")
    old.versions.filter(effective_to=None).update(effective_to=today)
    return _begin(fields, actor=actor, today=today, change=change)


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
        **{name: fields[name] for name in MEANING},
    )


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
    return identity | {name: fields[name] for name in MEANING if fields[name] != ""}
