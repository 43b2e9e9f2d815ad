"""Guardrails of a North Star: a state each, and a broken one is part of the verdict."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from metrics import drawing
from metrics.models import ChartDocument, NorthStar, StarGuardrail
from tests.metrics.stars import make_star

pytestmark = pytest.mark.usefixtures("clock")
Make = Callable[..., Any]
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("weeks", "state", "told"),
    [
        ([7.1, 7.3, 7.2], "good", ""),
        ([7.1, 7.3, 9.4], "warn", ""),
        ([7.1, 9.2, 9.4], "bad", "A guardrail is broken: Contacts 9.4 contacts, at most 9.0 was agreed."),
        ([], "no_data", ""),
    ],
)
def test_the_state_and_what_the_verdict_says(
    make_metric: Make, make_weeks: Make, weeks: list[float], state: str, told: str
) -> None:
    star: NorthStar = make_star(make_metric, make_weeks)
    contacts = make_metric("Contacts", kind="flow_sum", unit="contacts", decimals=1, direction="down")
    make_weeks(contacts, "2026-10-26", weeks)
    StarGuardrail.objects.create(north_star=star, metric=contacts, side="at_most", limit=Decimal(9))

    drawing.draw_north_star(NOW)

    facts = ChartDocument.objects.get(key="north-star").facts
    assert [each["state"] for each in facts["guardrails"]] == [state]
    words = facts["sentence"].replace("\xa0", " ")
    assert (told in words) if told else ("guardrail" not in words)
