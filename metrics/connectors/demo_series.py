"""The invented numbers of the demo company, drawn anew from the distance to an anchor Sunday.

Every draw has a generator of its own, keyed by series and offset: any day of loading shows the same shapes.
Day offset 0 is the anchor (the last Sunday before today), week 0 the week that ends on it. Pure.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from metrics.connectors import demo_growth as growth

_START = growth.FIRST_WEEK
# Monday to Sunday, together 7.
WEEKDAY = (1.18, 1.22, 1.20, 1.14, 1.02, 0.70, 0.54)

Curve = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Draw:
    """The numbers of one period: a value, a value and its weight (denominator), or both parts of a ratio."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One invented series: what it is, which weeks it covers and how one offset of its grain is drawn."""

    key: str
    label: str
    kind: str
    grain: str
    unit: str
    decimals: int
    first_week: int
    draw: Callable[[int], Draw]
    last_week: int = 0
    # A part of the running week, by the number of its days that are over.
    partial: Callable[[int], Draw] | None = None


def monday(week: int) -> int:
    """Day offset of the Monday of a week."""
    return week * 7 - 6


def weekday(offset: int) -> int:
    return (offset + 6) % 7


def generator(name: str, offset: int) -> random.Random:
    return random.Random(f"brindlewick|{name}|{offset}")


def ramp(before: float, after: float, start: int, end: int, shape: float = 1.0) -> Curve:
    """From `before` at day `start` to `after` at day `end`, flat outside."""

    def curve(offset: int) -> float:
        gone = min(1, max(0, (offset - start) / (end - start)))
        return float(before + (after - before) * gone**shape)

    return curve


def _share(name: str, per_week: float, curve: Curve) -> Callable[[int], Draw]:
    def draw(offset: int) -> Draw:
        chance = generator(name, offset)
        total = max(0, round(per_week / 7 * WEEKDAY[weekday(offset)] * (1 + chance.gauss(0, 0.06))))
        probability = min(1, max(0, curve(offset)))
        hits = sum(chance.random() < probability for _ in range(total))
        return Draw(numerator=Decimal(hits), denominator=Decimal(total))

    return draw


def _count(name: str, per_week: Curve) -> Callable[[int], Draw]:
    def draw(offset: int) -> Draw:
        mean = per_week(offset) / 7 * WEEKDAY[weekday(offset)]
        return Draw(value=Decimal(max(0, round(mean * (1 + generator(name, offset).gauss(0, 0.09))))))

    return draw


def _decimal(value: float, decimals: int) -> Decimal:
    return Decimal(f"{value:.{decimals}f}")


def _sync(week: int) -> Draw:
    return Draw(value=_decimal(math.exp(math.log(1.62) + 0.08 * generator("sync", week).gauss(0, 1)), 2))


def _jobs(week: int) -> Draw:
    value = _decimal(14.2 + 0.45 * generator("jobs", week).gauss(0, 1), 1)
    return Draw(value=value, denominator=Decimal(growth.week(week).wac))


# The breach that recovered: two weeks above the limit of 9.
_CONTACTS_BREACH = {-8: 2.1, -7: 2.4}


def _contacts(week: int) -> Draw:
    level = 7.3 + _CONTACTS_BREACH.get(week, 0.0) + 0.3 * generator("contacts", week).gauss(0, 1)
    return Draw(value=_decimal(level, 1), denominator=Decimal(growth.week(week).wac))


def _grown(read: Callable[[growth.Week], int | Decimal]) -> Callable[[int], Draw]:
    return lambda week: Draw(value=Decimal(read(growth.week(week))))


def _engaged(week: int) -> Draw:
    row = growth.week(week)
    return Draw(numerator=Decimal(row.wac), denominator=Decimal(row.enabled))


def _per_account(week: int) -> Draw:
    row = growth.week(week)
    return Draw(numerator=Decimal(row.enabled), denominator=Decimal(row.accounts))


def _prior(week: int) -> Draw:
    return Draw(value=Decimal(round(growth.week(week).wac / 0.930)))


def _wac_so_far(days_over: int) -> Draw:
    return Draw(value=Decimal(growth.active_so_far(days_over)))


# The first weeks of the OMTM series are part of the story: the check values hold for just that much history.
_DAILY = (
    Series("activation", "Activation rate", "ratio", "day", "%", 1, -29,
           _share("activation4", 600, ramp(0.240, 0.332, monday(-9), 1, 0.95))),
    Series("trial_to_paid", "Trial to paid", "ratio", "day", "%", 2, -29,
           _share("trial_paid6", 600, ramp(0.030, 0.0350, monday(-9), 1))),
    Series("crew_lapse", "Weekly crew lapse", "ratio", "day", "%", 2, -29,
           _share("lapse", 4800, ramp(0.0200, 0.0196, monday(-9), 1))),
    Series("partner_share", "Share of trials from partners", "ratio", "day", "%", 1, -29,
           _share("partner_share", 600, ramp(0.11, 0.12, monday(-2), 1))),
    Series("auto_assign", "Crews using auto-assign", "ratio", "day", "%", 1, -56,
           _share("auto_assign", 2600, ramp(0.18, 0.196, monday(-44), monday(-23)))),
    Series("same_day_moves", "Jobs moved on the day itself", "ratio", "day", "%", 1, -51,
           _share("same_day_moves", 900, ramp(0.28, 0.218, monday(-17), monday(-3)))),
    Series("qual_trials", "Qualified trials", "flow_sum", "day", "trials", 0, -51,
           _count("qual_trials", ramp(420, 590, monday(-35), monday(-18), 0.8))),
    Series("partner_leads", "Leads from partners", "flow_sum", "day", "leads", 0, -29,
           _count("partner_leads", ramp(58, 72, monday(-20), 1))),
    Series("corrected_jobs", "Jobs corrected by hand", "ratio", "day", "%", 1, -51,
           _share("corrected", 2400, ramp(0.049, 0.046, monday(-30), 1))),
)  # fmt: skip

_WEEKLY = (
    Series("wac", "Weekly active crews", "unique", "week", "crews", 0, _START,
           _grown(lambda row: row.wac), partial=_wac_so_far),
    Series("wac_prior", "Weekly active crews, at least 1 job", "unique", "week", "crews", 0, _START,
           _prior, last_week=-62),
    Series("new_crews", "New crews", "flow_sum", "week", "crews", 0, _START, _grown(lambda row: row.new)),
    Series("reactivated_crews", "Reactivated crews", "flow_sum", "week", "crews", 0, _START,
           _grown(lambda row: row.reactivated)),
    Series("lapsed_crews", "Lapsed crews", "flow_sum", "week", "crews", 0, _START,
           _grown(lambda row: row.lapsed)),
    Series("new_paid", "New paid accounts", "flow_sum", "week", "accounts", 0, _START,
           _grown(lambda row: row.paid)),
    Series("accounts", "Paying accounts", "snapshot_stock", "week", "accounts", 0, _START,
           _grown(lambda row: row.accounts)),
    Series("crews_per_account", "Crews per account", "ratio", "week", "crews", 2, _START, _per_account),
    Series("enabled_crews", "Enabled crews", "snapshot_stock", "week", "crews", 0, _START,
           _grown(lambda row: row.enabled)),
    Series("engaged", "Engaged share of crews", "ratio", "week", "%", 1, _START, _engaged),
    Series("sync", "Median sync delay", "quantile", "week", "s", 2, -51, _sync),
    Series("jobs", "Jobs per active crew and week", "average", "week", "jobs", 1, -51, _jobs),
    Series("support_contacts", "Support contacts per 100 crews", "average", "week", "contacts", 1, -51,
           _contacts),
)  # fmt: skip

SERIES: dict[str, Series] = {series.key: series for series in (*_DAILY, *_WEEKLY)}
