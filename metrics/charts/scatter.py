"""Where help counts most: how far a bet is foreseen to get, beside what reaching its target would bring."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from metrics import formatting
from metrics.charts.canvas import Box, Canvas, Place, wrapped
from metrics.charts.spec import ChartSpec
from metrics.charts.ticks import value_ticks

#: The axis of attainment ends here; what is foreseen beyond it stands on the edge.
MOST = 1.5
#: Half of the largest estimate and more is big.
BIG = 0.5
LEAST_R, MOST_R, MOST_WEEKS = 5.5, 16.0, 26
LATE_BIG, FINE_BIG = "big and late: help first", "big and fine"
LATE_SMALL, FINE_SMALL = "small and late", "small and fine"
#: A letter where the style sheet shows it largest, in a drawing that is scaled down; the longest names.
LETTER, LETTERS, FEW_LETTERS = 8.2, 26, 16
NARROW = 560
_HIGH = 16.0


@dataclass(frozen=True, slots=True)
class Bubble:
    """A bet: foreseen share of its way (1.0 is the target), estimated gain in the North Star's unit (more is
    better), its words with the sign of the change, weeks left."""

    name: str
    detail: str
    state: str
    attainment: float
    gain: float
    said: str
    evidence: str
    weeks: int


@dataclass(frozen=True, slots=True)
class Scatter:
    """The bets in the unit of the North Star; `title` says what the vertical axis is."""

    title: str
    unit: str
    decimals: int
    kind: str
    bubbles: tuple[Bubble, ...]

    @property
    def words(self) -> ChartSpec:
        """How values of it are written."""
        return ChartSpec(self.title, self.unit, self.decimals, self.kind, "up", points=())

    @property
    def big(self) -> float:
        """From here on a gain is big."""
        return BIG * max((each.gain for each in self.bubbles), default=0.0)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The `<svg>`, and (number, name) of the bubbles that had no room for their name."""

    svg: str
    keys: tuple[tuple[int, str], ...]


def quadrant(each: Bubble, shown: Scatter) -> str:
    """In which quarter a bet stands; on the plan line is fine, on the line of big is big."""
    big, late = each.gain >= shown.big and each.gain > 0, each.attainment < 1.0
    return (LATE_BIG if late else FINE_BIG) if big else LATE_SMALL if late else FINE_SMALL


def first(shown: Scatter) -> Bubble | None:
    """The bet where help counts most: big, late, and with the most of its gain not foreseen to come."""
    late = [each for each in shown.bubbles if quadrant(each, shown) == LATE_BIG]
    return max(late, key=lambda each: each.gain * (1 - max(each.attainment, 0.0)), default=None)


def sentence(shown: Scatter) -> str:
    """One sentence that says where help counts most."""
    if not shown.bubbles:
        return "No bet has both a forecast and an estimate yet."
    found = first(shown)
    if found is not None:
        way = formatting.show_share(max(found.attainment, 0.0))
        return (
            f"Help counts most at {found.name}: {found.detail} is foreseen to make {way} of its way, and its "
            f"target is estimated to change the North Star by {found.said}."
        )
    if any(each.attainment < 1.0 for each in shown.bubbles):
        return "What is late is small: every bet with a big estimate is foreseen to reach its target."
    return "Every bet with an estimate is foreseen to reach its target."


def table(shown: Scatter) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """(headers, rows of text): the same as a table, the largest gain first."""
    rows: list[tuple[str, ...]] = [
        (
            f"{each.name}: {each.detail}",
            formatting.show_share(each.attainment),
            each.said,
            each.evidence,
            str(each.weeks),
            quadrant(each, shown),
        )
        for each in sorted(shown.bubbles, key=lambda each: -each.gain)
    ]
    return ("Bet", "Foreseen", "Estimated change", "Evidence", "Weeks left", "Where it stands"), rows


def sketch(shown: Scatter, *, width: float = 760, height: float = 400) -> Drawn:
    """The bubbles with their names; no two labels overlap, those without room have a number or none."""
    canvas, frame = Canvas(), _frame(shown, width=width, height=height)
    taken = _grid(canvas, shown, frame)
    places = [(each, frame.x(each.attainment), frame.y(each.gain)) for each in shown.bubbles]
    for each, x, y in sorted(places, key=lambda place: -_radius(place[0])):
        with canvas.titled(_says(each)):
            _shape(canvas, each, x, y)
    keys = _labels(canvas, places, frame, taken=taken)
    told = f"{sentence(shown)} {' '.join(_says(each) for each in shown.bubbles)}"
    return Drawn(canvas.svg(width=width, height=height, says=told), keys)


@dataclass(frozen=True, slots=True)
class _Frame:
    plot: Box
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def x(self, share: float) -> float:
        inset = MOST_R + 2
        wide = self.plot.right - self.plot.left - 2 * inset
        return self.plot.left + inset + wide * min(max(share, 0.0), MOST) / MOST

    def y(self, gain: float) -> float:
        share = (gain - self.low) / (self.high - self.low)
        return self.plot.bottom - (self.plot.bottom - self.plot.top) * share


def _frame(shown: Scatter, *, width: float, height: float) -> _Frame:
    gains = [0.0, *(each.gain for each in shown.bubbles)]
    span = (max(gains) - min(gains)) or 1.0
    low = min(gains) - (0.14 if min(gains) < 0 else 0.1) * span
    high = max(gains) + 0.2 * span
    ticks = tuple(
        (value, label)
        for value, label in value_ticks(shown.words, min(gains), high, count=4)
        if low <= value <= high
    )
    left = 14 + LETTER * max((len(label) for _, label in ticks), default=2)
    top = 16 + 17 * len(_title(shown, width))
    return _Frame(Box(left, top, width - 8, height - 44), low, high, ticks)


def _grid(canvas: Canvas, shown: Scatter, frame: _Frame) -> list[Box]:
    """Axes, the plan line, the line of big, the quarters; returns the boxes of their names."""
    plot = frame.plot
    for place, line in enumerate(_title(shown, plot.right)):
        canvas.text(0, 14 + 17 * place, line, css="chart-axis")
    for value, label in frame.ticks:
        y = frame.y(value)
        canvas.path([(plot.left, y), (plot.right, y)], "chart-grid")
        canvas.text(plot.left - 8, y + 4, label, css="chart-axis", anchor="end")
    for share in (0.0, 0.5, 1.0, MOST):
        label = formatting.show_share(share) + ("+" if share == MOST else "")
        anchor = "end" if share == MOST else "middle"
        x = plot.right if share == MOST else frame.x(share)
        canvas.text(x, plot.bottom + 17, label, css="chart-axis", anchor=anchor)
    middle = (plot.left + plot.right) / 2
    canvas.text(middle, plot.bottom + 36, "foreseen share of the way to the target →",
                css="chart-axis", anchor="middle")  # fmt: skip
    plan, big = frame.x(1.0), frame.y(shown.big)
    canvas.path([(plan, plot.top), (plan, plot.bottom)], "chart-pace")
    if shown.bubbles:
        canvas.path([(plot.left, big), (plot.right, big)], "chart-pace")
    return list(_quarters(canvas, frame, plan=plan, big=big)) if shown.bubbles else []


def _quarters(canvas: Canvas, frame: _Frame, *, plan: float, big: float) -> Iterator[Box]:
    plot = frame.plot
    narrow = plot.right - plot.left < NARROW - 60
    help_first = "help first" if narrow else LATE_BIG
    for words, x, y, anchor in (
        (help_first, plot.left + 6, plot.top + 13, "start"),
        (FINE_BIG, plot.right - 4, plot.top + 13, "end"),
        (LATE_SMALL, plot.left + 6, plot.bottom - 7, "start"),
        (FINE_SMALL, plot.right - 4, plot.bottom - 7, "end"),
    ):
        css = "chart-quarter chart-quarter--first" if y < big and x < plan else "chart-quarter"
        canvas.text(x, y, words, css=css, anchor=anchor)
        wide = len(words) * LETTER
        left = x if anchor == "start" else x - wide
        yield Box(left, y - 11, left + wide, y + 3)


def _title(shown: Scatter, width: float) -> list[str]:
    return wrapped(shown.title, letters=int(width / LETTER), lines=2)


def _radius(each: Bubble) -> float:
    """The area goes with the weeks that are left."""
    return max(LEAST_R, MOST_R * math.sqrt(min(max(each.weeks, 0), MOST_WEEKS) / MOST_WEEKS))


def _shape(canvas: Canvas, each: Bubble, x: float, y: float) -> None:
    r, css = _radius(each), f"chart-bubble chart-bubble--{each.state}"
    if each.state == "at_risk":
        canvas.area([(x, y - 1.15 * r), (x + 1.1 * r, y + 0.8 * r), (x - 1.1 * r, y + 0.8 * r)], css)
    elif each.state == "off_track":
        canvas.rect(Box(x - 0.9 * r, y - 0.9 * r, x + 0.9 * r, y + 0.9 * r), css)
    else:
        canvas.ring(x, y, css=css, r=r)


def _says(each: Bubble) -> str:
    way = formatting.show_share(each.attainment)
    weeks = f"{each.weeks} week{'' if each.weeks == 1 else 's'} left"
    return f"{each.name}, {each.detail}: {way} foreseen, {each.said} estimated, {weeks}."


def _labels(
    canvas: Canvas,
    places: Sequence[tuple[Bubble, float, float]],
    frame: _Frame,
    *,
    taken: Sequence[Box],
) -> tuple[tuple[int, str], ...]:
    """Names where there is room, then numbers; the largest gain is placed first."""
    shapes = [_around(each, x, y) for each, x, y in places]
    used, keys, number = list(taken), [], 0
    letters = LETTERS if frame.plot.right - frame.plot.left > NARROW - 60 else FEW_LETTERS
    for place in sorted(range(len(places)), key=lambda one: -places[one][0].gain):
        each, x, y = places[place]
        others = [box for other, box in enumerate(shapes) if other != place]
        name = wrapped(each.name, letters=letters, lines=1)[0]
        spot = _spot(name, x, y, shapes[place], frame.plot, blocked=[*used, *others])
        words, css = name, "chart-name chart-halo"
        if spot is None:
            number += 1
            keys.append((number, f"{each.name}: {each.detail}"))
            words, css = str(number), "chart-axis chart-halo"
            spot = _spot(words, x, y, shapes[place], frame.plot, blocked=[*used, *others])
        if spot is not None:
            used.append(spot)
            _write(canvas, spot, words, css=css, x=x)
    return tuple(keys)


def _write(canvas: Canvas, spot: Box, words: str, *, css: str, x: float) -> None:
    """Beside its bubble at `x`, however much smaller than its box it turns out."""
    if spot.left >= x:
        canvas.text(spot.left + 2, spot.bottom - 4, words, css=css)
    elif spot.right <= x:
        canvas.text(spot.right - 2, spot.bottom - 4, words, css=css, anchor="end")
    else:
        canvas.text((spot.left + spot.right) / 2, spot.bottom - 4, words, css=css, anchor="middle")


def _around(each: Bubble, x: float, y: float) -> Box:
    r = _radius(each) * 1.15
    return Box(x - r, y - r, x + r, y + r)


def _spot(words: str, x: float, y: float, shape: Box, plot: Box, *, blocked: Sequence[Box]) -> Box | None:
    """The first free box for these words beside a bubble, None where every one is taken."""
    wide = len(words) * LETTER + 4
    room = Box(plot.left, plot.top - 12, plot.right + 6, plot.bottom)
    for left, top in _spots(wide, x, y, shape):
        box = Box(left, top, left + wide, top + _HIGH)
        if room.holds(box) and not any(box.meets(other) for other in blocked):
            return box
    return None


def _spots(wide: float, x: float, y: float, shape: Box) -> Iterator[Place]:
    """(left, top) of the boxes to be tried, near before far."""
    for away in (4.0, 13.0):
        middle = y - _HIGH / 2
        yield shape.right + away, middle
        yield shape.left - away - wide, middle
        yield x - wide / 2, shape.top - away - _HIGH + 2
        yield x - wide / 2, shape.bottom + away - 2
        for top in (shape.top - away - _HIGH + 4, shape.bottom + away - 4):
            yield shape.right + 1, top
            yield shape.left - 1 - wide, top
