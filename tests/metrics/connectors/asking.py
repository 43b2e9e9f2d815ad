"""One question to the chaos source, through the engine that runs recipes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from metrics.connectors.base import Answer, Ask, ConnectorError, Renewals
from metrics.connectors.http import Surroundings, run
from metrics.connectors.recipe import Auth, Paging, Reading, Recipe
from northstar.lib.egress import Egress, Limits
from tests.services.chaos import Chaos

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
SECRET = "marker-7f3a-never-shown"
DAYS = Ask("orders", "flow_sum", "day", {}, date(2026, 11, 9), date(2026, 11, 19), "Europe/Berlin", NOW)
RANGE = {"start": "{start}", "end": "{end}"}
ROWS = Reading(rows="data", period="day")
HERE = Egress("admin", loopback=True)
HASTY = Limits(silence=0.5, total=1.0)


def answer(
    chaos: Chaos,
    path: str,
    *,
    ask: Ask = DAYS,
    paging: Paging | None = None,
    reading: Reading = ROWS,
    auth: Auth | None = None,
    renewals: Renewals | None = None,
    secrets: dict[str, str] | None = None,
    around: Surroundings | None = None,
    at: str = "",
    **more: Any,
) -> Answer:
    """What comes back from `path`."""
    recipe = Recipe(
        "{address}/" + path,
        paging=paging or Paging(),
        reading=reading,
        auth=auth or Auth(),
        **({"params": RANGE} | more),
    )
    return run(
        recipe,
        ask,
        egress=HERE,
        settings={"address": at or chaos.url, "user": "maren", "client_id": "northstar"},
        secrets={"token": SECRET} if secrets is None else secrets,
        renewals=renewals,
        around=around or Surroundings(limits=HASTY),
    )


def fault(chaos: Chaos, path: str, **more: Any) -> ConnectorError:
    """How it fails; the secret is never in the sentence."""
    with pytest.raises(ConnectorError) as refused:
        answer(chaos, path, **more)
    assert SECRET not in refused.value.message
    return refused.value


def asking(**changes: Any) -> Ask:
    """The ten days' question, changed."""
    return replace(DAYS, **changes)
