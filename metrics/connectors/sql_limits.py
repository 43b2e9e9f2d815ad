"""How much a query may return, and the table that grows no further (R31)."""

from __future__ import annotations

from collections.abc import Sequence

from metrics.connectors.errors import ConnectorError
from metrics.connectors.sql_rows import Column, Table

MAX_ROWS = 100_000
MAX_COLUMNS = 100
MAX_CELL = 64 * 1024
MAX_BYTES = 10 * 1024 * 1024


class Gathering:
    """Rows of an answer as they arrive. Raises ConnectorError("too_large") before memory fills."""

    def __init__(self, columns: Sequence[Column]) -> None:
        if len(columns) > MAX_COLUMNS:
            raise too_large(f"{len(columns)} columns (at most {MAX_COLUMNS} are read)")
        self.columns = tuple(columns)
        self.rows: list[tuple[str | None, ...]] = []
        self.size = 0

    def take(self, cells: Sequence[str | None]) -> None:
        """Add one row."""
        for cell in cells:
            if cell is not None:
                if len(cell) > MAX_CELL:
                    raise too_large(f"a cell of {len(cell):,} bytes in row {len(self.rows) + 1}")
                self.size += len(cell)
        if len(self.rows) >= MAX_ROWS:
            raise too_large(f"more than {MAX_ROWS:,} rows")
        if self.size > MAX_BYTES:
            raise too_large("more than 10 MiB")
        self.rows.append(tuple(cells))

    def table(self) -> Table:
        """All of it."""
        return Table(self.columns, tuple(self.rows))


def too_large(what: str) -> ConnectorError:
    """The error for an answer above a limit; `what` says which."""
    return ConnectorError(
        "too_large",
        f"The query returns {what}. Aggregate it to one row a period; nothing was stored.",
        permanent=True,
    )
