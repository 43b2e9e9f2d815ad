"""From a metric of a preset and a question to a recipe, with everything filled in that the engine does not.

The engine fills addresses, headers and bodies, escaped for their places. Filled in here: the expressions by
which an answer is read, the words of the period (`grains` of the file), and inputs that were left empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from metrics.connectors.base import Ask, ConnectorError
from metrics.connectors.preset_files import Asking, Preset, PresetMetric
from metrics.connectors.preset_rules import PLACEHOLDER
from metrics.connectors.recipe import Recipe
from northstar.lib.periods import first_instant, local_day, next_start

_TWO_DAYS = 2 * 86_400


def parts_of(ask: Ask, most_days: int) -> list[Ask]:
    """The question in parts of whole periods that are no longer than `most_days`, or than one period."""
    if not most_days or ask.start >= ask.end:
        return [ask]
    parts: list[Ask] = []
    start = ask.start
    while start < ask.end:
        end = next_start(start, ask.grain)
        while end < ask.end and (next_start(end, ask.grain) - start).days <= most_days:
            end = next_start(end, ask.grain)
        parts.append(replace(ask, start=start, end=min(end, ask.end)))
        start = end
    return parts


def range_words(ask: Ask) -> dict[str, Any]:
    """What only a request for the whole range may say: dates as 20261116, and the range two days wider."""
    last = max(ask.start, min(ask.end - timedelta(days=1), local_day(ask.now, ask.zone)))
    return {
        "start_compact": f"{ask.start:%Y%m%d}",
        "last_compact": f"{last:%Y%m%d}",
        "wide_start": _unix(ask.start, ask) - _TWO_DAYS,
        "wide_end": _unix(ask.end, ask) + _TWO_DAYS,
    }


def recipe_of(preset: Preset, asking: Asking, words: Mapping[str, Any], *, ask: Ask, base: str) -> Recipe:
    """The recipe of one request; `words` are the inputs and the words of the period."""
    reading, paging = asking.reading, asking.paging
    known = {**words, "utc_start": f"{first_instant(ask.start, ask.zone):%Y-%m-%dT%H:%M:%SZ}"}
    return Recipe(
        url=base + asking.path,
        method=asking.method,
        params=asking.params,
        headers=asking.headers,
        body=without_empty(asking.body, words),
        body_kind=asking.body_kind,
        auth=replace(preset.auth, token_url=preset.auth.token_url.replace("{base}", base)),
        paging=replace(paging, more=expression(paging.more, known)),
        reading=replace(
            reading,
            rows=expression(reading.rows, known),
            period=expression(reading.period, known),
            date_format=expression(reading.date_format, known),
            parts={name: expression(text, known) for name, text in reading.parts.items()},
        ),
        each="period" if asking.each == "now" else asking.each,
        empty=asking.empty,
        warnings=asking.warnings,
        failure=asking.failure,
        per_minute=preset.per_minute,
    )


def words_of(metric: PresetMetric, inputs: Mapping[str, Any], *, grain: str) -> dict[str, Any]:
    """The inputs of the metric and the words that stand for the period."""
    names = (*metric.inputs, *metric.optional)
    return {**{name: inputs.get(name) or "" for name in names}, **metric.grains[grain]}


def expression(template: str, words: Mapping[str, Any]) -> str:
    """An expression with its placeholders filled, by what cannot end a text in it and go on."""
    return PLACEHOLDER.sub(lambda found: _harmless(str(words.get(found[1], found[0]))), template)


def without_empty(body: Any, words: Mapping[str, Any]) -> Any:
    """The body without entries of lists, and without keys, that hold an input which was left empty."""
    if isinstance(body, Mapping):
        kept = {key: value for key, value in body.items() if not _is_empty(value, words)}
        return {key: without_empty(value, words) for key, value in kept.items()}
    if isinstance(body, (list, tuple)):
        return [without_empty(one, words) for one in body if not _holds_empty(one, words)]
    return body


def _holds_empty(entry: Any, words: Mapping[str, Any]) -> bool:
    values = entry.values() if isinstance(entry, Mapping) else (entry,)
    return any(_is_empty(value, words) for value in values)


def _is_empty(value: Any, words: Mapping[str, Any]) -> bool:
    return isinstance(value, str) and any(words.get(name) == "" for name in PLACEHOLDER.findall(value))


def _harmless(text: str) -> str:
    if any(character in text for character in "'`\\\""):
        raise ConnectorError(
            "config", "Quotes and backslashes cannot stand in this input. Remove them.", permanent=True
        )
    return text


def _unix(day: date, ask: Ask) -> int:
    return int(first_instant(day, ask.zone).timestamp())
