"""What GRANT lines, as MySQL, MariaDB and ClickHouse list them, allow beyond reading (S43)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_GRANT = re.compile(r"GRANT (?P<what>.+?) ON (?P<where>.+?) TO .*", re.DOTALL)
_ROLE = re.compile(r"GRANT (?P<roles>.+?) TO .*", re.DOTALL)
_COLUMNS = re.compile(r"\s*\([^)]*\)")


def powers(line: str, harmless: Collection[str]) -> Iterator[str]:
    """What one line allows that is not in `harmless` (in capitals), in words."""
    grant = _GRANT.fullmatch(line)
    if not grant:
        return
    where = "every database" if grant["where"] == "*.*" else grant["where"].replace("`", "").replace("\\", "")
    rights = [right.strip().upper() for right in _COLUMNS.sub("", grant["what"]).split(",")]
    strong = [right.lower() for right in rights if right not in harmless]
    if strong:
        yield f"has {', '.join(strong[:4])}{' and more' if len(strong) > 4 else ''} on {where}"
    if "WITH GRANT OPTION" in line.upper() and rights != ["PROXY"]:
        yield f"may grant rights on {where}"


def roles(line: str) -> Iterator[str]:
    """The roles that a line gives, as they are written there."""
    if (found := _ROLE.fullmatch(line)) and not _GRANT.fullmatch(line):
        yield from (role.strip() for role in found["roles"].split(","))


def told(found: list[str]) -> str:
    """Several powers as one part of a sentence."""
    return ", ".join(found[:4]) + (" and more" if len(found) > 4 else "")
