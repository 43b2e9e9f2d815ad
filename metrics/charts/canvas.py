"""The sheet that every sketch is drawn on: SVG elements with classes, never colours or styles."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import NamedTuple

Place = tuple[float, float]


class Box(NamedTuple):
    """A rectangle in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether two boxes overlap."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        """Whether another box lies inside this one."""
        return (
            self.left <= other.left
            and other.right <= self.right
            and self.top <= other.top
            and other.bottom <= self.bottom
        )


@dataclass(slots=True)
class Canvas:
    """What is drawn so far, as SVG elements."""

    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, words: str, *, css: str, anchor: str = "start") -> None:
        """Words with their baseline at (x, y)."""
        at = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self.parts.append(f'<text class="{css}" x="{_n(x)}" y="{_n(y)}"{at}>{escape(plain(words))}</text>')

    def path(self, points: Sequence[Place], css: str) -> None:
        """A line through the points."""
        self.parts.append(f'<path class="{css}" d="M{_steps(points)}"/>')

    def strokes(self, lines: Sequence[tuple[Place, Place]], css: str) -> None:
        """Many separate lines as one element."""
        if lines:
            self.parts.append(f'<path class="{css}" d="{"".join(f"M{_steps(line)}" for line in lines)}"/>')

    def area(self, corners: Sequence[Place], css: str) -> None:
        """A filled shape with these corners."""
        self.parts.append(f'<path class="{css}" d="M{_steps(corners)}Z"/>')

    def ring(self, x: float, y: float, *, css: str, r: float) -> None:
        """A circle."""
        self.parts.append(f'<circle class="{css}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}"/>')

    def rect(self, box: Box, css: str) -> None:
        """A filled rectangle."""
        wide, high = _n(max(box.right - box.left, 0)), _n(max(box.bottom - box.top, 0))
        at = f'x="{_n(box.left)}" y="{_n(box.top)}"'
        self.parts.append(f'<rect class="{css}" {at} width="{wide}" height="{high}"/>')

    @contextmanager
    def titled(self, words: str, *, css: str = "") -> Iterator[None]:
        """What is drawn inside says these words when it is pointed at."""
        named = f' class="{css}"' if css else ""
        self.parts.append(f"<g{named}><title>{escape(plain(words))}</title>")
        yield
        self.parts.append("</g>")

    def svg(self, *, width: float, height: float, says: str, data: str = "") -> str:
        """The whole sheet as one `<svg>`; a screen reader says `says`, `data` are ready attributes."""
        words = escape(plain(says, most=400))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" {data}'
            f'aria-label="{words}"><title>{words}</title>{"".join(self.parts)}</svg>'
        )


def plain(text: str, *, most: int = 200) -> str:
    """Text without control, format and bidirectional characters, at most `most` long."""
    if text.isascii() and text.isprintable():
        return text[:most]
    kept = "".join(each for each in text if unicodedata.category(each) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return kept[:most]


def wrapped(words: str, *, letters: int, lines: int = 2) -> list[str]:
    """Words in at most `lines` lines of about `letters` letters; what does not fit ends in an ellipsis."""
    found = [""]
    for word in plain(words).split():
        longer = f"{found[-1]} {word}".strip()
        if len(longer) <= letters or not found[-1]:
            found[-1] = longer
        else:
            found.append(word)
    kept = found[:lines]
    cut = [line if len(line) <= letters else f"{line[: max(letters - 1, 1)].rstrip()}…" for line in kept]
    if len(found) > lines and not cut[-1].endswith("…"):
        cut[-1] = f"{cut[-1][: max(letters - 1, 1)].rstrip()}…"
    return cut


def hatching(box: Box, *, step: float = 6.0, falling: bool = False) -> list[tuple[Place, Place]]:
    """Slanted lines inside a rectangle: bars differ by more than their colour."""
    lines = []
    at = box.left + box.top + step / 2
    while at < box.right + box.bottom:
        left, right = max(box.left, at - box.bottom), min(box.right, at - box.top)
        if right - left > 0.5:
            ends = (left, at - left), (right, at - right)
            lines.append(tuple((x, box.top + box.bottom - y) for x, y in ends) if falling else ends)
        at += step
    return [(one, other) for one, other in lines]


def _steps(points: Sequence[Place]) -> str:
    return "L".join(f"{_n(x)} {_n(y)}" for x, y in points)


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if abs(number) >= 0.05 else "0"
