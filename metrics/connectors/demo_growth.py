"""The demo company's growth accounting: weekly active crews, accounts and what they are made of. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

WEEKS = 130
FIRST_WEEK = 1 - WEEKS
_START_ACTIVE = 2900
_START_ACCOUNTS = 905
# Crews become active with their third job, so a week fills up late.
_SO_FAR = (0.0, 0.0, 0.21, 0.52, 0.78, 0.93, 0.98)


@dataclass(frozen=True, slots=True)
class Week:
    """wac = wac of the week before + new + reactivated - lapsed; engaged share = wac / enabled."""

    week: int
    wac: int
    new: int
    reactivated: int
    lapsed: int
    paid: int
    accounts: int
    enabled: int


def week(index: int) -> Week:
    """The week `index`, from -129 to 0 (1 is the running one, as it would end). Raises IndexError outside."""
    if not FIRST_WEEK <= index <= 1:
        raise IndexError(index)
    return _weeks()[index - FIRST_WEEK]


def active_so_far(days_over: int) -> int:
    """Active crews of the running week after `days_over` (0-6) of its days."""
    return round(week(1).wac * _SO_FAR[days_over])


@cache
def _weeks() -> tuple[Week, ...]:
    rows: list[Week] = []
    active, accounts = _START_ACTIVE, _START_ACCOUNTS
    for position in range(WEEKS + 1):
        index = position - (WEEKS - 1)
        # One generator a week; the order of its draws is part of the numbers.
        chance = random.Random(f"brindlewick|nsm|{index}")
        grown = position / (WEEKS - 1)
        paid = max(0, round((10 + 8.3 * position / (WEEKS - 1)) * (1 + chance.gauss(0, 0.10))))
        new = round(paid * 4.2 * (1 + chance.gauss(0, 0.05)))
        lapse, returning = 0.020 + chance.gauss(0, 0.0012), 0.008 + chance.gauss(0, 0.0007)
        lapse, returning = _year_end(index, lapse, returning)
        lapsed, reactivated = round(active * lapse), round(active * returning)
        active += new + reactivated - lapsed
        accounts += paid - round(accounts * (0.0072 + chance.gauss(0, 0.0004)))
        per_account = 4.45 + 0.15 * grown + chance.gauss(0, 0.01)
        rows.append(
            Week(index, active, new, reactivated, lapsed, paid, accounts,
                 round(accounts * per_account))
        )  # fmt: skip
    return tuple(rows)


def _year_end(index: int, lapse: float, returning: float) -> tuple[float, float]:
    """The closure around the turn of the year, placed by offset: a dip, then the recovery."""
    if index in (-48, -100):
        return 0.075, returning
    if index in (-47, -99):
        return 0.045, 0.020
    if index in (-46, -98):
        return 0.018, 0.060
    if index in (-45, -97):
        return lapse, 0.034
    return lapse, returning
