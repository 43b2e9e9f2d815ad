"""What the people of Brindlewick thought of their bets, every third week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from metrics.models import Metric
from northstar.demo.days import Days
from teams.models import CheckIn, Omtm, User

FIRST, EVERY = timedelta(days=4), timedelta(weeks=3)


@dataclass(frozen=True, slots=True)
class Belief:
    """Of one team about one series: chances in percent from the first week on; `note` by the first."""

    team: str
    series: str
    said: Mapping[str, tuple[int, ...]]
    note: str = ""


BELIEFS = (
    Belief(
        "core-scheduling",
        "auto_assign",
        {
            "teo": (90, 90, 70, 70, 50, 30, 10),
            "mirja": (70, 70, 70, 50, 30, 30, 10),
            "obi": (90, 70, 70, 50, 50, 30, 10),
        },
    ),
    Belief(
        "marketing",
        "qual_trials",
        {"idris": (70, 70, 90, 90, 90, 90), "lene": (50, 70, 90, 70, 90, 90), "piet": (50, 70, 70, 90, 90)},
    ),
    Belief(
        "core-scheduling",
        "same_day_moves",
        {"teo": (70, 70, 50, 50, 70, 70), "mirja": (50, 50, 50, 70, 50, 70)},
    ),
    Belief(
        "onboarding",
        "activation",
        {"solveig": (50, 50, 70, 70), "hanno": (70, 70, 90, 90), "ines": (50, 50, 70, 70)},
        "The import holds, and the calls about it have stopped.",
    ),
    Belief(
        "sales",
        "trial_to_paid",
        {"amara": (70, 90, 90, 90), "jonas": (70, 70, 70, 70), "priya": (70, 70, 70, 70)},
        "Contracts with three large accounts are signed and count from next week.",
    ),
    Belief(
        "customer-success",
        "crew_lapse",
        {"bruno": (70, 70, 50, 50), "kaja": (50, 50, 50, 30), "silas": (70, 50, 50, 50)},
        "We have visited a third of the accounts; the rest are booked.",
    ),
)


def tell(metrics: Mapping[str, Metric], users: Mapping[str, User], days: Days) -> None:
    """Keep what was said before today, each as of its day."""
    rows = []
    for belief in BELIEFS:
        omtm = Omtm.objects.get(team__slug=belief.team, metric=metrics[belief.series], is_demo=True)
        for who, chances in belief.said.items():
            for place, chance in enumerate(chances):
                day = omtm.start + FIRST + place * EVERY
                newest = place == len(chances) - 1 and who == next(iter(belief.said))
                if day < days.today and day <= omtm.end:
                    note = belief.note if newest else ""
                    rows.append(CheckIn(omtm=omtm, person=users[who], day=day, chance=chance, note=note))
    CheckIn.objects.bulk_create(rows)
