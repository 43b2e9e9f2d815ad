"""What is written at the right edge of a chart: target, forecast, limits and bounds, each on its height."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from metrics.charts import cones
from metrics.charts.spec import ChartSpec

if TYPE_CHECKING:
    from metrics.charts.scales import Frame

_LINE = 14.0
#: (words, role) from top to bottom; they stay together.
Block = tuple[tuple[str, str], ...]
Row = tuple[float, str, str]


def edge_words(spec: ChartSpec) -> list[str]:
    """What is written at the right edge, to know how much room it needs."""
    return [words for _, block in _blocks(spec) for words, _ in block] + [*spec.cone_words] * bool(spec.cone)


def edge_gap(spec: ChartSpec) -> float:
    """How far from the plot they begin: clear of the ring of the target and of a signal on the last point."""
    last = spec.points[-1].start if spec.points else None
    ringed = any(last is not None and mark.day >= last for mark in spec.signals)
    return 16 if ringed else 10 if spec.target_day is not None else 6


def edge_rows(spec: ChartSpec, box: Frame) -> list[Row]:
    """(baseline in pixels, words, role) of the right edge, pushed apart where they are close."""
    blocks = _blocks(spec)
    end = cones.ahead(spec)[-1:]
    if end:
        taken = [box.y(value) for value, _ in blocks]
        sides = [min(max(box.y(side), box.top), box.bottom) for side in (end[0].low80, end[0].high80)]
        # The edge of the band that is further from all other words.
        y = max(sides, key=lambda side: min((abs(side - other) for other in taken), default=0))
        first, second = spec.cone_words
        blocks.append((box.value(y), ((first, "cone-label"), (second, "cone-word"))))
    heights = spread(
        [box.y(value) + 4 for value, _ in blocks],
        gaps=[_LINE * len(block) for _, block in blocks],
        low=box.top,
        high=box.bottom + 4,
    )
    return [
        (y + _LINE * place, words, role)
        for y, (_, block) in zip(heights, blocks, strict=True)
        for place, (words, role) in enumerate(block)
    ]


def _blocks(spec: ChartSpec) -> list[tuple[float, Block]]:
    blocks: list[tuple[float, Block]] = []
    if spec.target is not None:
        words = (spec.label(spec.target), "target-label"), ("target", "target-word")
        blocks.append((spec.target, words))
    if spec.former_target is not None:
        was = f"was {spec.label(spec.former_target)}"
        blocks.append((spec.former_target, ((was, "target-former-label"),)))
    for goal in spec.former_goals:
        blocks.append((goal.value, ((f"was {spec.label(goal.value)}", "target-former-label"),)))
    for bound in (spec.low, spec.high):
        if bound is not None:
            blocks.append((bound, ((spec.bound(bound), "bound-label"),)))
    if spec.limits:
        newest = spec.limits[-1]
        for value, word in ((newest.high, "limit"), (newest.centre, "centre"), (newest.low, "limit")):
            if value is not None:
                blocks.append((value, ((spec.label(value), "limit-label"), (word, "limit-word"))))
    return blocks


def spread(wanted: Sequence[float], *, gaps: Sequence[float], low: float, high: float) -> list[float]:
    """Heights as close as may be to `wanted`, each with its gap below it free, from `low` on, same order.

    The last line of the lowest one ends at `high`.
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    found = list(wanted)
    floor = low
    for i in order:
        found[i] = max(found[i], floor)
        floor = found[i] + gaps[i]
    ceiling = high + _LINE
    for i in reversed(order):
        found[i] = min(found[i], ceiling - gaps[i])
        ceiling = found[i]
    return found
