"""Runs a recipe: asks page by page, reads, gathers, and shows what it did."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from metrics.connectors import gathering
from metrics.connectors.asked import shown_beside
from metrics.connectors.base import Answer, Ask, ConnectorError, Egress, Renewals, Row
from metrics.connectors.http import placing, request
from metrics.connectors.http.decoding import json_of
from metrics.connectors.http.exchange import DEADLINE, Exchange, Pace
from metrics.connectors.http.expressions import Expression
from metrics.connectors.http.faults import redacted
from metrics.connectors.http.pages import Pages
from metrics.connectors.http.reading import Reader
from metrics.connectors.http.request import Request
from metrics.connectors.http.signing import Signer
from metrics.connectors.moments import Dates
from metrics.connectors.recipe import Recipe
from northstar.lib.egress import Limits, SSLContext
from northstar.lib.periods import local_day, next_start, starts

MAX_PERIODS = 800
_MAX_WARNINGS = 5


@dataclass(slots=True)
class Surroundings:
    """What a run may be given besides its question: limits, trust and patience of tests, tokens that
    live longer."""

    limits: Limits = field(default_factory=lambda: Limits(slowest=1024))
    deadline: float = DEADLINE
    ssl_context: SSLContext | None = None
    sleep: Callable[[float], None] = time.sleep
    pace: Pace = field(default_factory=Pace)
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict, repr=False)


def run(
    recipe: Recipe,
    ask: Ask,
    *,
    egress: Egress,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    values: Mapping[str, Any] | None = None,
    renewals: Renewals | None = None,
    around: Surroundings | None = None,
) -> Answer:
    """The rows of one metric, with the request as it was made, its columns and how they were read.

    `settings` and `values` (the inputs of the metric's question) fill the placeholders; `secrets` go into the
    sign-in only. Raises ConnectorError, with the cause and what to do.
    """
    around = around or Surroundings()
    names = placing.names_of(ask, settings=settings, values=values or {})
    with Exchange(
        egress, now=ask.now, per_minute=recipe.per_minute, deadline=around.deadline, limits=around.limits,
        ssl_context=around.ssl_context, sleep=around.sleep, pace=around.pace,
    ) as web:  # fmt: skip
        signer = Signer(recipe.auth, names, secrets, web, renewals, around.tokens)
        reader = Reader(recipe.reading, ask)
        done = _Run(recipe, ask, signer, reader)
        with shown_beside(lambda: _answer(done, (), ())):
            rows, notes = done.by_period() if recipe.each == "period" else done.over_range()
    return _answer(done, rows, notes)


class _Run:
    def __init__(self, recipe: Recipe, ask: Ask, signer: Signer, reader: Reader) -> None:
        self.recipe, self.ask, self.signer, self.reader = recipe, ask, signer, reader
        self._warnings = Expression(recipe.warnings, name="warnings") if recipe.warnings else None
        self._failure = Expression(recipe.failure, name="failures") if recipe.failure else None
        self.warned: dict[str, None] = {}
        self.shown = ""
        self.covers: tuple[date, date] | None = None

    def over_range(self) -> tuple[tuple[Row, ...], tuple[str, ...]]:
        """One run of requests for the whole range."""
        items = self._items(self.signer.names)
        reading = self.recipe.reading
        found = gathering.rows_of(items, self.ask, aggregate=reading.aggregate, empty=self.recipe.empty)
        self.reader.check_columns()
        return found

    def by_period(self) -> tuple[tuple[Row, ...], tuple[str, ...]]:
        """A run of requests for each period that has begun."""
        ask = self.ask
        today = local_day(ask.now, ask.zone)
        begun = starts(ask.start, min(ask.end, today + timedelta(days=1)), ask.grain)
        rows: list[Row] = []
        # The newest first, so that what does not fit into one pull is the oldest.
        for start in reversed(begun[-MAX_PERIODS:]):
            if rows and not self.signer.web.has_time(for_another=len(rows)):
                break
            rows += self._one(start)
        self.reader.check_columns()
        if len(rows) == len(begun):
            return tuple(reversed(rows)), ()
        self.covers = (rows[-1].period_start, ask.end)
        note = (
            f"Only the newest {len(rows):,} of {len(begun):,} periods were asked for: each is a request of "
            f"its own, and a pull ends after {self.signer.web.deadline:g} seconds. Fill in the rest in parts."
        )
        return tuple(reversed(rows)), (note,)

    def _one(self, start: date) -> tuple[Row, ...]:
        ask = self.ask
        end = next_start(start, ask.grain)
        names = {**self.signer.names, **placing.span_of(start, end, ask=ask)}
        when = Dates("auto", ask.zone).read(start.isoformat(), label="Period")
        self.reader.begin()
        items = list(self._items(names, when=when))
        aggregate = self.recipe.reading.aggregate
        if len(items) > 1 and aggregate == "none":
            raise ConnectorError(
                "schema",
                f"Period {start}: the answer has {len(items)} rows where one number was expected. "
                "Choose how they are gathered, or point the rows at one object.",
                permanent=True,
            )
        rows, _ = gathering.rows_of(items, ask, aggregate=aggregate)
        row = rows[0] if rows else Row(start)
        zero = self.recipe.empty == "zero" and row.is_missing and ask.kind not in ("ratio", "average")
        return (Row(start, value=gathering.ZERO),) if zero else (row,)

    def _items(self, names: Mapping[str, Any], *, when: Any = None) -> list[gathering.Item]:
        pages = Pages(self.recipe.paging)
        plain: Request | None = pages.first(request.of(self.recipe, names))
        assert plain is not None
        self.shown = self.shown or plain.shown(self.signer.masked)
        items: list[gathering.Item] = []
        number = 1
        while plain is not None:
            answer, headers = self._ask(plain)
            rows = self.reader.rows_in(answer)
            items += self.reader.items(rows, page=number, period=when)
            plain = pages.after(plain, answer, rows, headers=headers, number=number)
            number += 1
        return items

    def _ask(self, plain: Request) -> tuple[Any, Mapping[str, str]]:
        web = self.signer.web
        try:
            response = web.send(self.signer.sign(plain))
        except ConnectorError as error:
            # A token may be revoked before its time; a fresh one is tried once.
            if error.code != "auth" or not self.signer.forget():
                raise
            response = web.send(self.signer.sign(plain))
        answer = json_of(response.content, response.headers.get("content-type", ""))
        self._look_at(answer)
        return answer, response.headers

    def _look_at(self, answer: Any) -> None:
        secrets = self.signer.web.secrets
        if self._failure is not None and (said := _texts(self._failure.find(answer))):
            shown = redacted("; ".join(said), secrets)[:200]
            raise ConnectorError("query", f"The service refuses the question: “{shown}”", permanent=True)
        if self._warnings is not None:
            for text in _texts(self._warnings.find(answer)):
                if len(self.warned) < _MAX_WARNINGS:
                    self.warned[f"The service warns: {redacted(text, secrets)[:200]}"] = None


def _answer(done: _Run, rows: tuple[Row, ...], notes: tuple[str, ...]) -> Answer:
    reader = done.reader
    if reader.again:
        notes = (*notes, f"{gathering.counted(reader.again, 'row')} that came twice counted once.")
    return Answer(
        rows,
        columns=reader.columns,
        sample=reader.sample if done.ask.preview else (),
        notes=(*done.warned, *notes),
        request=redacted(done.shown, done.signer.web.secrets),
        mapping=reader.mapping,
        covers=done.covers,
    )


def _texts(value: Any) -> list[str]:
    """The texts in what an expression for warnings or failures found; none for false, null and empty."""
    if value in (None, False, "") or value == [] or value == {}:
        return []
    found = value if isinstance(value, list) else [value]
    return [" ".join(str(one).split()) for one in found if one not in (None, "", False)][:20]
