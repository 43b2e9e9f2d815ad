"""The bets of Brindlewick's teams: domain 9, numbers 1 to 7 and 9, and one more that was won at a cost.

Shares are fractions.
"""

from __future__ import annotations

from dataclasses import dataclass

ROUNDED = "Rounded from the eight weeks before the start."


@dataclass(frozen=True, slots=True)
class Close:
    """How a bet was retired: days after the end of its window, and what was written down."""

    days: int
    reason: str
    lesson: str


@dataclass(frozen=True, slots=True)
class Past:
    """One bet as it was committed; `goal` is the target, for a range its two ends."""

    number: int
    team: str
    owner: str
    series: str
    start_week: int
    months: int
    baseline: str
    goal: str | tuple[str, str]
    why: str
    guards: tuple[tuple[str, str, str], ...]
    half_way: str = ""
    closed: Close | None = None


BETS = (
    Past(
        7,
        "core-scheduling",
        "teo",
        "auto_assign",
        -44,
        5,
        "0.18",
        "0.30",
        "We believe that assigning jobs automatically saves dispatchers an hour a day, because half of their "
        "calls are about who goes where. We shall know we are wrong if fewer than one crew in four uses it "
        "by half-time.",
        (("corrected_jobs", "at_most", "0.06"),),
        half_way="Hardly moving. Dispatchers try it once and go back; we show them how it decides.",
        closed=Close(
            9,
            "Two releases made the plans better, and hardly anybody used them. Dispatchers looked "
            "at a plan, found one job in the wrong place and closed the window.",
            "Dispatchers do not trust a plan they cannot edit: let people change what the machine "
            "proposes before asking them to rely on it.",
        ),
    ),
    Past(
        6,
        "marketing",
        "idris",
        "qual_trials",
        -35,
        4,
        "420",
        "560",
        "We believe that the heating guild's own magazine brings companies with several crews, because three "
        "of our five largest accounts read about us there.",
        (("support_contacts", "at_most", "9"),),
        half_way="Ahead of plan since the campaign week. We keep the guild and drop the trade fair.",
        closed=Close(
            5,
            "The guild's campaign brought a third of the new trials; its readers stayed after it "
            "ended. The search advertisements added nothing that we could see.",
            "A guild that vouches for us brings twice the qualified trials of any advertisement, and "
            "goes on doing so after the campaign.",
        ),
    ),
    Past(
        9,
        "core-scheduling",
        "teo",
        "same_day_moves",
        -17,
        4,
        "0.28",
        "0.20",
        "We believe that plans which dispatchers can edit the evening before are moved less on the day "
        "itself, "
        "because most moves repair what everybody knew the day before.",
        (("corrected_jobs", "at_most", "0.06"),),
        half_way="A third of the way, as planned. The evening view is used by every second dispatcher.",
    ),
    Past(
        10,
        "marketing",
        "idris",
        "new_crews",
        -13,
        2,
        "75",
        "84",
        "We believe that a free month for a whole fleet brings more crews at once, because companies try us "
        "with one crew and then wait for a quarter.",
        (("support_contacts", "at_most", "9"),),
        half_way="Behind plan: a free month on the price page alone brings nobody. We write to the guild.",
        closed=Close(
            3,
            "The offer alone brought nothing; the letter to forty companies brought whole fleets within two "
            "weeks. Support had more calls meanwhile than it could take, from fleets that set up everything "
            "on one day.",
            "An offer to everybody lands on support in the same week: stagger it by region, and tell support "
            "the dates before it goes out.",
        ),
    ),
    Past(
        1,
        "onboarding",
        "solveig",
        "activation",
        -9,
        4,
        "0.24",
        "0.34",
        "We believe that importing the customer's own job list on the first day gets more trials to three "
        "jobs, "
        "because trials without a list stop at one.",
        (("support_contacts", "at_most", "9"),),
        half_way="The import works; the calls about it were too many for two weeks and then stopped.",
    ),
    Past(
        2,
        "sales",
        "amara",
        "trial_to_paid",
        -9,
        4,
        "0.030",
        "0.040",
        "We believe that a call in the second week of a trial turns more of them into paying accounts, "
        "because those who paid without one had all phoned us first.",
        (("activation", "at_least", "0.22"),),
        half_way="Better than before, slower than planned: half of the calls reach nobody.",
    ),
    Past(
        3,
        "customer-success",
        "bruno",
        "crew_lapse",
        -9,
        4,
        "0.020",
        "0.016",
        "We believe that a visit to every account which lost a crew stops the next one from going, because "
        "crews leave in groups.",
        (("support_contacts", "at_most", "9"),),
    ),
    Past(
        4,
        "platform",
        "yuki",
        "sync",
        -5,
        3,
        "1.62",
        ("0", "2"),
        "Crews trust the plan on their phone only while it is the plan in the office. Two seconds is what "
        "they do not notice; we hold it while the number of phones grows.",
        (("corrected_jobs", "at_most", "0.06"),),
    ),
    Past(
        5,
        "marketing",
        "idris",
        "partner_share",
        -2,
        4,
        "0.11",
        "0.18",
        "We believe that wholesalers who sell boilers will recommend us, because a crew that is on time buys "
        "from them again.",
        (("qual_trials", "at_least", "500"),),
    ),
)
