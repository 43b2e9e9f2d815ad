"""Pulls as pages show them: the strip of the last 28, and the log with what each brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from django.db.models import F, Prefetch, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from metrics import ages
from metrics.models import Pull, PullItem

SHOWN = 28
#: The height of a usual pull: the first one, of a whole history, must not make dwarfs of all others.
USUAL = 0.6
BROKEN: Final = ("failed", "dead")
WAITS: Final = ("waiting", "running")
LOOK_AGAIN = timedelta(minutes=5)
REASONS: Final = {"live": "By schedule", "requested": "Asked for", "backfill": "Backfill"}
PILLS: Final = {
    "ok": ("good", "Stored"),
    "partly": ("warn", "Partly stored"),
    "failed": ("bad", "Failed"),
    "dead": ("bad", "Given up"),
    "stale": ("warn", "Too late, dropped"),
    "cancelled": ("neutral", "Cancelled"),
    "waiting": ("neutral", "Waiting"),
    "paused": ("neutral", "Paused"),
    "running": ("neutral", "Running"),
}


@dataclass(frozen=True, slots=True)
class Tick:
    """One pull in a strip; `share` is its height: 0.6 for as many rows as the strip's median, at most 1."""

    state: str
    share: float
    words: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The last pulls of a source, oldest first, and what they say in one sentence."""

    ticks: tuple[Tick, ...] = ()
    words: str = "No pull yet"


def strips(*, now: datetime, zone: str) -> dict[int, Strip]:
    """The strip of every source by its id, in two queries; backfills are not ticks of the schedule."""
    place = Window(RowNumber(), partition_by=F("source_id"), order_by=F("id").desc())
    latest = Pull.objects.exclude(kind="backfill").annotate(place=place).filter(place__lte=SHOWN)
    fields = ("id", "source_id", "state", "created_at", "started_at")
    pulls = list(latest.order_by("id").values(*fields))
    brought = PullItem.objects.filter(pull__in=[pull["id"] for pull in pulls]).values_list("pull")
    rows = dict(brought.annotate(Sum("rows")))
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for pull in pulls:
        found[pull["source_id"]].append(pull | {"rows": rows.get(pull["id"], 0)})
    return defaultdict(Strip, {pk: _strip(each, now=now, zone=zone) for pk, each in found.items()})


def logged(pulls: QuerySet[Pull], *, most: int) -> list[Pull]:
    """The newest of these pulls, each with its items, totals and words, in two queries."""
    items = PullItem.objects.select_related("metric").order_by("metric__name")
    found = list(
        pulls.select_related("source", "requested_by", "metric")
        .prefetch_related(Prefetch("items", queryset=items, to_attr="listed"))
        .order_by("-id")[:most]
    )
    for pull in found:
        _complete(pull)
    return found


def under_way(pulls: Sequence[Pull], now: datetime) -> bool:
    """Whether the page should look again by itself; not for ever, because a worker may be gone."""
    return any(pull.state in WAITS and now - pull.created_at < LOOK_AGAIN for pull in pulls)


def _strip(pulls: list[dict[str, Any]], *, now: datetime, zone: str) -> Strip:
    brought = [pull["rows"] for pull in pulls if pull["rows"]]
    usual = median(brought) if brought else 1
    ticks = tuple(
        Tick(
            pull["state"],
            # Without a metric to ask for there are no rows to compare.
            min(1.0, USUAL * pull["rows"] / usual) if brought else USUAL,
            f"{_when(pull, now, zone)}: {_brought(pull)}",
        )
        for pull in pulls
    )
    failed = [pull for pull in pulls if pull["state"] in BROKEN]
    over = sum(pull["state"] not in WAITS for pull in pulls)
    words = f"{over - len(failed)} of {over} worked" if over else "The first pull waits"
    if failed:
        times = "failed" if len(failed) == 1 else "last failure"
        words += f"; {times} {_when(failed[-1], now, zone)}"
    return Strip(ticks, words)


def _when(pull: Mapping[str, Any], now: datetime, zone: str) -> str:
    return ages.moment_words(pull["started_at"] or pull["created_at"], zone=zone, now=now)


def _brought(pull: Mapping[str, Any]) -> str:
    words = PILLS.get(pull["state"], ("", pull["state"]))[1].lower()
    rows = "1 row" if pull["rows"] == 1 else f"{pull['rows']} rows"
    return f"{words}, {rows}" if pull["state"] in ("ok", "partly") else words


def _complete(pull: Any) -> None:
    for name in ("rows", "added", "changed", "missing"):
        setattr(pull, f"all_{name}", sum(getattr(item, name) for item in pull.listed))
    pull.pill, pull.words = PILLS.get(pull.state, ("neutral", pull.state))
    if pull.state == "ok" and not pull.listed:
        pull.pill, pull.words = "neutral", "No metric to ask for"
    pull.reason = REASONS.get(pull.kind, pull.kind)
    pull.drifted = any(item.drift for item in pull.listed)
    pull.last = pull.end - timedelta(days=1) if pull.end else None
    done = pull.started_at and pull.finished_at
    pull.seconds = (pull.finished_at - pull.started_at).total_seconds() if done else None
