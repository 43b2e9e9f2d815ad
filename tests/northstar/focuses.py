"""OMTMs for tests of pages that only show what was stored: the row and its drawn document."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from metrics.models import ChartDocument, Metric
from teams.models import Omtm, Team, User


def make_omtm(team: Team, metric: Metric, **fields: Any) -> Omtm:
    """An OMTM from 24.0% to 34.0%, 14 September 2026 to 13 January 2027, unless said otherwise."""
    defaults: dict[str, Any] = {
        "name": "Trials with three jobs",
        "why": "It is the bottleneck.",
        "state": "active",
        "direction": "up",
        "unit": "%",
        "baseline": Decimal("0.24"),
        "target": Decimal("0.34"),
        "start": date(2026, 9, 14),
        "end": date(2027, 1, 13),
    }
    return Omtm.objects.create(team=team, metric=metric, **(defaults | fields))


def draw_omtm(omtm: Omtm, state: str = "on_track", **facts: Any) -> ChartDocument:
    """What evaluation would have stored for it."""
    told: dict[str, Any] = {
        "state": state,
        "reason": "As planned.",
        "reading_words": "30.6%",
        "from_words": "24.0%",
        "to_words": "34.0%",
        "range_words": "",
        "progress": 0.66,
        "expected": 0.57,
        "gap": 0.09,
    }
    return ChartDocument.objects.create(
        key=f"omtm:{omtm.pk}",
        version=uuid4().hex[:16],
        figure="{}",
        sketches={"card": '<svg class="drawn"></svg>'},
        facts=told | facts,
        drawn_on=date(2026, 11, 18),
    )


def make_team(name: str, lead: User | None = None) -> Team:
    return Team.objects.create(name=name, slug=name.lower().replace(" ", "-"))
