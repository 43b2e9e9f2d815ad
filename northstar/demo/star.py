"""The North Star of Brindlewick: versions, targets, drivers, and what happened on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NAME = "Weekly active crews"
REDEFINED = -62
FIRST_WEEK = -129
REPLACED = "Replaced by the definition that asks for 3 jobs; nothing new is fetched."

FIRST: dict[str, Any] = {
    "value_proposition": "We win when a field-service crew spends its day on jobs and not on the phone.",
    "plain_definition": "Crews of paying accounts that completed at least 1 job in the app in an ISO week.",
    "unit_of_count": "customer crew",
    "qualifying_action": "completed at least 1 scheduled job",
    "why_it_predicts_success": "Accounts whose crews work with the app renew.",
    "link_to_strategy": "Be the plan that crews follow, not the report that managers read.",
    "change_type": "first",
}
SECOND: dict[str, Any] = FIRST | {
    "plain_definition": "Crews of paying accounts that completed at least 3 scheduled jobs in the app in an "
    "ISO week.",
    "qualifying_action": "completed at least 3 scheduled jobs",
    "why_it_predicts_success": "Accounts whose crews complete 3 jobs a week renew four times as often as "
    "those whose crews complete one.",
    "known_weaknesses": "Says nothing about how much a crew earns with a job.",
    "how_it_could_be_gamed": "By splitting one job into three; jobs corrected by hand would rise.",
    "change_type": "redefinition",
    "change_reason": "One job a week is a try-out, not a habit: half of the crews with one job were gone a "
    "quarter later. Both definitions ran side by side for eight weeks; the new one reads about 7% lower.",
}


@dataclass(frozen=True, slots=True)
class Aim:
    """A target: from the value of `base_week` to `value` by the end of `due_week`, set in `set_week`."""

    horizon: str
    value: int
    due_week: int
    base_week: int
    set_week: int
    rationale: str
    superseded_week: int | None = None
    superseded_reason: str = ""


TARGETS = (
    Aim(
        "short",
        4800,
        -13,
        -39,
        -39,
        "The pace of the quarter before, and a little more.",
        0,
        "Missed by 116 crews: the lapse of existing crews was not in the plan. The new one names it.",
    ),
    Aim(
        "short",
        5400,
        26,
        -13,
        0,
        "Twice the pace of the last half-year: it needs new accounts and less lapse.",
    ),
    Aim("annual", 6100, 52, -13, -12, "The plan of the year that the board agreed to."),
    Aim("long", 10_000, 156, -13, -12, "A third of the crews in the regions that we serve."),
)


@dataclass(frozen=True, slots=True)
class Limb:
    """A driver: `key` is its series where it is measured; `above` is what it hangs from, "" the star itself.

    `effect` is in crews for one unit of its metric (a share: for all of it).
    """

    key: str
    name: str
    above: str = ""
    edge: str = "influences"
    evidence: str = "assumed"
    lag: int = 0
    effect: int | None = None
    measured: bool = True


DRIVERS = (
    Limb("accounts", "Paying accounts", edge="factor"),
    Limb("crews_per_account", "Crews per account", edge="factor"),
    Limb("engaged", "Engaged share", edge="factor"),
    Limb("new_crews", "New crews", edge="inflow"),
    Limb("reactivated_crews", "Reactivated crews", edge="inflow"),
    Limb("lapsed_crews", "Lapsed crews", edge="outflow"),
    Limb("new_paid", "New paid accounts", "accounts", evidence="correlated", lag=2),
    Limb("activation", "Activation rate", "new_paid", evidence="experiment", lag=3, effect=1_200),
    Limb("trial_to_paid", "Trial to paid", "new_paid", evidence="correlated", lag=2, effect=4_000),
    Limb("referrals", "Referrals by crews", "accounts", measured=False),
    Limb("crew_lapse", "Crew lapse rate", "engaged", evidence="correlated", effect=-50_000),
    Limb("jobs", "Jobs per crew", "engaged", lag=4),
    Limb("sync", "Sync reliability", "engaged", lag=6),
)


@dataclass(frozen=True, slots=True)
class Happening:
    """A note on the charts: weekday 0 is the Monday of the week; `days` is how long it lasted."""

    week: int
    weekday: int
    kind: str
    text: str
    author: str
    days: int = 1
    series: str = ""
    team: str = ""


HAPPENINGS = (
    Happening(-56, 1, "release", "New crew app with offline plan", "teo"),
    Happening(-48, 0, "market", "Company holidays: most crews stand still", "maren", days=28),
    Happening(-41, 2, "release", "Auto-assign for everybody", "teo"),
    Happening(-36, 3, "market", "Rival Torvik leaves the lift trade", "amara"),
    Happening(-30, 0, "campaign", "Campaign with the heating guild", "idris", days=7),
    Happening(-26, 0, "market", "Heating subsidy ends a year early", "amara"),
    Happening(-21, 1, "release", "New price page", "amara"),
    Happening(-16, 2, "decision", "Dispatchers may edit every automatic plan", "teo"),
    Happening(-12, 0, "decision", "Targets for the year and the long run", "maren"),
    Happening(-8, 1, "incident", "Phone lines of support down for two days", "bruno", days=2),
    Happening(-5, 2, "release", "Sync engine rewritten", "yuki"),
    Happening(-4, 0, "decision", "Guided first week for every trial", "solveig", team="onboarding"),
    Happening(-2, 3, "incident", "Sign-in outage on Thursday, 5 hours", "yuki"),
    Happening(2, 1, "release", "Offline plan for lift crews", "teo"),
    Happening(4, 0, "market", "Year-end holidays: most crews stand still", "maren", days=14),
)
