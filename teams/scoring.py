"""Scoring candidates: each person of the team once, replaced at will until the round is over (domain 5).

A round opens with the first score or with the proposal and closes when everybody of the team has scored, when
the lead closes it, or after a week. It says when scores are seen where the company scores blind; elsewhere
they are seen at once, and may be changed until the team has decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from metrics import auditing
from metrics.analysis.priority import COMPONENTS, CONFIDENCES, ICE, IMPACTS, LEAST_EFFORT
from metrics.models import Company
from teams.models import Membership, Omtm, Score
from teams.models.omtm import CANDIDATE
from teams.refusing import LifecycleError

ROUND_LASTS = timedelta(days=7)
POINTS = range(1, 11)
MOST_EFFORT = Decimal(999)


def give(
    omtm: Omtm, person: Any, answers: Mapping[str, Decimal], *, company: Company, now: datetime
) -> Score:
    """Keep what a person thinks of a candidate, in place of what they thought before.

    `answers` by the components of the company's method. Raises LifecycleError.
    """
    method = company.score_method
    _demand_fitting(answers, method)
    with transaction.atomic():
        omtm = _locked_candidate(omtm)
        if company.blind_scoring and is_closed(omtm, now):
            raise LifecycleError(
                "This round of scoring is over, and everybody's scores are seen. The lead can open another."
            )
        values = {name: answers[name] for name in COMPONENTS[method]}
        score, _ = Score.objects.update_or_create(omtm=omtm, person=person, method=method, defaults=values)
        open_round(omtm, now=now)
        if not _missing(omtm, method):
            _close(omtm, now=now)
    return score


def open_round(omtm: Omtm, *, now: datetime) -> None:
    """Begin to count the days of scoring, unless that has begun; the row is locked by the caller."""
    if omtm.scoring_opened_at is None:
        omtm.scoring_opened_at = now
        omtm.save(update_fields=["scoring_opened_at"])


def close(omtm: Omtm, *, actor: Any, now: datetime) -> Omtm:
    """End the round of a candidate before everybody has scored. Raises LifecycleError."""
    with transaction.atomic():
        omtm = _locked_candidate(omtm)
        if is_closed(omtm, now):
            raise LifecycleError("This round of scoring is over already.")
        if not omtm.scores.filter(method=Company.current().score_method).exists():
            raise LifecycleError("Nobody has scored yet: there is nothing to show.")
        _close(omtm, now=now)
        auditing.record("omtm.scoring_closed", omtm, actor=actor)
    return omtm


def reopen(omtm: Omtm, *, actor: Any, now: datetime) -> Omtm:
    """Begin another round; scores stay until their people replace them. Raises LifecycleError."""
    with transaction.atomic():
        omtm = _locked_candidate(omtm)
        if not is_closed(omtm, now):
            raise LifecycleError("Scoring is open already.")
        omtm.scoring_opened_at, omtm.scoring_closed_at = now, None
        omtm.save(update_fields=["scoring_opened_at", "scoring_closed_at"])
        auditing.record("omtm.scoring_opened", omtm, actor=actor)
    return omtm


def is_closed(omtm: Omtm, now: datetime) -> bool:
    """Whether the round is over: closed, or a week old."""
    opened, closed = omtm.scoring_opened_at, omtm.scoring_closed_at
    return closed is not None or (opened is not None and now >= opened + ROUND_LASTS)


def is_hidden(omtm: Omtm, *, company: Company, now: datetime) -> bool:
    """Whether nobody may see the scores of others yet."""
    return company.blind_scoring and not is_closed(omtm, now)


def _demand_fitting(answers: Mapping[str, Decimal], method: str) -> None:
    """The forms offer only what fits; this is for whoever comes by another way."""
    for name in COMPONENTS[method]:
        value = answers.get(name)
        if value is None:
            raise LifecycleError("Answer all three.", name)
        if method == ICE:
            fits, wanted = value in POINTS, "a whole number from 1 to 10"
        elif name == "effort":
            fits, wanted = LEAST_EFFORT <= value <= MOST_EFFORT, "person-months from 0.5 to 999"
        else:
            fits, wanted = value in (IMPACTS if name == "impact" else CONFIDENCES), "one of the steps"
        if not fits:
            raise LifecycleError(f"{name.capitalize()} is {wanted}.", name)


def _locked_candidate(omtm: Omtm) -> Omtm:
    # Without the lock the last two of a team, scoring at once, would each see the other one missing.
    omtm = Omtm.objects.select_for_update(of=("self",)).get(pk=omtm.pk)
    if omtm.state not in CANDIDATE:
        raise LifecycleError(f"{omtm} is no candidate any more: scores are for choosing.")
    return omtm


def _close(omtm: Omtm, *, now: datetime) -> None:
    if omtm.scoring_closed_at is None:
        omtm.scoring_closed_at = now
        omtm.save(update_fields=["scoring_closed_at"])


def _missing(omtm: Omtm, method: str) -> bool:
    """Whether somebody of the team has not scored it."""
    scored = omtm.scores.filter(method=method).values("person")
    members = Membership.objects.filter(team=omtm.team_id, user__is_active=True)
    return members.exclude(user__in=scored).exists()
