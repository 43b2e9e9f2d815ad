"""Ideas of Marketing about its trials, as a test needs them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from metrics.models import Metric
from teams.idea import Idea

TODAY = date(2026, 11, 18)
MONDAY = date(2026, 11, 16)
#: Qualified trials in the eight weeks from 21 September on: 420 a week.
WEEKS = [421, 418, 425, 419, 423, 417, 420, 417]


def idea(metric: Metric | None, **changes: Any) -> Idea:
    """From about 420 to 560 within four months from Monday 16 November, unless said otherwise."""
    told: dict[str, Any] = {
        "metric": metric,
        "target": Decimal("560"),
        "start": MONDAY,
        "end": date(2027, 3, 15),
        "why": "We believe that partner pages will bring more trials.",
        "no_guardrail_reason": "None that we know of.",
    }
    return Idea(**(told | changes))
