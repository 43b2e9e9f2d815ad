"""What came and what went, week by week: stacked bars up and down, and the net as a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from metrics import formatting
from metrics.charts.canvas import Box, Canvas, hatching
from metrics.charts.edges import spread
from metrics.charts.spec import ChartSpec
from metrics.charts.ticks import round_ticks

LETTER = 7.2
#: A name of many letters is not all capitals: it takes less.
NARROW_LETTER = 6.4
#: How a part of a stack is filled, so that neighbours differ by more than their colour.
LOOKS = ("solid", "hatched", "open")
_TOP, _FOOT = 12.0, 26.0

Heights = Callable[[float], float]
Parts = tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class FlowWeek:
    """One week: what came in and what went out by name; sizes without sign."""

    start: date
    ins: Parts
    outs: Parts

    @property
    def net(self) -> float:
        """All that came less all that went."""
        return sum(abs(value) for _, value in self.ins) - sum(abs(value) for _, value in self.outs)


@dataclass(frozen=True, slots=True)
class Flows:
    """Growth accounting over some weeks, oldest first, in the unit of the metric."""

    title: str
    unit: str
    decimals: int
    sentence: str
    weeks: tuple[FlowWeek, ...]

    @property
    def words(self) -> ChartSpec:
        """How values of it are written."""
        return ChartSpec(self.title, self.unit, self.decimals, "flow_sum", "up", points=())


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: its name, its size with sign, and both ends from zero."""

    name: str
    value: float
    inner: float
    outer: float
    side: str
    look: str


def pieces(week: FlowWeek) -> list[Piece]:
    """The parts of a week from zero outwards, ins above and outs below."""
    found = []
    for sign, side, parts in ((1, "in", week.ins), (-1, "out", week.outs)):
        level = 0.0
        for place, (name, size) in enumerate(parts):
            value = sign * abs(size)
            # Outs begin hatched, so that up and down differ without colour.
            look = LOOKS[(place + (side == "out")) % len(LOOKS)]
            found.append(Piece(name, value, level, level + value, side, look))
            level += value
    return found


def sketch(shown: Flows, *, width: float = 760, height: float = 280) -> str:
    """The bars as one `<svg>`, the parts and the net named at the right edge."""
    canvas = Canvas()
    says = " ".join(filter(None, (f"{shown.title}.", shown.sentence)))
    if not shown.weeks:
        canvas.text(width / 2, height / 2, "No values yet", css="chart-axis chart-empty", anchor="middle")
        return canvas.svg(width=width, height=height, says=says)
    box, low, high = _box(shown, width=width, height=height)

    def y(value: float) -> float:
        return box.bottom - (box.bottom - box.top) * (value - low) / (high - low)

    for value, label in round_ticks(low, high, count=max(2, int(height / 55)), unit="", kind="flow_sum"):
        css = "chart-foot" if value == 0 else "chart-grid"
        canvas.path([(box.left, y(value)), (box.right, y(value))], css)
        canvas.text(box.left - 9, y(value) + 4, label, css="chart-axis", anchor="end")
    slot = (box.right - box.left) / len(shown.weeks)
    wide = min(slot * 0.62, 34.0)
    middles = [box.left + slot * (i + 0.5) for i in range(len(shown.weeks))]
    for week, x in zip(shown.weeks, middles, strict=True):
        for piece in pieces(week):
            top, bottom = sorted((y(piece.inner), y(piece.outer)))
            if bottom - top > 0.05:
                with canvas.titled(f"{_week(week)}: {piece.name} {shown.words.change(piece.value)}"):
                    _piece(canvas, piece, Box(x - wide / 2, top, x + wide / 2, bottom))
    _net(canvas, shown, [(x, y(week.net)) for x, week in zip(middles, shown.weeks, strict=True)])
    _edge(canvas, shown.weeks[-1], box, width=width, heights=y)
    _days(canvas, shown, middles, foot=height - 7)
    return canvas.svg(width=width, height=height, says=says)


def table(shown: Flows) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """(headers, rows of text), newest week first: every part with its sign, and the net."""
    words = shown.words
    names = _names(shown)
    rows = []
    for week in reversed(shown.weeks):
        sizes = {(piece.side, piece.name): piece.value for piece in pieces(week)}
        cells = [words.change(sizes.get(name)) for name in names]
        rows.append((_week(week), *cells, words.change(week.net)))
    return ("Week", *(name for _, name in names), "Net"), rows


def _names(shown: Flows) -> list[tuple[str, str]]:
    return list(dict.fromkeys((piece.side, piece.name) for week in shown.weeks for piece in pieces(week)))


def _week(week: FlowWeek) -> str:
    return formatting.period_words(week.start)


def _box(shown: Flows, *, width: float, height: float) -> tuple[Box, float, float]:
    ends = [0.0, *(piece.outer for week in shown.weeks for piece in pieces(week))]
    low, high = min(ends), max(ends)
    air = 0.06 * (high - low) or 1.0
    low, high = (low - air if low < 0 else 0.0), high + air
    ticks = round_ticks(low, high, count=max(2, int(height / 55)), unit="", kind="flow_sum")
    left = 18 + LETTER * max(len(label) for _, label in ticks)
    room = LETTER * max(len(word) for word in ["Net", *(name for _, name in _names(shown))]) + 14
    return Box(left, _TOP, width - min(room, 0.34 * width), height - _FOOT), low, high


def _piece(canvas: Canvas, piece: Piece, box: Box) -> None:
    canvas.rect(box, f"chart-bar chart-flow-{piece.side} chart-{piece.look}")
    if piece.look == "hatched":
        canvas.strokes(hatching(box, falling=piece.side == "out"), f"chart-hatch chart-flow-{piece.side}")


def _net(canvas: Canvas, shown: Flows, places: list[tuple[float, float]]) -> None:
    if len(places) > 1:
        canvas.path(places, "chart-net-under")
        canvas.path(places, "chart-net")
    for week, (x, y) in zip(shown.weeks, places, strict=True):
        with canvas.titled(f"{_week(week)}: net {shown.words.change(week.net)}"):
            canvas.ring(x, y, css="chart-net", r=3)


def _edge(canvas: Canvas, week: FlowWeek, box: Box, *, width: float, heights: Heights) -> None:
    """The name of every part beside the last bar, and "Net" beside the end of its line."""
    rows = [(heights((piece.inner + piece.outer) / 2), piece.name, "chart-axis") for piece in pieces(week)]
    rows.append((heights(week.net), "Net", "chart-label"))
    at = spread([y + 4 for y, _, _ in rows], gaps=[14.0] * len(rows), low=box.top + 4, high=box.bottom + 4)
    letters = int((width - box.right - 6) / NARROW_LETTER)
    for y, (_, name, css) in zip(at, rows, strict=True):
        fits = name if len(name) <= letters else f"{name[: letters - 1].rstrip()}…"
        canvas.text(box.right + 6, y, fits, css=css)


def _days(canvas: Canvas, shown: Flows, middles: list[float], *, foot: float) -> None:
    labels = [formatting.day_words(week.start, week.start) for week in shown.weeks]
    slot = middles[1] - middles[0] if len(middles) > 1 else 100.0
    step = max(1, -int(-(LETTER * max(map(len, labels)) + 8) // slot))
    for i in range(len(labels) - 1, -1, -step):
        canvas.text(middles[i], foot, labels[i], css="chart-axis", anchor="middle")
