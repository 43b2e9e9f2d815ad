"""What people think of a candidate, as its page says it; of others nothing is read while that is hidden."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from metrics import formatting
from metrics.analysis.priority import COMPONENTS, RICE, Component, Standing
from metrics.models import Company
from northstar.lib.policy import Subject, may
from teams import scoring
from teams.forms.candidates import ScoreForm
from teams.models import Membership, Omtm, Score
from teams.ranking import Ranked

NAMES = {"impact": "Impact", "confidence": "Confidence", "ease": "Ease", "effort": "Effort"}


def panel(
    omtm: Omtm,
    row: Ranked | None,
    *,
    subject: Subject,
    company: Company,
    now: datetime,
    form: ScoreForm | None = None,
) -> dict[str, Any]:
    """Medians, range, who said what for those who may see it, and the own answer. Two queries.

    `row` is its place in the order, None once it is no candidate any more.
    """
    method, standing = company.score_method, row.standing if row else None
    hidden, closed = row is not None and row.hidden, scoring.is_closed(omtm, now)
    sees_all = may(subject, "score.view", omtm) and not hidden
    given = Score.objects.filter(omtm=omtm, method=method).select_related("person").order_by("person__name")
    rows = list(given if sees_all else given.filter(person=subject.user_id))
    mine = next((each for each in rows if each.person_id == subject.user_id), None)
    may_score = (
        row is not None and may(subject, "score.give", omtm) and not (company.blind_scoring and closed)
    )
    return {
        "method": method.upper(),
        "needs_reach": method == RICE and omtm.reach is None,
        "blind": company.blind_scoring,
        "hidden": hidden,
        "closed": closed,
        "scored": row.scored if row else 0,
        "members": Membership.objects.filter(team=omtm.team_id, user__is_active=True).count(),
        "mine": mine,
        "form": form or (ScoreForm(method=method, mine=mine) if may_score else None),
        "may_rule": row is not None and company.blind_scoring and may(subject, "omtm.create", omtm),
        "standing": standing,
        "score": score_words(standing),
        "mean": f"{standing.mean:.1f}" if standing and standing.mean is not None else "",
        "range": _range(standing),
        "talk": talk_words(standing),
        "components": [_component(each, method) for each in standing.components] if standing else [],
        "names": [NAMES[name] for name in COMPONENTS[method]],
        "people": [_person(each) for each in rows] if sees_all else [],
    }


def score_words(standing: Standing | None) -> str:
    """ "357", "9.5"; an en dash without one."""
    return formatting.NOTHING if standing is None or standing.score is None else _number(standing.score)


def medians_words(standing: Standing | None) -> str:
    """ "impact 8.5, confidence 7, ease 6"; empty without an opinion."""
    components = standing.components if standing else ()
    method = standing.method if standing else ""
    return ", ".join(f"{each.name} {_value(each.median, each.name, method)}" for each in components)


def talk_words(standing: Standing | None) -> str:
    """What people see so differently that they should talk about it: "impact and ease"."""
    return " and ".join(standing.to_talk_about) if standing else ""


def _component(each: Component, method: str) -> dict[str, Any]:
    low, high = (_value(value, each.name, method) for value in (each.low, each.high))
    said = low if low == high else f"{low} to {high}"
    median = _value(each.median, each.name, method)
    return {"name": NAMES[each.name], "median": median, "range": said, "apart": each.apart}


def _person(score: Score) -> dict[str, Any]:
    names = COMPONENTS[score.method]
    values = [_value(getattr(score, name), name, score.method) for name in names]
    return {"person": score.person, "values": values}


def _value(value: Decimal | int, name: str, method: str) -> str:
    """ "8.5"; a confidence of RICE as it is chosen: "80%"."""
    if name == "confidence" and method == RICE:
        return formatting.show_share(value)
    return f"{Decimal(value).normalize():f}"


def _range(standing: Standing | None) -> str:
    """ "216 to 378": the lowest and the highest score of a single person."""
    if standing is None or standing.low is None or standing.high is None or standing.low == standing.high:
        return ""
    return f"{_number(standing.low)} to {_number(standing.high)}"


def _number(score: Decimal) -> str:
    return formatting.show(score, decimals=0 if score >= 10 else 1)
