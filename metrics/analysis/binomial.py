"""How far a share of counted people can be relied on."""

from __future__ import annotations

import math

#: Four in five: the bound that a step's rate keeps above (or below) with 90% each (domain 4.3).
Z80 = 1.2816


def wilson(converted: float, entered: float, *, z: float = Z80) -> tuple[float, float]:
    """(low, high) of a share, as fractions, after Wilson; (0, 1) where nobody entered.

    More converted than entered, as in periods, count as all.
    """
    if entered <= 0:
        return 0.0, 1.0
    share = min(max(converted / entered, 0.0), 1.0)
    scale = 1 + z * z / entered
    centre = (share + z * z / (2 * entered)) / scale
    half = z * math.sqrt(share * (1 - share) / entered + z * z / (4 * entered * entered)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)
