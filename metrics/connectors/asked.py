"""How a question and its answer are told to the person who tests it. Pure; no secret ever comes here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from metrics.connectors.base import Answer, ConnectorError
from northstar.lib.periods import first_instant

_PARAMETER = re.compile(r"(?<![:\w]):([A-Za-z_]\w*)")


@contextmanager
def shown_beside(seen: Callable[[], Answer]) -> Iterator[None]:
    """Hangs what is worth showing of question and answer on the ConnectorError that leaves.

    Example: `with shown_beside(lambda: Answer((), request=request)): …`
    """
    try:
        yield
    except ConnectorError as error:
        error.answer = error.answer or seen()
        raise


def sql(text: str, start: date, end: date, *, zone: str, times: int = 1) -> str:
    """The query as it was typed, with the value of each parameter that it uses below it.

    `times`: how often it was asked, once a period; start..end is then the last one.
    """
    values = {
        "period_start": start.isoformat(),
        "period_end": end.isoformat(),
        "utc_start": instant(start, zone),
        "utc_end": instant(end, zone),
        "tz": zone,
    }
    used = set(_PARAMETER.findall(text))
    lines = [f":{name} = {value}" for name, value in values.items() if name in used]
    if times > 1:
        lines.insert(0, f"Asked {times} times, once for each period; the last time with:")
    if not lines:
        lines = ["(no parameter is used: the same is asked whatever the range)"]
    return "\n".join([text.strip(), "", *lines])


def instant(day: date, zone: str) -> str:
    """The first moment of a local day in UTC: "2026-11-22T23:00Z"."""
    return f"{first_instant(day, zone):%Y-%m-%dT%H:%MZ}"


def read_from(parts: Sequence[str], names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """By which column each part of a row was read, as Answer.mapping has it."""
    return tuple(
        (part, f"column {name}" if part == name.lower() else f"column {name}, by its place")
        for part, name in zip(parts, names, strict=True)
    )
