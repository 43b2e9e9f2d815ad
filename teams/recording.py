"""What was judged, kept: a row of health for each complete week, a new one where its inputs changed.

What was said about a week stays: the newest row of a week counts, those before it say what was thought then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from metrics import formatting
from metrics.analysis import health as judging
from metrics.analysis.forecast import Forecast, Withheld
from metrics.analysis.health import AT_RISK, NO_DATA, TOO_EARLY, Health, Remembered
from metrics.analysis.points import Point
from metrics.analysis.terms import Terms
from metrics.analysis.trust import Trust
from teams.models import HealthSnapshot, Omtm

NUMBERS = ("reading", "pace", "progress", "expected", "gap", "z", "p", "attainment")
BANDS = ("mean", "low80", "low50", "high50", "high80", "settled", "trending")
DIGEST, LONGEST_REASON = 12, 300
_SILENT: dict[str, Any] = {
    "raw": "", "gap": None, "z": None, "p": None, "attainment": None, "forecast": None, "jump": False,
}  # fmt: skip


@dataclass(slots=True)
class Kept:
    """The rows of one OMTM: the newest of each week, and how many a week has."""

    newest: dict[date, HealthSnapshot] = field(default_factory=dict)
    counts: dict[date, int] = field(default_factory=dict)

    def add(self, row: HealthSnapshot) -> None:
        """Take up a row that is newer than all before it of its week."""
        self.newest[row.as_of_week] = row
        self.counts[row.as_of_week] = self.counts.get(row.as_of_week, 0) + 1

    @property
    def weeks(self) -> list[HealthSnapshot]:
        """The rows that count, oldest week first."""
        return [self.newest[week] for week in sorted(self.newest)]


class Digests(dict[date, str]):
    """The digest of the inputs of each week, worked out once."""

    def __init__(self, points: Sequence[Point], terms: Terms) -> None:
        super().__init__()
        self._points, self._terms = points, terms

    def __missing__(self, week: date) -> str:
        self[week] = judging.digest(self._points, self._terms, week=week)
        return self[week]


def kept_of(omtms: Iterable[Omtm]) -> dict[int, Kept]:
    """What was said about each, by id; one query."""
    found = {omtm.pk: Kept() for omtm in omtms}
    for row in HealthSnapshot.objects.filter(omtm__in=list(found)).order_by("as_of_week", "id"):
        found[row.omtm_id].add(row)
    return found


def remembered(kept: Kept, digests: Mapping[date, str]) -> dict[date, Remembered]:
    """What need not be worked out again: weeks whose inputs are what they were when they were judged.

    A first week that was at risk already is worked out anew: its word alone does not say so.
    """
    return {
        week: Remembered(digests[week], row.raw, bool(row.forecast.get("jump")))
        for week, row in kept.newest.items()
        if row.raw
        and (row.raw, row.state) != (TOO_EARLY, AT_RISK)
        and row.inputs_hash.startswith(digests[week][:DIGEST])
    }


def doubted(
    weeks: Sequence[Health], trust: Trust | None, *, newest: date | None, today: date
) -> list[Health]:
    """The weeks, and no verdict on the `newest` complete one where it has no data or none to rely on.

    What was said of the weeks with values before it stays; the reason says what it was last.
    """
    blocked = trust is not None and trust.blocks
    if not blocked and weeks[-1].state != NO_DATA:
        return list(weeks)
    before = [each for each in weeks if each.week and each.state != NO_DATA and each.week != newest]
    words = " ".join(trust.sentences) if trust is not None and blocked else weeks[-1].reason
    if before and before[-1].week is not None:
        word = before[-1].state.replace("_", " ")
        words += f" It was {word} in the {formatting.week_words(before[-1].week, today)}."
    silent = replace(weeks[-1], state=NO_DATA, reason=words, week=newest, **_SILENT)
    return [*before, silent]


def changed(
    omtm: Omtm, weeks: Sequence[Health], kept: Kept, *, digests: Mapping[date, str], trust: Trust | None
) -> list[tuple[HealthSnapshot, Health]]:
    """New rows, not saved yet, of the weeks of which something else is said than before.

    As long as nothing can be relied on, weeks that were not judged for that reason stay so.
    """
    blocked = trust is not None and trust.blocks
    found = []
    for health in weeks:
        newest = health is weeks[-1]
        week = health.week or omtm.start
        latest = kept.newest.get(week)
        if blocked and not newest and latest is not None and latest.trust:
            continue
        doubts = list(trust.sentences) if trust is not None and blocked and newest else []
        digest = digests[week][:DIGEST]
        if latest is not None and latest.inputs_hash.startswith(digest):
            if (latest.state, latest.trust) == (health.state, doubts):
                continue
            health = _full(health, latest)
        # The count tells inputs that came back from the same inputs before.
        mark = f"{digest}{kept.counts.get(week, 0) % 0xFFFF:04x}"
        found.append((_row(omtm, week, health, doubts=doubts, mark=mark), health))
    return found


def _full(health: Health, latest: HealthSnapshot) -> Health:
    """A week that was only remembered has its numbers in the row that said them."""
    if health.reading is not None or not health.raw:
        return health
    return replace(health, **{name: getattr(latest, name) for name in NUMBERS})


def _row(omtm: Omtm, week: date, health: Health, *, doubts: list[str], mark: str) -> HealthSnapshot:
    return HealthSnapshot(
        omtm=omtm,
        as_of_week=week,
        state=health.state,
        reason=health.reason[:LONGEST_REASON],
        raw=health.raw,
        forecast=_told(health),
        trust=doubts,
        inputs_hash=mark,
        **{name: getattr(health, name) for name in NUMBERS},
    )


def _told(health: Health) -> dict[str, Any]:
    """The forecast as JSON: its bands and stories, or why there is none."""
    found: dict[str, Any] = {"jump": True} if health.jump else {}
    if isinstance(health.forecast, Withheld):
        found["withheld"] = health.forecast.reason
    if isinstance(health.forecast, Forecast):
        found["due"] = health.forecast.due.isoformat()
        found |= {name: getattr(health.forecast, name) for name in BANDS}
    return found
