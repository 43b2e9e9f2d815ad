"""A funnel over one of its windows as a drawing and a table, read from its document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metrics.charts import way
from metrics.charts.way import Step

COLUMNS = ["Stage", "Step", "Enter it in a week", "Go on", "Benchmark", "Half the gap brings", "Rank"]
PASSES = {"loss": "lost a week", "chain": "go on"}


def drawn(window: Mapping[str, Any]) -> str:
    """The steps of a window as one `<svg>`: the way, its end, and what lies beside it."""
    end = window["end"]
    last = Step("The end", "", f"{end['size']} {end['people']} a week", share=end["share"], tone="end")
    steps = [_step(row) for row in window["chain"]]
    return way.sketch([*steps, *([last] if steps and end else []), *map(_step, window["apart"])])


def table(window: Mapping[str, Any]) -> list[list[str]]:
    """Rows of text under COLUMNS."""
    return [
        [
            row["stage"],
            row["name"],
            f"{row['size']} {row['people']}",
            _rate(row),
            row["benchmark_words"] or "no benchmark yet",
            row["effect"],
            str(row["rank"] or ""),
        ]
        for row in [*window["chain"], *window["apart"]]
    ]


def _step(row: Mapping[str, Any]) -> Step:
    tone = "narrow" if row["narrow"] else "" if row["kind"] == "chain" else "apart"
    size = f"{row['size']} {row['people']}{'' if row['kind'] == 'loss' else ' a week'}"
    wanted = row["benchmark_words"] or "no benchmark yet"
    gauge = row["gauge"] if row["benchmark_words"] else None
    return Step(row["stage"], row["name"], size, _rate(row), wanted, row["share"], gauge, tone)


def _rate(row: Mapping[str, Any]) -> str:
    passes = PASSES.get(row["kind"]) or f"{row['onto']} brought by each"
    return f"{row['rate_words']} {passes}"
