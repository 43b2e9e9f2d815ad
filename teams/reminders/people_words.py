"""The words about teams and people (domain.md §8): no focus, a waiting idea, a missing answer."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from metrics import telling
from metrics.models import Metric, NorthStarTarget
from teams import charting
from teams.models import Omtm, Team
from teams.reminders.wording import Words, day_of, words


def of_idle_team(team: Team, *, since: date | None, suggested: str) -> Words:
    """M13: "Marketing has had no focus metric since 3 October. The funnel suggests Activation." """
    subject = f"{team} has no focus metric"
    says = (
        f"{team} has had no focus metric since {day_of(since)}." if since else f"{team} has had no focus yet."
    )
    hint = f" The funnel suggests {suggested}." if suggested else ""
    path = reverse("candidates", args=[team.slug])
    return words(subject, f"{says}{hint} Which number would help most now?", path, "See candidates")


def of_candidate(omtm: Omtm, *, waits: int, for_leader: bool) -> Words:
    """M14: "Jobs per active crew and week (Core Scheduling) has waited 11 days for a decision. …" """
    subject = f"{omtm} waits for a decision"
    who = "your approval" if for_leader else "a decision"
    asks = "Commit to it, change it, or say no: all help."
    text = f"{omtm} ({omtm.team}) has waited {waits} days for {who}. {asks}"
    return words(subject, text, reverse("omtm", args=[omtm.pk]), "Decide")


def of_answer(omtm: Omtm) -> Words:
    """M15: "Your answer to Activation rate (Onboarding) is missing: are you in, …" """
    subject = f"Are you in? {omtm}"
    asks = "Are you in, in with a concern, or not in? Any answer helps."
    plain = f"{omtm.team} asks who puts {omtm} first, until {day_of(omtm.end)}. {asks}"
    goal = charting.goal_words(omtm)
    text = plain
    if omtm.target is not None and omtm.baseline is not None:
        aim = f"from {goal['from_words']} to {goal['to_words']} by {day_of(omtm.end)}"
        text = f"{omtm.team} asks who puts {omtm} first: {aim}. {asks}"
    path = f"{reverse('omtm', args=[omtm.pk])}#commitment"
    return words(subject, text, path, "Answer", plain=plain)


def of_star_target(target: NorthStarTarget, metric: Metric, *, now: str, today: date) -> Words:
    """M16: "30 days to the target of Weekly active crews: 5,400 crews by 28 May, 4,871 crews now. …" """
    star = target.north_star
    left = (target.due_date - today).days
    subject = f"The day of the target of {star} has come"
    if left > 0:
        subject = f"{left} day{'' if left == 1 else 's'} to the target of {star}"
    asks = "Decide what you aim for next."
    stands = f", {now} now" if now else ""
    aim = f"{telling.show(target.target_value, metric)} by {day_of(target.due_date)}"
    path = reverse("north-star-targets")
    if star.scope == "unit":
        path = reverse("north-star-unit-targets", args=[star.pk])
    text = f"{subject}: {aim}{stands}. {asks}"
    return words(subject, text, path, "Set the next target", plain=f"{subject}. {asks}")
