"""Small lasting shifts, seen earlier than eight points on one side tell them (domain 6.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: In sigmas: what every point has to be off by to count, and the sum at which it is said.
ALLOWANCE, DECISION = 0.5, 5.0


@dataclass(frozen=True, slots=True)
class Alarm:
    """A sum above the decision value: at which index it came there, since which it grew; side high or low."""

    index: int
    since: int
    side: str


@dataclass(frozen=True, slots=True)
class Cusum:
    """The two running sums, in sigmas, one a value; `alarm` is the index of the first alarm, or None."""

    upper: tuple[float, ...]
    lower: tuple[float, ...]
    alarm: int | None

    @property
    def standing(self) -> Alarm | None:
        """The alarm that the newest value still belongs to, or None."""
        for side, sums in (("high", self.upper), ("low", self.lower)):
            if not sums or sums[-1] <= DECISION:
                continue
            since = max((i for i, each in enumerate(sums) if each == 0), default=-1) + 1
            return Alarm(next(i for i in range(since, len(sums)) if sums[i] > DECISION), since, side)
        return None


def cusum(values: Sequence[float | None], centre: float, sigma: float) -> Cusum:
    """Two-sided sums of (value - centre) / sigma with allowance 0.5 and decision value 5.

    A missing value leaves the sums as they are; without variation (sigma 0) they stay 0.
    """
    upper: list[float] = []
    lower: list[float] = []
    up = down = 0.0
    for value in values:
        if value is not None and sigma > 0:
            off = (value - centre) / sigma
            up, down = max(0.0, up + off - ALLOWANCE), max(0.0, down - off - ALLOWANCE)
        upper.append(up)
        lower.append(down)
    over = (i for i in range(len(upper)) if max(upper[i], lower[i]) > DECISION)
    return Cusum(tuple(upper), tuple(lower), next(over, None))
