"""Whether the user of a MySQL source can do more than read, and the script for one who cannot (S43)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

_GRANT = re.compile(r"GRANT (?P<what>.+?) ON (?P<where>.+?) TO .*", re.DOTALL)
_ROLE = re.compile(r"GRANT (?P<roles>[`'\"].+?) TO .*", re.DOTALL)
_COLUMNS = re.compile(r"\s*\([^)]*\)")
_HARMLESS = {"USAGE", "SELECT", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "SET STATEMENT"}


class Reads(Protocol):
    @property
    def is_mariadb(self) -> bool:
        """Which of the two it is."""

    def read(self, statement: str) -> list[tuple[str, ...]]:
        """Rows of a statement."""


def too_strong(session: Reads) -> str:
    """What the user may do beyond reading, in words; empty if nothing was found."""
    own = [row[0] for row in session.read("SHOW GRANTS")]
    found = list(dict.fromkeys(words for line in own for words in _powers(line)))
    roles = [role for line in own for role in _roles(line)]
    if roles and not session.is_mariadb:
        # MariaDB lists the rights of the role in force by itself.
        using = session.read(f"SHOW GRANTS FOR CURRENT_USER() USING {', '.join(roles)}")
        found += [words for row in using for words in _powers(row[0]) if words not in found]
    return ", ".join(found[:4]) + (" and more" if len(found) > 4 else "")


def script(database: str) -> str:
    """SQL that makes a user who can only read `database`."""
    # In a grant, _ and % stand for any characters.
    quoted = database.replace("`", "``").replace("_", r"\_").replace("%", r"\%")
    return "\n".join(
        (
            "CREATE USER 'northstar_reader'@'%' IDENTIFIED BY 'choose-a-long-one';",
            f"GRANT SELECT, SHOW VIEW ON `{quoted}`.* TO 'northstar_reader'@'%';",
        )
    )


def _powers(line: str) -> Iterator[str]:
    grant = _GRANT.fullmatch(line)
    if not grant:
        return
    where = "every database" if grant["where"] == "*.*" else grant["where"].replace("`", "").replace("\\", "")
    rights = [right.strip().upper() for right in _COLUMNS.sub("", grant["what"]).split(",")]
    strong = [right.lower() for right in rights if right not in _HARMLESS]
    if strong:
        yield f"has {', '.join(strong[:4])}{' and more' if len(strong) > 4 else ''} on {where}"
    if "WITH GRANT OPTION" in line.upper() and rights != ["PROXY"]:
        yield f"may grant rights on {where}"


def _roles(line: str) -> Iterator[str]:
    if (found := _ROLE.fullmatch(line)) and not _GRANT.fullmatch(line):
        yield from (role.strip() for role in found["roles"].split(","))
