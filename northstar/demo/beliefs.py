"""What the people of Brindlewick thought of the bets that are over, every third week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from metrics.models import Metric
from northstar.demo import check_ins
from northstar.demo.days import Days
from teams.models import CheckIn, Omtm, User
from teams.models.omtm import CANDIDATE

FIRST, EVERY = timedelta(days=4), timedelta(weeks=3)


@dataclass(frozen=True, slots=True)
class Belief:
    """Of one team about one series: chances in percent from the first week on; `notes` by the first."""

    team: str
    series: str
    said: Mapping[str, tuple[int, ...]]
    notes: tuple[str, ...]


BELIEFS = (
    Belief(
        "core-scheduling",
        "auto_assign",
        {
            "teo": (90, 90, 70, 70, 50, 30, 10),
            "mirja": (70, 70, 70, 50, 30, 30, 10),
            "obi": (90, 70, 70, 50, 50, 30, 10),
        },
        (
            "Everybody who saw it wants it.",
            "First customers have it since Monday.",
            "They try it once; we show them how it decides.",
            "The second release plans better.",
            "Better plans, and the same number of people.",
            "They close the window at the first wrong job.",
            "It will not be reached; we know why.",
        ),
    ),
    Belief(
        "marketing",
        "qual_trials",
        {"idris": (70, 70, 90, 90, 90, 90), "lene": (50, 70, 90, 70, 90, 90), "piet": (50, 70, 70, 90, 90)},
        (
            "The guild prints us in its next two numbers.",
            "The first number is out.",
            "Campaign week: the phones do not stop.",
            "It stays after the campaign.",
            "The guild asks for a second year.",
            "There, and holding.",
        ),
    ),
    Belief(
        "core-scheduling",
        "same_day_moves",
        {"teo": (70, 70, 50, 50, 70, 70), "mirja": (50, 50, 50, 70, 50, 70)},
        (
            "The evening view is with ten customers.",
            "Dispatchers like it; moves fall where it is used.",
            "Autumn storms: everybody moves jobs.",
            "Half of the customers have it.",
            "Every second dispatcher uses it now.",
            "Fewer moves than in October in spite of the storms.",
        ),
    ),
)


def tell(metrics: Mapping[str, Metric], users: Mapping[str, User], days: Days) -> None:
    """Keep what was said before today, each as of its day."""
    rows = []
    for belief in BELIEFS:
        chosen = Omtm.objects.exclude(state__in=CANDIDATE).filter(is_demo=True)
        omtm = chosen.get(team__slug=belief.team, metric=metrics[belief.series])
        for who, chances in belief.said.items():
            for place, chance in enumerate(chances):
                day = omtm.start + FIRST + place * EVERY
                if day < days.today and day <= omtm.end:
                    note = belief.notes[place] if who == next(iter(belief.said)) else ""
                    rows.append(CheckIn(omtm=omtm, person=users[who], day=day, chance=chance, note=note))
    CheckIn.objects.bulk_create(check_ins.measured(rows))
