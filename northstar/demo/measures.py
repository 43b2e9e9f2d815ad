"""What Brindlewick measures, and where the numbers come from."""

from __future__ import annotations

from dataclasses import dataclass

OFTEN: dict[str, object] = {"kind": "every", "minutes": 15}
HOURLY: dict[str, object] = {"kind": "every", "minutes": 60}
DAILY: dict[str, object] = {"kind": "daily", "at": "06:00"}


@dataclass(frozen=True, slots=True)
class Origin:
    """A source; `broken` is one that refuses every sign-in."""

    slug: str
    name: str
    owner: str
    schedule: dict[str, object]
    broken: bool = False
    backup: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric over a series of the demo connector; name, kind, grain, unit and decimals are the series'."""

    series: str
    source: str
    definition: str
    direction: str = "up"
    role: str = "input"


WAREHOUSE, BILLING, TELEMETRY, PARTNERS = (
    "product-warehouse-demo",
    "billing-demo",
    "telemetry-demo",
    "partner-crm",
)

SOURCES = (
    Origin(WAREHOUSE, "Product warehouse (demo)", "freya", HOURLY, backup="yuki"),
    Origin(BILLING, "Billing (demo)", "amara", DAILY),
    Origin(TELEMETRY, "Telemetry (demo)", "yuki", OFTEN, backup="freya"),
    Origin(PARTNERS, "Partner CRM", "noor", HOURLY, broken=True, backup="amara"),
)
WORKING = tuple(origin.slug for origin in SOURCES if not origin.broken)

METRICS = (
    Measure(
        "wac",
        WAREHOUSE,
        "Crews of paying accounts that completed at least 3 scheduled jobs in the app in an ISO week.",
        role="output",
    ),
    Measure(
        "wac_prior",
        WAREHOUSE,
        "The definition before: crews of paying accounts with at least 1 completed job in an ISO week.",
        role="output",
    ),
    Measure("new_crews", WAREHOUSE, "Crews that were active for the first time in the week."),
    Measure(
        "reactivated_crews",
        WAREHOUSE,
        "Crews that were active in the week, but not in the week before it, and had been before.",
    ),
    Measure(
        "lapsed_crews", WAREHOUSE, "Crews that were active in the week before and not in this one.", "down"
    ),
    Measure(
        "enabled_crews",
        WAREHOUSE,
        "Crews of paying accounts that could work with the app at the end of the week.",
    ),
    Measure("engaged", WAREHOUSE, "Active crews as a share of enabled crews.", role="output"),
    Measure(
        "activation",
        WAREHOUSE,
        "Trials that schedule 3 jobs within 7 days, as a share of the trials that began 7 days before.",
    ),
    Measure(
        "crew_lapse",
        WAREHOUSE,
        "Crews that were active and no longer are, as a share of all that could lapse.",
        "down",
    ),
    Measure(
        "partner_share", WAREHOUSE, "New trials that came through a partner, as a share of all new trials."
    ),
    Measure("qual_trials", WAREHOUSE, "New trials by companies with at least two crews.", role="input"),
    Measure(
        "auto_assign",
        WAREHOUSE,
        "Active crews that let the app assign at least one job, as a share of all active crews.",
    ),
    Measure(
        "same_day_moves",
        WAREHOUSE,
        "Scheduled jobs whose time was changed on the day itself, as a share of all scheduled jobs.",
        "down",
    ),
    Measure(
        "corrected_jobs",
        WAREHOUSE,
        "Jobs that a dispatcher had to correct by hand, as a share of all jobs.",
        "down",
    ),
    Measure("jobs", WAREHOUSE, "Completed jobs in a week for each active crew."),
    Measure(
        "support_contacts",
        WAREHOUSE,
        "Calls and messages to support in a week for each 100 active crews.",
        "down",
    ),
    Measure("new_paid", BILLING, "Accounts that paid for the first time in the week."),
    Measure(
        "accounts", BILLING, "Accounts with a running subscription at the end of the week.", role="output"
    ),
    Measure("crews_per_account", BILLING, "Enabled crews for each paying account."),
    Measure(
        "trial_to_paid", BILLING, "Trials that became paying accounts, as a share of the trials that ended."
    ),
    Measure(
        "sync",
        TELEMETRY,
        "Half of all changes reach the crew's phone faster than this; median of the week.",
        "range",
    ),
    Measure("partner_leads", PARTNERS, "Companies that a partner recommended to us.", role="input"),
)

# Typed by Customer Success, once a week; the last one is week 0.
VISITS = (9, 11, 8, 12, 10, 7, 11, 13, 9, 12, 14, 11)
VISITS_NAME = "Customer visits"
VISITS_DEFINITION = "Visits to crews at work by anybody of Customer Success."

# As it was first reported before late phones had synchronised; the pull brought the rest.
RESTATED_WEEK, FIRST_REPORTED = -6, -61
RESTATED_REASON = "First reported; phones without reception synchronised later."
