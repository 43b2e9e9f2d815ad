"""Queries to begin with: three numbers that most databases hold, for tables that people rename to theirs."""

from __future__ import annotations

from metrics.connectors.base import Suggestion
from metrics.connectors.sql_dialects import Dialect


def examples(dialect: Dialect) -> tuple[Suggestion, ...]:
    """A distinct count, a sum and a share by the week, as this database writes them."""
    return (
        Suggestion(
            "active", "Weekly active accounts", "Accounts with at least one event in the week.",
            "unique", "week", _query(dialect, "count(distinct account_id) as value", table="events"),
            unit="accounts",
        ),
        Suggestion(
            "revenue", "Weekly revenue", "Sum of the orders paid in the week.",
            "flow_sum", "week", _query(dialect, "sum(amount) as value", table="orders"),
            unit="€",
        ),
        Suggestion(
            "conversion", "Trial to paid", "Share of the trials begun in the week that pay by now.",
            "ratio", "week",
            _query(dialect, f"{_PAID} as numerator,\n  count(*) as denominator", table="trials"),
        ),
    )  # fmt: skip


_PAID = "sum(case when paid_at is not null then 1 else 0 end)"


def _query(dialect: Dialect, parts: str, *, table: str) -> dict[str, str]:
    week = dialect.truncations["week"].replace("…", "created_at")
    start, end = dialect.bounds
    return {
        "sql": f"select {week} as period,\n  {parts}\nfrom {table}\n"
        f"where created_at >= :{start} and created_at < :{end}\ngroup by {week}\norder by 1"
    }
