"""What the page of one North Star shows: its chart, every version, targets as they stood, its tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from metrics import checklist, drawing, fitness_words, guarding
from metrics.analysis.splice import Splice
from metrics.beginning import RELATIONS
from metrics.charts.spec import RANGES
from metrics.models import ChartDocument, NorthStar
from metrics.models.northstar import HORIZONS, NorthStarVersion
from metrics.steering import asked
from teams.models import Omtm

CHANGES = {
    "first": "The beginning",
    "clarification": "Clarification",
    "correction": "Correction",
    "redefinition": "Redefinition",
    "replacement": "In the place of another one",
}
SAYS = {
    "clarification": "Only the wording changed: it is the same series.",
    "correction": "The same meaning, computed rightly: corrected weeks are marked as restated.",
    "redefinition": "It means something else from here on: the chart breaks, and nothing is rescaled.",
}
MOST_OMTMS, MOST_TESTS = 12, 6


def compose(star: NorthStar, *, today: date, shown: str) -> dict[str, Any]:
    """The context; a constant number of queries, whatever its age."""
    versions = list(star.versions.select_related("metric__source", "approved_by").order_by("-version_no"))
    document = ChartDocument.objects.filter(key=drawing.key_of(star)).first()
    targets = list(star.targets.select_related("set_by").order_by("-set_on", "-id"))
    tests = list(star.fitness_tests.order_by("-tested_on")[:MOST_TESTS])
    current = versions[0] if versions else None
    return {
        "star": star,
        "version": current,
        "versions": [_version(each, star) for each in versions],
        "chart": document,
        "facts": document.facts if document else {},
        "shown": shown if shown in RANGES else "15m",
        "targets": [(each, HORIZONS[each.horizon]) for each in targets],
        "guardrails": [
            guarding.words(each.metric, each.side, each.limit)
            for each in star.guardrails.select_related("metric").order_by("pk")
        ],
        "earlier": _committed_before(star, current),
        "test": fitness_words.shown(tests[0]) if tests else None,
        "tests": tests[1:],
        "choice": star.choices.exclude(finished_at=None).order_by("-finished_at").first(),
        "relation": RELATIONS.get(star.relation, ""),
        "successor": _successor(star),
        "today": today,
    }


def _version(version: NorthStarVersion, star: NorthStar) -> dict[str, Any]:
    measured = version.measured or asked(version.metric)
    answers = checklist.codes(version.checklist)
    return {
        "row": version,
        "kind": CHANGES.get(version.change_type, version.change_type),
        "says": SAYS.get(version.change_type, ""),
        "measured": measured,
        "kept": bool(version.measured),
        "since_changed": bool(version.measured) and version.measured != asked(version.metric),
        "checklist": checklist.summary(answers),
        "apart": _apart(version),
        "is_current": version.effective_to is None and star.state == "active",
    }


def _apart(version: NorthStarVersion) -> str:
    """How far apart two definitions read, as it was found when the newer one was approved."""
    if version.splice_ratio is None:
        return ""
    return Splice(version.splice_ratio, version.overlap_weeks or 0).words


def _committed_before(star: NorthStar, current: NorthStarVersion | None) -> Sequence[Omtm]:
    """Bets that still run and were committed under an earlier version."""
    if current is None:
        return []
    rows = Omtm.objects.running().filter(north_star_version__north_star=star)
    rows = rows.exclude(north_star_version=current).select_related("team", "north_star_version")
    return list(rows.order_by("team__name")[:MOST_OMTMS])


def _successor(star: NorthStar) -> NorthStarVersion | None:
    """The first version of what took its place: it says why."""
    if star.state != "superseded":
        return None
    rows = NorthStarVersion.objects.filter(
        north_star__scope=star.scope, north_star__unit=star.unit, north_star__pk__gt=star.pk
    )
    return rows.select_related("north_star").order_by("north_star__pk", "version_no").first()
