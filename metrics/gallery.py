"""Well-known North Stars by business model, in our own words: to think with, not to copy. Pure data.

`quoted` names companies that are often quoted with such a number; whether they still steer by it, nobody
outside knows.
"""

from __future__ import annotations

from dataclasses import dataclass

from metrics.gallery_examples import EXAMPLES as ROWS


@dataclass(frozen=True, slots=True)
class Focus:
    """A team and the one metric that it might push below this North Star."""

    team: str
    metric: str


@dataclass(frozen=True, slots=True)
class Example:
    """A business model and a North Star that fits it; `customer` and `gains` make "We win when … …"."""

    slug: str
    model: str
    name: str
    quoted: str
    customer: str
    gains: str
    counted: str
    action: str
    window: str
    definition: str
    drivers: tuple[str, ...]
    guardrails: tuple[str, ...]
    focuses: tuple[Focus, ...]
    caution: str

    @property
    def proposition(self) -> str:
        return f"We win when {self.customer} {self.gains}."


def _example(row: dict[str, str]) -> Example:
    texts = {name: row[name] for name in Example.__annotations__ if name in row}
    focuses = tuple(Focus(*(part.strip() for part in line.split(":", 1))) for line in _parts(row["focuses"]))
    lists = {"drivers": tuple(_parts(row["drivers"])), "guardrails": tuple(_parts(row["guardrails"]))}
    return Example(**(texts | lists | {"focuses": focuses}))  # type: ignore[arg-type]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";")]


EXAMPLES = tuple(_example(row) for row in ROWS)


def named(slug: str) -> Example | None:
    """The example of that name; None for any other word."""
    return next((each for each in EXAMPLES if each.slug == slug), None)
