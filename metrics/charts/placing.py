"""Where words go on a chart so that they cross neither each other nor a line nor the edge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.charts import cones
from metrics.charts.canvas import Box, Place
from metrics.charts.scales import CHAR, Frame
from metrics.charts.spec import ChartSpec, Note

#: More notes than this, or a longer text, and the notes are numbered; the list under the chart has the words.
WORDS_AT_MOST = 3
LETTERS_AT_MOST = 24
_DROPS = (26.0, 38.0, 52.0, 68.0)
_NUMBER = 15.0
#: How far a number may stand beside its ring where the place above and below it is taken.
_ASIDE = 11.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A note: its ring at (x, y) on the line, its words or number around (text_x, text_y)."""

    note: Note
    x: float
    y: float
    text_x: float
    text_y: float
    words: str
    numbered: bool
    anchor: str = "middle"


def place_notes(
    spec: ChartSpec, frame: Frame, *, lines: Sequence[Box], taken: Sequence[Box] = ()
) -> list[Placed]:
    """The notes inside the frame, each with a spot for its words; all numbered as soon as one has none."""
    notes = [note for note in spec.notes if note.day <= frame.last and note.last >= frame.first]
    if len(notes) <= WORDS_AT_MOST and all(len(note.text) <= LETTERS_AT_MOST for note in notes):
        placed = _place(notes, spec, frame, lines=lines, taken=taken, numbered=False)
        if placed is not None:
            return placed
    return _place(notes, spec, frame, lines=lines, taken=taken, numbered=True) or []


def crossings(box: Box, lines: Sequence[Box]) -> int:
    """How many pieces of lines run through a box."""
    return sum(box.meets(line) for line in lines)


def _place(
    notes: Sequence[Note],
    spec: ChartSpec,
    frame: Frame,
    *,
    lines: Sequence[Box],
    taken: Sequence[Box],
    numbered: bool,
) -> list[Placed] | None:
    placed, used = [], list(taken)
    for note in notes:
        # What began before the chart does is marked where the chart begins.
        day = max(note.day, frame.first)
        x, y = frame.x(day), _height(spec, frame, day)
        words = str(note.number) if numbered else note.text
        spots = _spots(x, y, frame, half=_NUMBER / 2 if numbered else len(words) * CHAR / 2 + 4)
        reach = (min(spot[1].left for spot in spots), max(spot[1].right for spot in spots))
        near = [line for line in lines if line.right > reach[0] and line.left < reach[1]]
        free = [spot for spot in spots if not any(spot[1].meets(other) for other in used)]
        if not numbered and not any(crossings(spot[1], near) == 0 for spot in free):
            return None
        anchor, box = _clearest(free, near) if free else _clearest(spots, used)
        used.append(box)
        at = {"start": box.left + 4, "middle": (box.left + box.right) / 2, "end": box.right - 4}[anchor]
        placed.append(Placed(note, x, y, at, (box.top + box.bottom) / 2, words, numbered, anchor))
    return placed


def _clearest(spots: Sequence[tuple[str, Box]], lines: Sequence[Box]) -> tuple[str, Box]:
    """The first of the spots that cross the fewest lines."""
    counts = [crossings(box, lines) for _, box in spots]
    return spots[counts.index(min(counts))]


def _spots(x: float, y: float, frame: Frame, *, half: float) -> list[tuple[str, Box]]:
    """(anchor, box) for the words, best first: near the line before far, above before below."""
    middle = min(max(x - half, frame.left), frame.right - 2 * half)
    lefts = [("middle", middle), ("middle", middle - _ASIDE), ("middle", middle + _ASIDE)]
    if half > _NUMBER:
        lefts = [("middle", x - half), ("end", x - 2 * half + 8), ("start", x - 8)]
    heights = [y + side * drop for drop in _DROPS for side in (-1, 1)]
    whole = Box(frame.left - 1, frame.top, frame.right + 1, frame.bottom)
    spots = [
        (anchor, Box(left, height - 8, left + 2 * half, height + 8))
        for height in heights
        for anchor, left in lefts
    ]
    inside = [spot for spot in spots if whole.holds(spot[1])]
    height = min(max(y - _DROPS[0], frame.top + 8), frame.bottom - 8)
    return inside or [("middle", Box(middle, height - 8, middle + 2 * half, height + 8))]


def _height(spec: ChartSpec, frame: Frame, day: date) -> float:
    """The height of the line at `day`: straight between its neighbours, the foot of the chart beside it."""
    known = [(spec.day_of(point), point.value) for point in spec.known if point.value is not None]
    for (left, low), (right, high) in zip(known, known[1:], strict=False):
        if left <= day <= right and right - left <= timedelta(days=7):
            return frame.y(low + (high - low) * (day - left).days / max((right - left).days, 1))
    near = [(abs((day - each).days), value) for each, value in known if abs((day - each).days) < 7]
    return frame.y(min(near)[1]) if near else frame.bottom - 4


def line_boxes(spec: ChartSpec, frame: Frame) -> list[Box]:
    """The drawn lines as many small boxes, to keep words off them."""
    series = [(spec.day_of(p), p.value) for p in spec.points if p.value is not None]
    former = [(spec.day_of(p), p.value) for p in spec.grey if p.value is not None]
    drawn = [series, former, list(spec.pace), [(each.day, each.mean) for each in cones.ahead(spec)]]
    for line in spec.limits:
        levels = [each for each in (line.low, line.centre, line.high) if each is not None]
        drawn += [[(max(line.first, frame.first), level), (line.last, level)] for level in levels]
    boxes: list[Box] = []
    for corners in drawn:
        places = [(frame.x(day), frame.y(value)) for day, value in corners]
        for here, there in zip(places, places[1:], strict=False):
            if there[0] >= frame.left:
                boxes += _pieces(here, there)
    return boxes


def _pieces(here: Place, there: Place) -> Iterator[Box]:
    count = max(1, int((there[0] - here[0]) / 6))
    wide, high = (there[0] - here[0]) / count, (there[1] - here[1]) / count
    up, down = (-2.0, high + 2) if high > 0 else (high - 2, 2.0)
    for i in range(count):
        x, y = here[0] + wide * i, here[1] + high * i
        yield Box(x, y + up, x + wide, y + down)
