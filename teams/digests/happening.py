"""What happened in the week of a letter, and what comes in the week after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from metrics import flags, formatting
from metrics.models import Annotation
from northstar.lib.periods import WEEK
from northstar.lib.windows import half_way
from northstar.lib.workdays import next_working_day
from teams.models import Review
from teams.weekly_lines import NORTH_STAR, SUNDAY, Wanted

#: More than any reader is shown: each sees those of the company and of their own teams.
MOST_EVENTS = 100


def events(week: date, today: date) -> list[dict[str, Any]]:
    """What happened in the week of the review, oldest first; of too many the company's. Two queries."""
    last = week + SUNDAY
    during = Q(day__range=(week, last)) | Q(day__lt=week, until__gte=week)
    rows = Annotation.objects.filter(during).select_related("metric").prefetch_related("teams")
    kept = sorted(rows.order_by("of_team", "day", "id")[:MOST_EVENTS], key=lambda row: (row.day, row.pk))
    return [
        {
            "when": flags.when(row, today),
            "text": row.text,
            "metric": row.metric.name if row.metric else "",
            "teams": [team.pk for team in row.teams.all()],
        }
        for row in kept
    ]


def coming(wanted: Sequence[Wanted], *, week: date, today: date, country: str) -> list[dict[str, Any]]:
    """What the calendar holds for the seven days from the Monday of the letter on, in order. One query."""
    first = week + WEEK
    last = first + SUNDAY
    bets = [each.omtm for each in wanted if each.omtm is not None]
    held = set(Review.objects.filter(omtm__in=bets, kind="midpoint").values_list("omtm", flat=True))
    found: list[tuple[date, str, str, int | None]] = []
    for omtm in bets:
        path = reverse("omtm", args=[omtm.pk])
        if omtm.pk not in held:
            middle = next_working_day(half_way(omtm.start, omtm.end), country)
            found.append((middle, f"Half-time for {omtm.name}", path, omtm.team_id))
        found.append((omtm.end, f"The window of {omtm.name} ends", path, omtm.team_id))
        found.append((omtm.review_due_on, f"The review of {omtm.name} is due", path, omtm.team_id))
    for each in wanted:
        if each.section == NORTH_STAR and each.star is not None:
            if each.star.next_review_on:
                found.append(
                    (
                        each.star.next_review_on,
                        f"Review of the North Star, {each.name}",
                        reverse("north-star-review"),
                        None,
                    )
                )
            if each.target is not None:
                found.append((each.target.due_date, f"Target date of {each.name}", reverse("home"), None))
    kept = sorted((each for each in found if first <= each[0] <= last), key=lambda each: (each[0], each[1]))
    return [
        {
            "when": f"{day:%a} {formatting.day_words(day, today)}",
            "text": text,
            "path": path,
            "team": team,
        }
        for day, text, path, team in kept
    ]
