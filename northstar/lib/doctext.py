"""The product's own documentation as blocks that a template can show: the few forms its pages use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r"(#{1,6}) +(.+?) *")
_ITEM = re.compile(r"(?:[-*]|\d+\.) +(.*)")
_INLINE = re.compile(r"`([^`]+)`")
_MARKS = re.compile(r"\*\*|\[([^\]]+)\]\([^)]*\)")

#: Pieces of a line: (text, whether it is code).
Line = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Block:
    """`kind`: paragraph, list, code, table or heading; `lines` are its words or items, `rows` its cells."""

    kind: str
    lines: tuple[Line, ...] = ()
    text: str = ""
    rows: tuple[tuple[Line, ...], ...] = ()


def section(text: str, heading: str) -> str:
    """What stands under this heading (whatever its level) until the next one as high; empty without it."""
    found, level = [], 0
    for line in text.splitlines():
        head = _HEADING.fullmatch(line)
        if head and not level and head[2].strip("`").lower() == heading.lower():
            level = len(head[1])
        elif head and level and len(head[1]) <= level:
            break
        elif level:
            found.append(line)
    return "\n".join(found).strip("\n")


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a text in Markdown. Whatever is no list, table or code is a paragraph."""
    return tuple(_block(lines) for lines in _chunks(text))


def inline(text: str) -> Line:
    """Text with its code set apart; links keep their words, bold is plain."""
    pieces = _INLINE.split(_MARKS.sub(lambda mark: mark[1] or "", text))
    return tuple((piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece)


def _chunks(text: str) -> Iterator[list[str]]:
    """Lines that belong together: parted by empty lines, where no code goes on."""
    kept: list[str] = []
    fenced = False
    for line in [*text.splitlines(), ""]:
        if line.startswith("```"):
            if not fenced and kept:
                yield kept
                kept = []
            fenced = not fenced
            kept.append(line)
            if not fenced:
                yield kept
                kept = []
        elif fenced or (line.strip() and not _HEADING.fullmatch(line)):
            kept.append(line)
        else:
            if kept:
                yield kept
            kept = []
            if line.strip():
                yield [line]


def _block(lines: list[str]) -> Block:
    first = lines[0]
    if first.startswith("```"):
        return Block("code", text="\n".join(line for line in lines if not line.startswith("```")))
    if all(line.startswith("    ") for line in lines):
        return Block("code", text="\n".join(line[4:] for line in lines))
    if head := _HEADING.fullmatch(first):
        return Block("heading", (inline(head[2]),))
    if first.startswith("|"):
        return Block("table", rows=tuple(_cells(line) for line in lines if not set(line) <= set("|-: ")))
    if _ITEM.match(first):
        return Block("list", tuple(inline(item) for item in _items(lines)))
    return Block("paragraph", (inline(" ".join(map(str.strip, lines))),))


def _items(lines: list[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        if item := _ITEM.match(line):
            found.append(item[1])
        else:
            found[-1] += f" {line.strip()}"
    return found


def _cells(line: str) -> tuple[Line, ...]:
    return tuple(inline(cell.strip()) for cell in line.strip().strip("|").split("|"))
