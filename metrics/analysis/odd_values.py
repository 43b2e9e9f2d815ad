"""What looks like a mistake when new values are laid beside the stored ones of the same periods.

Only complete periods are compared. The thresholds are ours; docs/test-and-preview.md says how often they cry
wolf over real series.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from metrics.analysis.points import RATIO, SNAPSHOT_STOCK, next_start

#: One factor is shared where three of four pairs lie within 1% of it.
SHARED, NEAR, FEWEST = 0.75, 0.01, 3
#: From here on a value is called ten times off; a little less than ten, for sources that still correct.
TENFOLD = 9.5
#: Whole numbers below this jump by themselves.
FEW = 20
#: A period that is still corrected in the ordinary way counts as changed from 10% on.
RESTATED = 0.1
LEVEL = 8
#: Factors that a known mix-up of units leaves.
UNIT_FACTORS = (7, 10, 24, 60, 100, 1000, 1024, 3600, 86_400, 1_000_000)


@dataclass(frozen=True, slots=True)
class Pair:
    """A complete period: what the source says now and what is stored, None where there is no value.

    `settled`: it is older than the days that each pull asks for once more.
    """

    start: date
    now: float | None
    stored: float | None
    settled: bool = True


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something to look at twice. `code`:

    factor (every value is the stored one times `number`), tenfold (`count` of `of`; `pair` is the worst),
    shifted (`number` 1: the values are those stored for the next period, −1: for the one before), changed
    (`count` of `of` stored periods), equal (all `of` values are `number`), newest (`start` is missing),
    above_whole (`count` of `of` shares are above 100%).
    """

    code: str
    number: float = 0.0
    count: int = 0
    of: int = 0
    pair: Pair | None = None
    start: date | None = None


def oddities(
    pairs: Sequence[Pair], *, grain: str, kind: str, newest: date | None = None
) -> tuple[Oddity, ...]:
    """What looks like a mistake, the gravest first; empty for ordinary values.

    `pairs`: oldest first, with the stored neighbours of the periods asked for. `newest`: the last complete
    period that was asked for, or None where its absence means something of its own.
    """
    both = [pair for pair in pairs if pair.now is not None and pair.stored is not None]
    found: list[Oddity | None] = [_shifted(pairs, both, grain) or _factor(both)]
    if found == [None]:
        found = [_tenfold(pairs, both, kind), _changed(both)]
    found += [_above_whole(pairs, kind), _equal(pairs, kind), _newest(pairs, newest, grain)]
    return tuple(one for one in found if one is not None)


def same(one: float, other: float) -> bool:
    """Equal but for how a computer rounds."""
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def _factor(both: Sequence[Pair]) -> Oddity | None:
    ratios = [now / stored for now, stored in _numbers(both) if stored and now]
    if len(ratios) < FEWEST:
        return None
    middle = median(ratios)
    near = sum(abs(ratio - middle) <= NEAR * abs(middle) for ratio in ratios)
    if near < SHARED * len(ratios) or abs(middle - 1) <= 2 * NEAR:
        return None
    if middle > 0 and max(middle, 1 / middle) < TENFOLD and not _shares_exactly(ratios, middle):
        return None
    return Oddity("factor", number=known_factor(middle), count=near, of=len(ratios))


def _shares_exactly(ratios: Sequence[float], middle: float) -> bool:
    """A small factor, such as a tax of 19%, is told only where it is the same to a tenth of a percent."""
    return len(ratios) > FEWEST and all(abs(ratio / middle - 1) <= NEAR / 10 for ratio in ratios)


def known_factor(factor: float) -> float:
    """The factor of a known mix-up of units that lies within 1%, with its sign; else the factor itself."""
    size, sign = abs(factor), math.copysign(1.0, factor)
    for known in (1.0, *UNIT_FACTORS, *(1 / number for number in UNIT_FACTORS)):
        if abs(size / known - 1) <= NEAR:
            return sign * known
    return factor


def _tenfold(pairs: Sequence[Pair], both: Sequence[Pair], kind: str) -> Oddity | None:
    level = [abs(pair.stored) for pair in pairs if pair.stored is not None][-LEVEL:]
    off = [pair for pair in both if _far(pair.now or 0.0, [abs(pair.stored or 0.0)], level, kind)]
    fresh = [pair for pair in pairs if pair.now is not None and pair.stored is None]
    if len(level) == LEVEL:
        off += [pair for pair in fresh if _far(pair.now or 0.0, level, level, kind)]
    if not off:
        return None
    return Oddity("tenfold", count=len(off), of=len(both) + len(fresh), pair=off[-1])


def _far(value: float, beside: Sequence[float], level: Sequence[float], kind: str) -> bool:
    """Whether a value lies ten times above all of `beside` or ten times under them."""
    size, low, high = abs(value), min(beside), max(beside)
    if kind == RATIO and not (size and low):
        return False
    small = all(float(number).is_integer() for number in (size, low, high))
    if small and max(size, high) < FEW or not high and not size:
        return False
    # Nothing at all is compared as the hundredth part of what is usual, so that zero has a distance too.
    floor = median(level) / 100 if level else 0.0
    size, low, high = (max(number, floor) for number in (size, low, high))
    return size >= TENFOLD * high or size * TENFOLD <= low


def _changed(both: Sequence[Pair]) -> Oddity | None:
    told = [
        pair for pair, (now, stored) in zip(both, _numbers(both), strict=True) if _notable(pair, now, stored)
    ]
    if len(told) < FEWEST or 2 * len(told) <= len(both):
        return None
    differ = sum(not same(now, stored) for now, stored in _numbers(both))
    return Oddity("changed", count=differ, of=len(both))


def _notable(pair: Pair, now: float, stored: float) -> bool:
    if pair.settled:
        return not same(now, stored)
    return abs(now - stored) > RESTATED * abs(stored)


def _shifted(pairs: Sequence[Pair], both: Sequence[Pair], grain: str) -> Oddity | None:
    """The values equal those stored for the neighbouring period, but not their own."""
    differ = [pair for pair in both if not same(pair.now or 0.0, pair.stored or 0.0)]
    if len(differ) <= FEWEST or 2 * len(differ) <= len(both):
        return None
    stored = {pair.start: pair.stored for pair in pairs if pair.stored is not None}
    after = {pair.start: stored.get(next_start(pair.start, grain)) for pair in pairs}
    before = {next_start(start, grain): value for start, value in stored.items()}
    for number, neighbours in ((1, after), (-1, before)):
        beside = [(pair.now, neighbours.get(pair.start)) for pair in differ]
        known = [(now, value) for now, value in beside if now is not None and value is not None]
        hits = sum(same(now, value) for now, value in known)
        if len(known) > FEWEST and hits >= SHARED * len(known):
            return Oddity("shifted", number=number, count=hits, of=len(known))
    return None


def _above_whole(pairs: Sequence[Pair], kind: str) -> Oddity | None:
    shares = [pair.now for pair in pairs if pair.now is not None]
    above = sum(share > 1 for share in shares)
    if kind != RATIO or 2 * above <= len(shares):
        return None
    usual = [pair.stored for pair in pairs if pair.stored is not None]
    if usual and median(usual) > 1:
        return None
    return Oddity("above_whole", count=above, of=len(shares))


def _equal(pairs: Sequence[Pair], kind: str) -> Oddity | None:
    values = [pair.now for pair in pairs if pair.now is not None]
    if len(values) <= FEWEST or any(not same(value, values[0]) for value in values):
        return None
    stored = [pair.stored for pair in pairs if pair.stored is not None]
    if all(same(value, stored[0]) for value in stored) and (stored or kind == SNAPSHOT_STOCK):
        return None
    return Oddity("equal", number=values[0], of=len(values))


def _newest(pairs: Sequence[Pair], newest: date | None, grain: str) -> Oddity | None:
    told = {pair.start for pair in pairs if pair.now is not None}
    if newest is None or not told or newest in told:
        return None
    known = [pair.start for pair in pairs if pair.now is not None or pair.stored is not None]
    same_day = [day for day in known if day.weekday() == newest.weekday()]
    if grain == "day" and not same_day and len(known) >= LEVEL:
        return None  # closed on that day of the week, as in the weeks before
    return Oddity("newest", start=newest)


def _numbers(both: Sequence[Pair]) -> Iterator[tuple[float, float]]:
    return ((pair.now or 0.0, pair.stored or 0.0) for pair in both)
