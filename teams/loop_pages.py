"""What pages show of the loop from bet to lesson: what was predicted, and what came of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from metrics import formatting
from metrics.models import ChartDocument
from teams import ledger
from teams.models import Effect, Omtm
from teams.predicting import NORTH_STAR, USUAL_WEEKS
from teams.verdict_words import change

#: Supported is good news, not supported is knowledge: neither has the colour of an alarm.
PILLS = {"supported": "achieved", "not_supported": "neutral", "cannot_tell": "no_data"}
WORDS = {
    "supported": "Moved as predicted",
    "not_supported": "Not as predicted",
    "cannot_tell": "Cannot tell",
}


def about(omtm: Omtm, *, today: date) -> dict[str, Any]:
    """What a bet promised beyond its own metric, how that was judged, what moved and broke; 2 queries."""
    effects = [told(effect, today=today) for effect in omtm.effects.order_by("-on")]
    return {
        "effects": effects,
        "promise": _promise(omtm),
        "moved": ledger.of(omtm),
        "breaches": omtm.snapshot.get("breaches", []) if omtm.guardrail_breach else [],
    }


def told(effect: Effect, *, today: date) -> dict[str, Any]:
    """One effect as its section shows it: title, pill, sentence, drawing and table."""
    detail = effect.detail
    waiting = (
        f"Told from {formatting.day_words(effect.due_on, today)} on, once the weeks up to then are complete."
    )
    if effect.predicted is not None and not effect.verdict:
        waiting = f"{change(effect.predicted, detail)} was predicted. {waiting}"
    return {
        "on": effect.on,
        "file": f"effect:{effect.pk}",
        "title": detail.get("name", ""),
        "kind": "North Star" if effect.on == NORTH_STAR else "Driver",
        "pill": PILLS.get(effect.verdict, "too_early"),
        "word": WORDS.get(effect.verdict, "Not due yet"),
        "words": effect.words or waiting,
        "drawing": ChartDocument(sketches={name: detail.get(name, "") for name in ("wide", "narrow")}),
        "drawn": bool(detail.get("wide")),
        "facts": {"table": detail.get("table", []), "columns": ["Week", "Value"]},
    }


def _promise(omtm: Omtm) -> dict[str, Any] | None:
    """The effect on the North Star that was predicted, in words; None where nobody said."""
    if not omtm.expected_effect or omtm.north_star_version is None:
        return None
    metric = omtm.north_star_version.metric
    shown = {"unit": metric.unit, "decimals": metric.decimals, "kind": metric.kind}
    weeks = USUAL_WEEKS if omtm.effect_weeks is None else omtm.effect_weeks
    return {"change": change(float(omtm.expected_effect), shown), "weeks": weeks}
