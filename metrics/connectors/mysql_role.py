"""Whether the user of a MySQL source can do more than read, and the script for one who cannot (S43)."""

from __future__ import annotations

from typing import Protocol

from metrics.connectors.sql_grants import powers, roles, told

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
    found = list(dict.fromkeys(words for line in own for words in powers(line, _HARMLESS)))
    given = [role for line in own for role in roles(line)]
    if given and not session.is_mariadb:
        # MariaDB lists the rights of the role in force by itself.
        using = session.read(f"SHOW GRANTS FOR CURRENT_USER() USING {', '.join(given)}")
        found += [words for row in using for words in powers(row[0], _HARMLESS) if words not in found]
    return told(found)


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
