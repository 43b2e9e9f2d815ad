"""What the tests of drawn charts read from an SVG."""

from __future__ import annotations

import re
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg):
    return ElementTree.fromstring(svg)


def marked(root, name):
    """The elements with a class."""
    return [each for each in root.iter() if name in each.get("class", "").split()]


def texts(root):
    return ["".join(each.itertext()) for each in root.iter(f"{SVG}text")]


def assert_plain(svg, *, width, height):
    """Well-formed, without looks of its own, and with all its numbers inside the box."""
    root = parsed(svg)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == root.get("aria-label")
    assert not re.search(r"style=|#[0-9a-f]{3,6}\b|rgb|fill=|stroke=", svg)
    for each in root.iter():
        wide, high = float(each.get("width", 0)), float(each.get("height", 0))
        for x in [each.get("x"), each.get("cx"), *re.findall(r"[ML](-?[\d.]+) ", each.get("d", ""))]:
            assert x is None or -0.5 <= float(x) <= width + 0.5 - wide
        for y in [each.get("y"), each.get("cy"), *re.findall(r" (-?[\d.]+)", each.get("d", ""))]:
            assert y is None or -0.5 <= float(y) <= height + 0.5 - high
    return root
