"""Candidates of a team in their order, and whether a choice goes against it (domain 5).

The rule: where every ranked candidate says what it is expected to do to the North Star, that decides and the
score breaks ties; else the score of the company's method decides. What has neither is not ranked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from metrics import formatting
from metrics.aiming import SteeringError, metric_of
from metrics.analysis import priority
from metrics.analysis.priority import COMPONENTS, RICE, Contender, Opinion, Standing
from metrics.models import Company, Metric, NorthStar
from teams import scoring
from teams.models import Omtm, Score, Team
from teams.refusing import demand


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate in its place; `standing` is None where nobody scored or the scores are hidden."""

    omtm: Omtm
    place: int | None
    standing: Standing | None
    scored: int
    hidden: bool
    effect: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates, best first; the rule in one sentence, and what to mind when reading it."""

    rows: list[Ranked]
    sentence: str
    warning: str

    def row(self, omtm: Omtm) -> Ranked | None:
        return next((row for row in self.rows if row.omtm.pk == omtm.pk), None)

    @property
    def first(self) -> list[Ranked]:
        """Those that share the first place."""
        return [row for row in self.rows if row.place == 1]


def rank(team: Team, *, company: Company, now: datetime) -> Ranking:
    """The candidates of a team in their order, in five queries."""
    joined = team.omtms.candidates().select_related("metric", "stage", "driver", "created_by", "team")
    found = list(joined.defer("snapshot").order_by("id"))
    hidden = {omtm.pk for omtm in found if scoring.is_hidden(omtm, company=company, now=now)}
    method = company.score_method
    opinions = opinions_of([omtm for omtm in found if omtm.pk not in hidden], method)
    counts = _counts(found, method)
    standings = {
        omtm.pk: priority.stand(opinions.get(omtm.pk, []), method=method, reach=omtm.reach) for omtm in found
    }
    star, measured = _star()
    order = priority.order([_contender(omtm, standings[omtm.pk], measured) for omtm in found])
    by_key = {omtm.pk: omtm for omtm in found}
    rows = [
        Ranked(
            omtm=by_key[key],
            place=order.places.get(key),
            standing=standings[key],
            scored=counts.get(key, 0),
            hidden=key in hidden,
            effect=effect_words(by_key[key], measured),
        )
        for key in (int(str(key)) for key in order.keys)
    ]
    return Ranking(rows, _sentence(rows, order.by, method, star), _warning(rows, method))


def opinions_of(omtms: Iterable[Omtm], method: str) -> dict[int, list[Opinion]]:
    """What people think of each, by its id and by component, without their names."""
    names = COMPONENTS[method]
    found: dict[int, list[Opinion]] = {}
    rows = Score.objects.filter(omtm__in=list(omtms), method=method).values("omtm_id", *names)
    for row in rows:
        found.setdefault(row["omtm_id"], []).append({name: Decimal(row[name]) for name in names})
    return found


def effect_words(omtm: Omtm, measured: Metric | None) -> str:
    """ "+183 crews", empty where nobody knows."""
    if omtm.expected_effect is None or measured is None:
        return ""
    shown = {"unit": measured.unit, "decimals": measured.decimals, "kind": measured.kind}
    return formatting.show_change(omtm.expected_effect, **shown)


def against(omtm: Omtm, *, company: Company, now: datetime) -> str:
    """The sentence that asks for a reason where another candidate is ranked first; else empty."""
    first = rank(omtm.team, company=company, now=now).first
    if not first or any(row.omtm.pk == omtm.pk for row in first):
        return ""
    return f"{first[0].omtm.name} is ranked first. Say in a sentence why you choose {omtm.name} instead."


def demand_reason(omtm: Omtm, choice_reason: str, *, company: Company, now: datetime) -> None:
    """Raise LifecycleError where the choice goes against the ranking and nobody says why."""
    sentence = "" if choice_reason.strip() else against(omtm, company=company, now=now)
    demand(not sentence, sentence, "choice_reason")


def _contender(omtm: Omtm, standing: Standing | None, measured: Metric | None) -> Contender:
    effect = omtm.expected_effect
    if effect is not None and measured is not None:
        # What looks the same on the page is the same: a hundredth of a crew decides nothing.
        scale = formatting.shown_scale(measured.unit, measured.kind)
        effect = round(effect * scale, measured.decimals) * (-1 if measured.lower_is_better else 1)
    return Contender(omtm.pk, effect, standing.score if standing else None)


def _counts(omtms: Iterable[Omtm], method: str) -> dict[int, int]:
    wanted = Q(scores__method=method)
    rows = Omtm.objects.filter(pk__in=[omtm.pk for omtm in omtms]).annotate(n=Count("scores", filter=wanted))
    return dict(rows.values_list("pk", "n"))


def _star() -> tuple[Any, Metric | None]:
    star = NorthStar.current()
    try:
        return star, metric_of(star) if star else None
    except SteeringError:
        return star, None


def _sentence(rows: list[Ranked], by: str, method: str, star: Any) -> str:
    if len(rows) < 2:
        return ""
    name, number = star or "the North Star", method.upper()
    if by == "effect":
        return f"Ordered by what each is expected to do to {name}; the {number} score breaks ties."
    if by == "score":
        told = f", because not every one says what it does to {name}" if any(r.effect for r in rows) else ""
        return f"Ordered by {number} score{told}. Without a score, a candidate stands last."
    return f"Not ordered yet: nobody's scores are seen, and nobody has said what each does to {name}."


def _warning(rows: list[Ranked], method: str) -> str:
    """RICE ranks the widest step first where reach counts different things (domain 5)."""
    units = {row.omtm.reach_unit.strip().lower() for row in rows if row.omtm.reach is not None}
    if method != RICE or len(units) < 2:
        return ""
    named = ", ".join(sorted(unit or "no unit" for unit in units))
    return (
        f"Reach is counted in different units here ({named}), so RICE puts the widest step first, whatever "
        "it is worth. Count the same thing in all of them."
    )
