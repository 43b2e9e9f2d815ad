"""A change as a waterfall: from total to total, each part a bar that begins where the last one ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from metrics.charts.canvas import Box, Canvas, hatching, wrapped
from metrics.charts.spec import ChartSpec

#: A letter of a name and of a value, on the wide side.
LETTER, DIGIT = 7.4, 8.2
#: Under this width the bars lie and their names stand before them.
NARROW = 560
#: Totals begin at zero unless the changes would then be hard to see: less than this share of the totals.
_VISIBLE = 0.25
_ROW, _BAR = 40.0, 18.0


@dataclass(frozen=True, slots=True)
class Step:
    """A bar: a "total" is a level, a "change" and the "rest" are differences with their sign."""

    label: str
    value: float
    role: str = "change"


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From total to total, in the unit of the metric; `direction` says whether more is better."""

    title: str
    unit: str
    decimals: int
    kind: str
    sentence: str
    steps: tuple[Step, ...]
    direction: str = "up"

    @property
    def words(self) -> ChartSpec:
        """How values of it are written."""
        return ChartSpec(self.title, self.unit, self.decimals, self.kind, self.direction, points=())


class Bar(NamedTuple):
    """Where a step begins and ends on the scale of values, and how it looks."""

    label: str
    role: str
    start: float
    end: float
    said: str


def bars(shown: Waterfall) -> list[Bar]:
    """The steps as bars: changes hang from the level before them, totals stand on the foot."""
    words, level, found = shown.words, 0.0, []
    foot = floor(shown)[0] if floor(shown)[2] else 0.0
    for step in shown.steps:
        if step.role == "total":
            level = step.value
            found.append(Bar(step.label, "total", foot, level, words.label(level)))
            continue
        role = "rest" if step.role == "rest" else "rise" if step.value >= 0 else "fall"
        said = words.change(step.value).removesuffix(f"\N{NO-BREAK SPACE}{shown.unit}")
        found.append(Bar(step.label, role, level, level + step.value, said))
        level += step.value
    return found


def floor(shown: Waterfall) -> tuple[float, float, bool]:
    """(foot, top, whether totals are cut at the foot) of the scale of values."""
    level, levels = 0.0, []
    for step in shown.steps:
        level = step.value if step.role == "total" else level + step.value
        levels.append(level)
    low, high = min(levels, default=0.0), max(levels, default=1.0)
    span = high - low
    if low > 0 and 0 < span < _VISIBLE * high:
        return low - 0.6 * span, high, True
    low, high = min(low, 0.0), max(high, 0.0)
    return low, high if high > low else low + 1.0, False


def sketch(shown: Waterfall, *, width: float = 760, height: float | None = None) -> str:
    """The waterfall as one `<svg>`: lying bars in a narrow box; as high as it needs without `height`."""
    canvas = Canvas()
    if not shown.steps:
        canvas.text(width / 2, 40, "No values yet", css="chart-axis chart-empty", anchor="middle")
        return canvas.svg(width=width, height=height or 80, says=shown.title)
    if width < NARROW:
        tall = height or _ROW * len(shown.steps) + 8
        _lying(canvas, shown, width=width, height=tall)
    else:
        tall = height or 280
        _standing(canvas, shown, width=width, height=tall)
    cut = "The bars of the totals do not begin at zero." if floor(shown)[2] else ""
    says = " ".join(filter(None, (f"{shown.title}.", shown.sentence, cut)))
    return canvas.svg(width=width, height=tall, says=says)


def table(shown: Waterfall) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """(headers, rows of text): every part with its change and the level after it."""
    words, level = shown.words, 0.0
    rows: list[tuple[str, ...]] = []
    for step in shown.steps:
        total = step.role == "total"
        level = step.value if total else level + step.value
        rows.append((step.label, "" if total else words.change(step.value), words.show(level)))
    return ("Part", "Change", "Level"), rows


def slots(shown: Waterfall, *, width: float) -> list[tuple[float, float]]:
    """(left, right) of every standing bar in pixels."""
    slot = (width - 16) / len(shown.steps)
    wide = min(slot * 0.56, 76.0)
    return [
        (8 + slot * (i + 0.5) - wide / 2, 8 + slot * (i + 0.5) + wide / 2) for i in range(len(shown.steps))
    ]


class Plot(NamedTuple):
    """The room of the standing bars: pixels, range of values, whether totals are cut, names in lines."""

    top: float
    bottom: float
    low: float
    high: float
    cut: bool
    names: list[list[str]]


def plot(shown: Waterfall, *, width: float, height: float) -> Plot:
    """Where standing bars are drawn at this size."""
    letters = int((width - 16) / len(shown.steps) / LETTER)
    names = [wrapped(step.label, letters=letters, lines=3) for step in shown.steps]
    return Plot(24.0, height - 12 - 14 * max(len(name) for name in names), *floor(shown), names)


def _standing(canvas: Canvas, shown: Waterfall, *, width: float, height: float) -> None:
    top, bottom, low, high, cut, names = plot(shown, width=width, height=height)

    def y(value: float) -> float:
        return bottom - (bottom - top) * (value - low) / (high - low)

    canvas.path([(8, y(max(low, 0.0))), (width - 8, y(max(low, 0.0)))], "chart-foot")
    before: tuple[float, float] | None = None
    for bar, (left, right), name in zip(bars(shown), slots(shown, width=width), names, strict=True):
        ends = sorted((y(bar.start), y(bar.end)))
        with canvas.titled(f"{bar.label}: {bar.said}"):
            if before is not None:
                canvas.path([before, (left, before[1])], "chart-link")
            box = Box(left, ends[0], right, max(ends[1], ends[0] + 1.5))
            _bar(canvas, shown, bar, box=box)
            if cut and bar.role == "total":
                _gap(canvas, [(left, bottom - 9), (right, bottom - 17)], (0, 5))
            below = bar.role == "fall" or (bar.role == "rest" and bar.end < bar.start)
            height_of_value = ends[1] + 15 if below and ends[1] + 18 < bottom else ends[0] - 7
            middle = (left + right) / 2
            canvas.text(middle, height_of_value, bar.said, css="chart-label", anchor="middle")
            for place, line in enumerate(name):
                css = "chart-name" if bar.role == "total" else "chart-axis"
                canvas.text(middle, bottom + 18 + 14 * place, line, css=css, anchor="middle")
        before = right, y(bar.end)


def _lying(canvas: Canvas, shown: Waterfall, *, width: float, height: float) -> None:
    low, high, cut = floor(shown)
    row = (height - 8) / len(shown.steps)
    thick = min(_BAR, 0.55 * row)
    drawn = bars(shown)
    left = min(0.36 * width, LETTER * max(len(bar.label) for bar in drawn) + 8)
    right = width - 10 - DIGIT * max(len(bar.said) for bar in drawn)

    def x(value: float) -> float:
        return left + (right - left) * (value - low) / (high - low)

    before: tuple[float, float] | None = None
    for i, bar in enumerate(drawn):
        middle = 4 + row * (i + 0.5)
        ends = sorted((x(bar.start), x(bar.end)))
        box = Box(ends[0], middle - thick / 2, max(ends[1], ends[0] + 1.5), middle + thick / 2)
        with canvas.titled(f"{bar.label}: {bar.said}"):
            canvas.rect(Box(left, box.top, right, box.bottom), "chart-track")
            if before is not None:
                canvas.path([before, (before[0], box.top)], "chart-link")
            _bar(canvas, shown, bar, box=box)
            if cut and bar.role == "total":
                _gap(canvas, [(left + 9, box.bottom), (left + 15, box.top)], (5, 0))
            name = wrapped(bar.label, letters=int((left - 8) / 6.9), lines=2 if row >= 30 else 1)
            for place, line in enumerate(name):
                css = "chart-name" if bar.role == "total" else "chart-axis"
                canvas.text(0, middle + 4 + 14 * place - 7 * (len(name) - 1), line, css=css)
            canvas.text(width, middle + 4, bar.said, css="chart-label", anchor="end")
        before = x(bar.end), box.bottom


def _bar(canvas: Canvas, shown: Waterfall, bar: Bar, *, box: Box) -> None:
    better = (bar.role == "rise") == (shown.direction != "down")
    tone = "" if bar.role in ("total", "rest") else " chart-better" if better else " chart-worse"
    canvas.rect(box, f"chart-bar chart-{bar.role}{tone}")
    if bar.role == "fall":
        canvas.strokes(hatching(box, falling=True), f"chart-hatch{tone}")


def _gap(canvas: Canvas, line: list[tuple[float, float]], wide: tuple[float, float]) -> None:
    """A slanted cut through a bar: it goes on below, to zero."""
    far = [(x + wide[0], y + wide[1]) for x, y in reversed(line)]
    canvas.area([*line, *far], "chart-cut")
