"""A sketch as a picture that stands by itself: SVG or PNG in the colours of a theme, for mail and downloads.

The sketch has classes and no colours; those come from the page's own stylesheet (`stylesheet`). What is
drawn refers to nothing outside, and where it cannot be drawn there is an error and never an empty picture.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import resvg_py

from metrics.charts import letters, stylesheet
from metrics.charts.canvas import wrapped
from metrics.charts.stylesheet import Node

THEMES = ("light", "dark")
#: A year of days with everything on it has about 60,000.
MOST_LETTERS = 600_000
MOST_PIXELS = 12_000_000
_SVG = "http://www.w3.org/2000/svg"
_SHAPES = frozenset(("path", "circle", "rect", "line", "polyline", "polygon", "ellipse", "text"))
_KEPT = frozenset((*_SHAPES, "svg", "g", "title", "desc", "tspan", "a"))
_GEOMETRY = frozenset(
    ("x", "y", "x1", "y1", "x2", "y2", "dx", "dy", "cx", "cy", "r", "rx", "ry", "d", "points")
    + ("width", "height", "transform", "text-anchor", "dominant-baseline", "role", "aria-label")
)
_NUMBERS = re.compile(r"-?[\d.]+(?:e-?\d+)?")
_FUNCTIONAL = re.compile(r"rgb\((\d+) (\d+) (\d+) / ([\d.]+)%\)")
_FONT = re.compile(r"(\d+) ([\d.]+)px (.+)")


class PictureError(Exception):
    """It cannot be drawn; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Caption:
    """What stands around a picture that leaves its page: title, the one sentence, and where it is from."""

    title: str = ""
    sentence: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a sketch is to look: theme, the state that colours its line, its ground, and any page classes.

    `inside` are classes that stand around it on its page, where a component has colours of its own.
    """

    theme: str = "light"
    state: str = ""
    inside: tuple[str, ...] = ()
    bare: bool = False


def svg(sketch: str, look: Look = Look(), caption: Caption | None = None) -> str:
    """The sketch as a whole SVG document with its colours. Raises PictureError."""
    return _written(_dressed(sketch, look, caption))


def png(
    sketch: str,
    look: Look = Look(),
    caption: Caption | None = None,
    *,
    width: int,
    scale: float = 2,
) -> bytes:
    """The sketch as PNG, `width * scale` pixels wide. Raises PictureError; it is never empty."""
    root = _dressed(sketch, look, caption)
    across, down = _size(root)
    wide = round(width * scale)
    if wide < 1 or wide * wide * down / across > MOST_PIXELS:
        raise PictureError("That picture would be too large.")
    for text in root.iter(f"{{{_SVG}}}text"):
        text.text = letters.drawable(text.text or "")
    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=_written(root),
            width=wide,
            skip_system_fonts=True,
            font_files=letters.files(),
            font_family=letters.FAMILY,
            sans_serif_family=letters.FAMILY,
        )
    except (ValueError, OSError) as error:
        raise PictureError(f"The picture could not be drawn: {error}") from error
    if _is_blank(drawn):
        raise PictureError("The picture came out empty.")
    return drawn


def natural_width(sketch: str) -> int:
    """How wide it was drawn, in pixels. Raises PictureError."""
    return round(_size(_read(sketch))[0])


def size(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG in pixels. Raises PictureError."""
    if picture[:8] != b"\x89PNG\r\n\x1a\n" or picture[12:16] != b"IHDR":
        raise PictureError("That is no picture.")
    return struct.unpack(">II", picture[16:24])


def _dressed(sketch: str, look: Look, caption: Caption | None) -> ElementTree.Element:
    if look.theme not in THEMES:
        raise PictureError("There is no such theme.")
    root = _read(sketch)
    try:
        around = stylesheet.context(
            ("chart-frame",),
            ("drawing", "chart-sketch", "spark", f"spark--{look.state}", *look.inside),
            state=look.state,
        )
        for outer in _upwards(around):
            stylesheet.styled(outer, look.theme)
        shapes = _dress(root, around, look.theme)
        ground, ink, muted = (stylesheet.token(name, look.theme) for name in ("--card", "--ink", "--muted"))
        font = stylesheet.token("--font", look.theme)
    except OSError as error:
        raise PictureError("The stylesheet was not built: make assets.") from error
    if not shapes:
        raise PictureError("There is nothing to draw.")
    root.set("font-family", font.replace('"', "'"))
    if caption is not None:
        root = _framed(root, caption, ink=ink, muted=muted)
    if not look.bare:
        across, down = _size(root)
        left, top, *_ = _box(root)
        # A little larger than the sheet, which rarely ends with a whole pixel.
        where = {"x": f"{left:g}", "y": f"{top:g}", "width": f"{across + 2:g}", "height": f"{down + 2:g}"}
        root.insert(0, ElementTree.Element(f"{{{_SVG}}}rect", {**where, "fill": ground}))
    return root


def _read(sketch: str) -> ElementTree.Element:
    """The sketch as a tree. Raises PictureError where it is none, or holds more than a drawing may."""
    if len(sketch) > MOST_LETTERS:
        raise PictureError("The drawing is too large for a picture.")
    if "<!" in sketch or "<?" in sketch:
        raise PictureError("The drawing holds more than shapes.")
    try:
        # Without declarations there are no entities, which were refused above.
        root = ElementTree.fromstring(sketch)
    except ElementTree.ParseError as error:
        raise PictureError("There is no drawing.") from error
    if root.tag != f"{{{_SVG}}}svg":
        raise PictureError("There is no drawing.")
    _size(root)
    return root


def _dress(element: ElementTree.Element, parent: Node, theme: str) -> int:
    """Write the style of the element and of all in it as attributes; the number of shapes."""
    tag = element.tag.removeprefix(f"{{{_SVG}}}")
    if tag not in _KEPT:
        raise PictureError("The drawing holds more than shapes.")
    given = dict(element.attrib)
    node = Node(tag, frozenset(given.get("class", "").split()), given, parent)
    said = stylesheet.styled(node, theme)
    element.attrib.clear()
    kept = _GEOMETRY | {"viewBox"} if tag == "svg" else _GEOMETRY
    element.attrib.update({name: value for name, value in given.items() if name in kept})
    if tag == "a":
        element.tag = f"{{{_SVG}}}g"
    for name, value in said.items():
        _set(element, name, value)
    return (tag in _SHAPES) + sum(_dress(child, node, theme) for child in element)


def _set(element: ElementTree.Element, name: str, value: str) -> None:
    if name == "font":
        if found := _FONT.match(value):
            element.set("font-weight", found[1])
            element.set("font-size", found[2])
        return
    if "(" in value:
        found = _FUNCTIONAL.fullmatch(value)
        if name not in ("fill", "stroke") or found is None:
            return
        red, green, blue, percent = found.groups()
        element.set(f"{name}-opacity", f"{float(percent) / 100:g}")
        value = f"#{int(red):02x}{int(green):02x}{int(blue):02x}"
    element.set(name, value.removesuffix("px"))


def _framed(root: ElementTree.Element, caption: Caption, *, ink: str, muted: str) -> ElementTree.Element:
    """The drawing with its words above and below, in a larger sheet."""
    left, top, across, down = _box(root)
    fit = int((across - 32) / 6.4)
    lines = [(line, 15.0, "600", ink) for line in wrapped(caption.title, letters=int(fit * 0.8)) if line]
    lines += [(line, 12.0, "400", muted) for line in wrapped(caption.sentence, letters=fit, lines=3) if line]
    head = 16 + sum(size * 1.4 for _, size, _, _ in lines) + (8 if lines else 0)
    foot = 26.0 if caption.source else 8.0
    whole = across + 32, down + head + foot
    sheet = ElementTree.Element(
        f"{{{_SVG}}}svg", {**root.attrib, "viewBox": f"0 0 {whole[0]:g} {whole[1]:g}"}
    )
    for name in ("width", "height"):
        sheet.attrib.pop(name, None)
    at = 12.0
    for words, size, weight, colour in lines:
        at += size * 1.4
        sheet.append(_text(words, 16, at, size=size, weight=weight, colour=colour))
    group = ElementTree.SubElement(
        sheet, f"{{{_SVG}}}g", {"transform": f"translate({16 - left:g} {head - top:g})"}
    )
    group.extend(list(root))
    if caption.source:
        sheet.append(
            _text(
                wrapped(caption.source, letters=fit, lines=1)[0],
                16,
                whole[1] - 10,
                size=10,
                weight="400",
                colour=muted,
            )
        )
    return sheet


def _text(words: str, x: float, y: float, *, size: float, weight: str, colour: str) -> ElementTree.Element:
    at = {"x": f"{x:g}", "y": f"{y:.1f}", "font-size": f"{size:g}", "font-weight": weight, "fill": colour}
    element = ElementTree.Element(f"{{{_SVG}}}text", at)
    element.text = words
    return element


def _box(root: ElementTree.Element) -> tuple[float, float, float, float]:
    numbers = [float(each) for each in _NUMBERS.findall(root.get("viewBox", ""))]
    if len(numbers) != 4 or not (0 < numbers[2] < 20_000 and 0 < numbers[3] < 20_000):
        raise PictureError("The drawing has no size.")
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _size(root: ElementTree.Element) -> tuple[float, float]:
    return _box(root)[2:]


def _upwards(node: Node) -> list[Node]:
    """The node and all around it, outermost first."""
    return [*(_upwards(node.parent) if node.parent else []), node]


def _written(root: ElementTree.Element) -> str:
    ElementTree.register_namespace("", _SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _is_blank(picture: bytes) -> bool:
    """Whether all its rows are alike, as they are where only the ground was drawn."""
    _, down = size(picture)
    raw = zlib.decompress(b"".join(_data(picture)))
    stride = len(raw) // down
    return len({raw[at : at + stride] for at in range(stride, len(raw), stride)}) < 2


def _data(picture: bytes) -> Iterator[bytes]:
    at = 8
    while at < len(picture):
        length, name = struct.unpack(">I4s", picture[at : at + 8])
        if name == b"IDAT":
            yield picture[at + 8 : at + 8 + length]
        at += length + 12
