"""The lessons library: every retired bet, found by words and by what it was about (domain 3.6)."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.fields.json import KT

from metrics.models import Driver
from metrics.models.funnel import AARRR
from teams.models import Effect, Omtm, Review, Team
from teams.models.omtm import AT_A_COST, OUTCOMES, VERDICTS

#: Shown as an outcome of its own: a guardrail broke meanwhile.
COSTLY = "costly"
OUTCOME_WORDS = {**OUTCOMES, COSTLY: "Won at a cost"}
MOVED = {
    "supported": "Moved as predicted",
    "not_supported": "Did not move as predicted",
    "cannot_tell": "Cannot tell",
}
TEXTS = ("name", "why", "lesson", "retire_reason", "definition", "kill_criterion", "wrong_if")
BESIDE = ("team__name", "metric__name", "driver__name", "stage__name", "stage__aarrr", "team__stage")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; "" and None leave a question open. `moved` is the verdict about the North Star."""

    words: str = ""
    outcome: str = ""
    stage: str = ""
    driver: int | None = None
    team: str = ""
    verdict: str = ""
    moved: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it asks for nothing in particular."""
        return self == Wanted()


def find(wanted: Wanted) -> QuerySet[Omtm]:
    """The retired bets that fit, newest first: two queries more where words are asked for."""
    rows = Omtm.objects.retired().filter(_asked(wanted))
    words = folded(wanted.words).split()
    return rows.filter(pk__in=_with_words(rows, words)) if words else rows


def for_cards(rows: QuerySet[Omtm]) -> QuerySet[Omtm]:
    """With all that their cards show, in a fixed number of queries; of the record only the small drawing."""
    effects = Prefetch("effects", Effect.objects.defer("detail").order_by("-on"))
    after = Prefetch("successors", Omtm.objects.only("id", "name", "state", "predecessor").order_by("id"))
    joined = rows.select_related("team", "metric", "stage", "driver", "predecessor")
    joined = joined.defer("snapshot", "predecessor__snapshot").prefetch_related(effects, after)
    return joined.annotate(drawing=KT("snapshot__sketches__card"))


def choices() -> dict[str, list[tuple[Any, str]]]:
    """What can be asked for, by the name of the question: only what some retired bet has; three queries."""
    retired = Omtm.objects.retired().order_by()
    used = set(retired.values_list(F("stage__aarrr"), F("team__stage")).distinct())
    stages = {own or of_team for own, of_team in used}
    drivers = Driver.objects.filter(omtms__state="retired").distinct().order_by("name")
    teams = Team.objects.filter(omtms__state="retired").distinct().order_by("name")
    return {
        "outcome": list(OUTCOME_WORDS.items()),
        "stage": [(key, label) for key, label in AARRR.items() if key in stages],
        "driver": list(drivers.values_list("pk", "name")),
        "team": list(teams.values_list("slug", "name")),
        "verdict": list(VERDICTS.items()),
        "moved": list(MOVED.items()),
    }


def folded(text: str) -> str:
    """The text without the difference of case, in any script, and of ways to write the same letter."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def stage_of(omtm: Omtm) -> str:
    """The AARRR stage that it worked on: its own, else the one its team owns; "" without one."""
    return omtm.stage.aarrr if omtm.stage else omtm.team.stage if omtm.team.stage in AARRR else ""


def _asked(wanted: Wanted) -> Q:
    asked = Q()
    if wanted.outcome == COSTLY:
        asked &= Q(guardrail_breach=True, outcome__in=AT_A_COST)
    elif wanted.outcome:
        asked &= Q(outcome=wanted.outcome)
    if wanted.stage:
        asked &= Q(stage__aarrr=wanted.stage) | Q(stage=None, team__stage=wanted.stage)
    if wanted.driver is not None:
        asked &= Q(driver=wanted.driver)
    if wanted.team:
        asked &= Q(team__slug=wanted.team)
    if wanted.verdict:
        asked &= Q(verdict=wanted.verdict)
    if wanted.moved:
        asked &= Q(pk__in=Effect.objects.filter(on="north_star", verdict=wanted.moved).values("omtm"))
    return asked


def _with_words(rows: QuerySet[Omtm], words: Iterable[str]) -> list[int]:
    """The ids of those that hold all the words.

    Compared here and not by the database: SQLite folds the case of ASCII alone and PostgreSQL as its locale
    says, and neither finds a word inside an answer of a review.
    """
    said: dict[int, list[str]] = defaultdict(list)
    for pk, *texts in rows.order_by().values_list("pk", *TEXTS, *BESIDE):
        said[pk] += [text for text in texts if text]
    for omtm_id, note, answers in Review.objects.filter(
        omtm__state="retired", held_at__isnull=False
    ).values_list("omtm_id", "note", "answers"):
        if omtm_id in said:
            said[omtm_id] += [note, *_texts(answers)]
    wanted = list(words)
    found = []
    for pk, texts in said.items():
        text = folded(" ".join(texts))
        if all(word in text for word in wanted):
            found.append(pk)
    return found


def _texts(answers: Any) -> Iterator[str]:
    """Every text inside of answers as they are stored."""
    if isinstance(answers, str):
        yield answers
    elif isinstance(answers, dict):
        for each in answers.values():
            yield from _texts(each)
    elif isinstance(answers, list):
        for each in answers:
            yield from _texts(each)
