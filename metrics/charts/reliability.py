"""What was said against what happened: a dot for each group, on the diagonal when it held."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from metrics import formatting
from metrics.charts.canvas import Box, Canvas

#: Radius of the smallest and of the largest dot; the area goes with the number of forecasts.
LEAST, MOST = 4.0, 15.0
#: Fewer forecasts than this say little: their dot is open.
FEW = 5
_MARGINS = Box(46, 10, 12, 44)
#: The dots of 0% and 100% stand this far from the frame; the largest dot means at least this many.
_INSET, MANY = 14.0, 12


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts that said about the same: mean chance said, share that happened, how many there were."""

    said: float
    happened: float
    count: int


def sketch(
    bins: Sequence[Bin], *, width: float = 360, height: float = 320, title: str = "Said and happened"
) -> str:
    """The dots as one `<svg>`, each with its number."""
    canvas = Canvas()
    plot = Box(_MARGINS.left, _MARGINS.top, width - _MARGINS.right, height - _MARGINS.bottom)
    _grid(canvas, plot)
    known = [each for each in bins if each.count]
    most = max([MANY, *(each.count for each in known)])
    for each in sorted(known, key=lambda one: -one.count):
        x, y = place(each, plot)
        r = max(LEAST, MOST * math.sqrt(each.count / most))
        with canvas.titled(_says(each)):
            canvas.ring(x, y, css="chart-dot chart-dot-few" if each.count < FEW else "chart-dot", r=r)
    _numbers(canvas, known, plot, most=most)
    if not known:
        middle = (plot.left + plot.right) / 2
        canvas.text(middle, plot.top + 24, "Nothing to compare yet", css="chart-axis", anchor="middle")
    told = f"{title}. " + " ".join(_says(each) for each in known)
    return canvas.svg(width=width, height=height, says=told)


def table(bins: Sequence[Bin]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """(headers, rows of text): what was said, how often it happened, of how many."""
    rows: list[tuple[str, ...]] = [
        (
            formatting.show_share(each.said),
            formatting.show_share(each.happened) if each.count else formatting.NOTHING,
            f"{round(each.happened * each.count)} of {each.count}",
        )
        for each in bins
    ]
    return ("Said", "Happened", "Forecasts"), rows


def place(each: Bin, plot: Box) -> tuple[float, float]:
    """Where the dot of a group stands."""
    x = plot.left + _INSET + (plot.right - plot.left - 2 * _INSET) * each.said
    return x, plot.bottom - _INSET - (plot.bottom - plot.top - 2 * _INSET) * each.happened


def _says(each: Bin) -> str:
    happened = round(each.happened * each.count)
    said = formatting.show_share(each.said)
    return f"Of {each.count} said to be {said} likely {happened} happened."


def _grid(canvas: Canvas, plot: Box) -> None:
    for fifth in range(6):
        share = fifth / 5
        label = formatting.show_share(share)
        x, y = place(Bin(share, share, 1), plot)
        canvas.path([(plot.left, y), (plot.right, y)], "chart-grid")
        canvas.path([(x, plot.top), (x, plot.bottom)], "chart-grid")
        canvas.text(plot.left - 8, y + 4, label, css="chart-axis", anchor="end")
        canvas.text(x, plot.bottom + 17, label, css="chart-axis", anchor="middle")
    ends = place(Bin(0.0, 0.0, 1), plot), place(Bin(1.0, 1.0, 1), plot)
    canvas.path(ends, "chart-pace")
    canvas.text(plot.left + 6, ends[1][1] + 16, "happened ↑", css="chart-axis")
    canvas.text((plot.left + plot.right) / 2, plot.bottom + 36, "said →", css="chart-axis", anchor="middle")


def _numbers(canvas: Canvas, known: Sequence[Bin], plot: Box, *, most: int) -> None:
    """How many forecasts a dot stands for: inside a large dot, beside a small one, off the diagonal."""
    for each in known:
        x, y = place(each, plot)
        r = max(LEAST, MOST * math.sqrt(each.count / most))
        words = str(each.count)
        if r > 4 + 3.4 * len(words) and each.count >= FEW:
            canvas.text(x, y + 4, words, css="chart-dot-number", anchor="middle")
            continue
        if each.happened <= each.said and y + r + 13 > plot.bottom:
            # Below it stand the numbers of the axis.
            canvas.text(x + r + 5, y + 4, words, css="chart-axis")
        elif each.happened < each.said:
            canvas.text(x, y + r + 13, words, css="chart-axis", anchor="middle")
        elif y - r - 14 > plot.top:
            canvas.text(x, y - r - 5, words, css="chart-axis", anchor="middle")
        else:
            canvas.text(x - r - 5, y + 4, words, css="chart-axis", anchor="end")
