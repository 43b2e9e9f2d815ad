"""What the browser's stylesheet says of a drawing, worked out here: one truth for page, mail and download.

Reads the built stylesheet and understands what drawings use of CSS: tags, classes, attributes, `:is()`,
descendants and children, custom properties, `light-dark()`. What holds for one medium or width is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path

SHEET = Path(__file__).resolve().parents[2] / "static" / "vendor" / "northstar.css"
#: Of a shape or a letter; everything else a rule says is about boxes of a page.
DRAWN = frozenset(
    ("fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap")
    + ("stroke-linejoin", "stroke-opacity", "opacity", "paint-order", "rx")
    + ("font", "font-size", "font-weight", "font-family", "text-anchor")
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PIECE = re.compile(
    r'\.(?P<css>[\w-]+)|(?P<tag>[a-z]+)|\[(?P<name>[\w-]+)="(?P<value>[^"]*)"\]|(?P<root>:root)'
)
_VAR = re.compile(r"var\((--[\w-]+)\)")
_THEMED = re.compile(r"light-dark\(((?:[^(),]|\([^()]*\))+),((?:[^(),]|\([^()]*\))+)\)")
_DEEPEST = 8

Specificity = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Compound:
    """One step of a selector: what an element has to be."""

    tag: str = ""
    classes: frozenset[str] = frozenset()
    attributes: tuple[tuple[str, str], ...] = ()
    child: bool = False

    def fits(self, node: Node) -> bool:
        """Whether the element is one of these."""
        return (
            self.tag in ("", node.tag)
            and self.classes <= node.classes
            and all(node.attributes.get(name) == value for name, value in self.attributes)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """A selector, from its subject upwards, and what it declares."""

    steps: tuple[Compound, ...]
    declared: tuple[tuple[str, str], ...]
    order: int

    @property
    def weight(self) -> tuple[Specificity, int]:
        """What decides between rules that say different things."""
        classes = sum(len(step.classes) + len(step.attributes) for step in self.steps)
        return (classes, sum(bool(step.tag) for step in self.steps)), self.order

    def fits(self, node: Node) -> bool:
        """Whether the rule is about this element."""
        return self.steps[0].fits(node) and _above(self.steps, 0, node)


@dataclass(slots=True)
class Node:
    """An element with what stands around it; `properties` are its custom properties, inherited ones too."""

    tag: str
    classes: frozenset[str] = frozenset()
    attributes: Mapping[str, str] = field(default_factory=dict)
    parent: Node | None = None
    properties: dict[str, str] = field(default_factory=dict)


def styled(node: Node, theme: str) -> dict[str, str]:
    """The drawn properties of an element by name, with colours of the theme; fills in its `properties`."""
    said: dict[str, str] = {}
    for rule in _rules_for(node):
        said.update(rule.declared)
    node.properties = dict(node.parent.properties) if node.parent else {}
    node.properties |= {name: value for name, value in said.items() if name.startswith("--")}
    return {
        name: _value(value, node, theme=theme) for name, value in said.items() if not name.startswith("--")
    }


def token(name: str, theme: str) -> str:
    """The value of a custom property of the whole page, as `token("--card", "dark")`."""
    root = Node("html", attributes={":root": ""})
    styled(root, theme)
    return _value(f"var({name})", root, theme=theme)


@cache
def rules() -> tuple[Rule, ...]:
    """The rules of the built stylesheet in order. Raises OSError where it was not built."""
    return tuple(read(SHEET.read_text()))


def read(text: str) -> Iterator[Rule]:
    """The rules of a stylesheet that a drawing can meet."""
    for order, (selectors, body) in enumerate(_blocks(_COMMENT.sub("", text))):
        pairs = (each.partition(":") for each in body.split(";") if ":" in each)
        declared = [(name.strip(), value.strip()) for name, _, value in pairs]
        kept = tuple(pair for pair in declared if pair[0] in DRAWN or pair[0].startswith("--"))
        if not kept:
            continue
        for selector in _split(selectors):
            yield from (Rule(steps, kept, order) for steps in _steps(selector))


def _rules_for(node: Node) -> list[Rule]:
    known = by_subject()
    names = ["", node.tag, *(f".{css}" for css in node.classes)]
    return sorted(
        (rule for name in names for rule in known.get(name, ()) if rule.fits(node)),
        key=lambda rule: rule.weight,
    )


@cache
def by_subject() -> dict[str, list[Rule]]:
    """By a class, else the tag, that the subject of a rule must have."""
    found: dict[str, list[Rule]] = {}
    for rule in rules():
        subject = rule.steps[0]
        name = f".{min(subject.classes)}" if subject.classes else subject.tag
        found.setdefault(name, []).append(rule)
    return found


def _above(steps: tuple[Compound, ...], at: int, node: Node) -> bool:
    if at + 1 == len(steps):
        return True
    up, step = node.parent, steps[at + 1]
    while up is not None:
        if step.fits(up) and _above(steps, at + 1, up):
            return True
        up = None if steps[at].child else up.parent
    return False


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """(selectors, body) of the rules that hold everywhere."""
    at = 0
    while (opened := text.find("{", at)) >= 0:
        head, depth, end = text[at:opened].rpartition(";")[2].strip(), 1, opened + 1
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        if not head.startswith("@"):
            yield head, text[opened + 1 : end - 1]
        at = end


def _steps(selector: str) -> Iterator[tuple[Compound, ...]]:
    """The selector from its subject upwards, for each choice of its `:is()`; none where it asks for more."""
    parts: list[list[str]] = []
    for piece in re.split(r"(:is\([^()]*\))", selector):
        parts.append(_split(piece[4:-1]) if piece.startswith(":is(") else [piece])
    for choice in product(*parts):
        words, child, found = "".join(choice).replace(">", " > ").split(), False, list[Compound]()
        for word in words:
            if word == ">":
                child = True
                continue
            compound = _compound(word, child=child)
            if compound is None:
                break
            found.append(compound)
            child = False
        else:
            yield tuple(reversed(found))


def _compound(word: str, *, child: bool) -> Compound | None:
    tag, classes, attributes, end = "", set[str](), list[tuple[str, str]](), 0
    for piece in _PIECE.finditer(word):
        if piece.start() != end:
            return None
        end = piece.end()
        if piece["css"]:
            classes.add(piece["css"])
        elif piece["tag"]:
            tag = piece["tag"]
        else:
            attributes.append((":root", "") if piece["root"] else (piece["name"], piece["value"]))
    if end != len(word):
        return None
    return Compound(tag, frozenset(classes), tuple(attributes), child)


def _split(selectors: str) -> list[str]:
    """At the commas outside brackets."""
    return [each.strip() for each in re.split(r",(?![^(]*\))", selectors)]


def _value(value: str, node: Node, *, theme: str) -> str:
    for _ in range(_DEEPEST):
        if "var(" not in value:
            break
        value = _VAR.sub(lambda found: node.properties.get(found[1], "none"), value)
    return _THEMED.sub(lambda found: found[2 if theme == "dark" else 1].strip(), value)


def context(*steps: Sequence[str], state: str = "") -> Node:
    """What stands around a drawing on a page: elements with these classes, outermost first."""
    node = Node("html", attributes={":root": ""})
    for classes in steps:
        attributes = {"data-state": state} if state else {}
        node = Node("div", frozenset(classes), attributes, node)
    return node
