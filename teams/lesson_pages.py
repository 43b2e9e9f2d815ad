"""What the pages of the lessons library show: the question as it was asked, and each bet as a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from metrics.models import ChartDocument, Company
from metrics.models.funnel import AARRR
from northstar.lib import periods
from teams import lessons, omtm_pages
from teams.hit_rate import Bet
from teams.lessons import Wanted
from teams.loop_pages import PILLS, WORDS
from teams.models import Effect, Omtm
from teams.models.omtm import VERDICTS
from teams.predicting import NORTH_STAR

LONGEST_WORDS = 80
LABELS = {
    "outcome": "Outcome",
    "stage": "Stage",
    "driver": "Driver",
    "team": "Team",
    "verdict": "Hypothesis",
    "moved": "North Star",
}
ANY = {
    "outcome": "Any outcome",
    "stage": "Any stage",
    "driver": "Any driver",
    "team": "Any team",
    "verdict": "Any verdict",
    "moved": "Any effect",
}


def wanted(given: Mapping[str, str], options: Mapping[str, Sequence[tuple[Any, str]]]) -> Wanted:
    """What an address asks for; what nobody could have chosen is left out."""
    words = given.get("q", "").strip()[:LONGEST_WORDS]
    found = {name: given.get(name, "") for name in options}
    known = {
        name: found[name] if found[name] in {str(key) for key, _ in options[name]} else "" for name in found
    }
    driver = known.pop("driver")
    return Wanted(words, driver=int(driver) if driver else None, **known)


def questions(wanted: Wanted, options: Mapping[str, Sequence[tuple[Any, str]]]) -> list[dict[str, Any]]:
    """The questions of the form that have more than one answer, with the chosen one."""
    chosen = {name: str(getattr(wanted, name) or "") for name in options}
    return [
        {
            "name": name,
            "label": LABELS[name],
            "any": ANY[name],
            "options": [(str(key), label, str(key) == chosen[name]) for key, label in rows],
        }
        for name, rows in options.items()
        if rows
    ]


def query_of(wanted: Wanted) -> str:
    """The address of the same question without its page, ready to be continued: "q=guild&outcome=missed&"."""
    asked = {"q": wanted.words} | {name: getattr(wanted, name) for name in LABELS}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{query}&" if query else ""


def card(omtm: Omtm) -> dict[str, Any]:
    """One bet as its card shows it; of `lessons.for_cards`."""
    star = next((effect for effect in omtm.effects.all() if effect.on == NORTH_STAR), None)
    stage = lessons.stage_of(omtm)
    return {
        "omtm": omtm,
        "span": omtm_pages.span_words(omtm),
        "about": [each for each in (AARRR.get(stage, ""), omtm.driver.name if omtm.driver else "") if each],
        "reached": omtm_pages.outcome_of(omtm).get("reached", ""),
        "hypothesis": VERDICTS.get(omtm.verdict, ""),
        "moved": "" if star is None else WORDS.get(star.verdict, "Not due yet"),
        "moved_mark": "" if star is None else PILLS.get(star.verdict, "too_early"),
        "drawing": ChartDocument(sketches={"card": getattr(omtm, "drawing", "") or ""}),
        "successors": [each for each in omtm.successors.all() if each.state != "withdrawn"],
    }


def bets(company: Company) -> list[Bet]:
    """Every retired bet as the hit rate counts it; two queries."""
    rows = Omtm.objects.retired().select_related("team", "stage").defer("snapshot")
    judged = Effect.objects.filter(on=NORTH_STAR).exclude(verdict="").values_list("omtm_id", "verdict")
    moved = dict(judged)
    return [
        Bet(
            lessons.stage_of(omtm),
            periods.local_day(omtm.retired_at, company.zone),
            omtm.outcome_pill,
            moved.get(omtm.pk, ""),
        )
        for omtm in rows
        if omtm.retired_at is not None
    ]
