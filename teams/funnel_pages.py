"""What the pages of a funnel show, read from its document: nothing is worked out but the simulator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Q

from metrics import funnelling, simulating
from metrics.models import ChartDocument, Funnel, Stage
from northstar.lib.policy import Subject, may
from teams.models import Omtm, Team

CANDIDATES = Q(state__in=("draft", "proposed"))
RUNNING = Q(state__in=("committed", "active", "in_review"))


def listed() -> list[Funnel]:
    """The funnels that are not archived, the first one first."""
    return list(Funnel.objects.filter(archived_at=None).order_by("id"))


def document_of(funnel: Funnel) -> ChartDocument | None:
    """Its document, None before it was drawn."""
    return ChartDocument.objects.filter(key=funnelling.key_of(funnel)).first()


def compose(
    funnel: Funnel,
    document: ChartDocument | None,
    *,
    subject: Subject,
    answers: Mapping[str, str],
    today: date,
) -> dict[str, Any]:
    """Everything for the page of a funnel."""
    facts = document.facts if document else {}
    windows = facts.get("windows", {})
    key = answers.get("weeks", "")
    shown = key if key in windows else str(funnel.weeks_read)
    window = windows.get(shown)
    owners, bets, teams = _owners(funnel), _bets(funnel), list(Team.objects.listed())
    mine = [team for team in teams if may(subject, "omtm.draft", team)]
    context = {
        "funnel": funnel,
        "funnels": listed(),
        "document": document,
        "windows": [(name, each["label"]) for name, each in windows.items()],
        "shown": shown,
        "way": f"way:{funnel.pk}:{shown}",
        "window": window,
        "trends": facts.get("trends", []),
        "today": today,
    }
    if window is None:
        return context
    for row in [*window["chain"], *window["apart"]]:
        row["owners"] = owners.get(row["pk"], [])
        row["bets"] = bets.get(row["pk"], [])
        row["teams"] = [team for team in row["owners"] or mine if team in mine]
        row["can_widen"] = bool(row["teams"]) and row["half"] is not None and row["gap"] not in ("", "–")
    rows = [*window["chain"], *window["apart"]]
    ranked = sorted(rows, key=lambda row: (row["rank"] == 0, row["rank"]))
    return context | {
        "rows": ranked,
        "bottleneck": next((row for row in rows if row["narrow"]), None),
        "any_rows": bool(rows),
        **what_if(facts, window, answers),
    }


def what_if(facts: dict[str, Any], window: dict[str, Any], answers: Mapping[str, str]) -> dict[str, Any]:
    """The simulator: its fields and what comes of them; empty where no effect can be worked out."""
    if not window.get("model") or not facts.get("star"):
        return {"model": None}
    wanted = simulating.asked(window, answers)
    return {
        "model": window["model"],
        "asked": wanted,
        "controls": simulating.controls(window, wanted),
        "outcome": simulating.simulate(facts, window, wanted),
    }


def _owners(funnel: Funnel) -> dict[int, list[Team]]:
    """The teams of each step that are not archived."""
    found: dict[int, list[Team]] = {}
    pairs = Team.stages.through.objects.filter(stage__funnel=funnel, team__archived_at=None)
    for pair in pairs.select_related("team").order_by("team__name"):
        found.setdefault(pair.stage_id, []).append(pair.team)
    return found


def _bets(funnel: Funnel) -> dict[int, list[Omtm]]:
    """What teams push now on each step, or have as a candidate."""
    rows = Omtm.objects.filter(RUNNING | CANDIDATES, stage__funnel=funnel).select_related("team")
    found: dict[int, list[Omtm]] = {}
    for omtm in rows.order_by("id"):
        found.setdefault(omtm.stage_id or 0, []).append(omtm)
    return found


def outline(funnel: Funnel) -> list[dict[str, Any]]:
    """The steps as the editing page lists them."""
    steps = funnel.stages.select_related("metric").prefetch_related("teams", "benchmarks", "counts")
    return [_outlined(stage, place) for place, stage in enumerate(steps)]


def _outlined(stage: Stage, place: int) -> dict[str, Any]:
    counts, benchmarks = list(stage.counts.all()), list(stage.benchmarks.all())
    typed = bool(counts) and counts[0].origin == "typed"
    from_metric = f"reads {stage.metric}" if stage.metric else "no counts"
    return {
        "stage": stage,
        "first": place == 0,
        "reads": f"{len(counts)} typed cohorts" if typed else from_metric,
        "benchmark": simulating.shown(float(benchmarks[0].value), stage.kind) if benchmarks else "",
        "unit": "" if stage.kind == "loop" else "%",
        "owners": ", ".join(team.name for team in stage.teams.all() if team.archived_at is None),
    }
