"""Graphite: the points of a target, gathered by local period here, because its own steps know no zone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar

from metrics.connectors.base import Ask, ConnectorError, Field, Suggestion
from metrics.connectors.http.request import Request
from metrics.connectors.monitoring import by_period
from metrics.connectors.monitoring.by_period import Asking, ByPeriod
from metrics.connectors.monitoring.spans import Span, number_of

#: In one request: a month of points every ten seconds is 7 MB. One of the days may have 25 hours.
AT_ONCE = timedelta(days=32, hours=1)
_HOW: Mapping[str, Callable[[list[Decimal]], Decimal]] = {
    "sum": lambda points: sum(points, Decimal(0)),
    "average": lambda points: sum(points, Decimal(0)) / len(points),
    "last": lambda points: points[-1],
    "max": max,
    "min": min,
}
_LABELS = {
    "sum": "added up",
    "average": "averaged",
    "last": "the last one",
    "max": "the highest",
    "min": "the lowest",
}

Point = tuple[int, Decimal | None]


class GraphiteConnector(ByPeriod):
    """The points that lie within each period; null points do not count."""

    kind: ClassVar[str] = "graphite"
    label: ClassVar[str] = "Graphite"
    description: ClassVar[str] = "A target of Graphite's render API, gathered by day, week or month."
    initials: ClassVar[str] = "Gr"
    needs: ClassVar[str] = "The address of graphite-web, carbonapi or another server of the render API."
    restate_days: ClassVar[int] = 7
    docs: ClassVar[str] = "graphite"
    at_once: ClassVar[int] = AT_ONCE.days
    columns: ClassVar[tuple[str, ...]] = ("period", "from", "until", "points", "of these null", "answer")
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address", identity=True,
              help="Such as https://graphite.example.com, up to before /render."),
        *by_period.COMMON_FIELDS,
    )  # fmt: skip
    query_fields: ClassVar[tuple[Field, ...]] = (
        Field("query", "Target", "sql", help="One series, such as sumSeries(shop.*.orders.count)."),
        Field("how", "The points of a period are", "choice", default="sum", choices=tuple(_LABELS.items())),
        by_period.SECOND,
    )  # fmt: skip
    suggestions: ClassVar[tuple[Suggestion, ...]] = (
        Suggestion("events", "Orders", "Orders that the shop counted.", "flow_sum", "week",
                   {"query": "sumSeries(stats_counts.shop.*.orders)", "how": "sum"}),
        Suggestion("stock", "Paying accounts", "Accounts that pay, as counted last in the period.",
                   "snapshot_stock", "week", {"query": "stats.gauges.shop.accounts.paying", "how": "last"}),
    )  # fmt: skip

    def check(self) -> tuple[str, ...]:
        ask = Ask("check", "snapshot_stock", "day", {}, date.min, date.max, "UTC", datetime.now(UTC))
        with self.asking(ask, {}) as asking:
            now = int(ask.now.timestamp())
            self._series(asking, "constantLine(1)", now - 3600, now)
        return ("Connected: the render API answers.",)

    def numbers(self, asking: Asking, name: str, spans: Sequence[Span]) -> list[Decimal | None]:
        target = asking.query[name]
        # A weight is added up, however the value beside it is gathered.
        how = asking.query["how"] if name == "query" or asking.ask.kind == "ratio" else "sum"
        found: list[Decimal | None] = []
        for some in _chunks(spans):
            first, last = _seconds(some[0].begins), _seconds(some[-1].ends)
            # Graphite's range leaves its first moment out and takes its last one.
            points = self._series(asking, target, first - 1, last - 1)
            if points:
                asking.first[name] = None
            found += self._gathered(asking, points, some, how=how)
        return found

    def look_back(self, asking: Asking) -> None:
        if not asking.first:
            asking.note(
                "Graphite finds no series for this target in that time. It says the same to a typing error."
            )

    def _gathered(
        self, asking: Asking, points: list[Point], spans: Sequence[Span], *, how: str
    ) -> Iterator[Decimal | None]:
        times = [at for at, _ in points]
        step = min((after - before for before, after in pairwise(times)), default=0)
        for span in spans:
            first, last = _seconds(span.begins), _seconds(span.ends)
            within = [value for _, value in points[bisect_left(times, first) : bisect_left(times, last)]]
            there = [value for value in within if value is not None]
            number = number_of(_HOW[how](there), label=f"Period {span.start}") if there else None
            if number is not None and step:
                number = self._fitting(asking, number, span, step=step)
            asking.sample.append((
                span.start.isoformat(), by_period.shown(span.begins), by_period.shown(span.ends),
                str(len(within)), str(len(within) - len(there)), "no data" if number is None else str(number),
            ))  # fmt: skip
            yield number

    def _fitting(self, asking: Asking, number: Decimal, span: Span, *, step: int) -> Decimal | None:
        """The number, unless a point there stands for more time than the period has."""
        if step > max(span.seconds, 90_000 if asking.ask.grain == "day" else 0):
            asking.note(
                f"Left out from {span.start} on: Graphite keeps one point for {step // 3600} hours there, "
                f"which is more than a {asking.ask.grain}."
            )
            return None
        if _seconds(span.begins) % step:
            asking.note(
                f"Points stand for {step // 60} minutes each and do not begin where a {asking.ask.grain} of "
                f"{asking.ask.zone} does, so the first and last of a period are cut roughly."
            )
        return number

    def _series(self, asking: Asking, target: str, first: int, last: int) -> list[Point]:
        """The points of the one series, oldest first; empty where there is none. Raises ConnectorError."""
        params = (("target", target), ("from", str(first)), ("until", str(last)), ("format", "json"))
        try:
            answer = asking.json(Request("GET", self.url("/render"), params=params))
        except ConnectorError as error:
            if error.code != "query":
                raise
            advice = "Check the names and brackets of the target, and the address."
            raise ConnectorError("query", f"{error.message} {advice}", permanent=True) from None
        if not isinstance(answer, list) or not all(_is_series(one) for one in answer):
            raise _wrong("This is no answer of Graphite's render API. Check the address.")
        if len(answer) > 1:
            names = ", ".join(str(one["target"])[:60] for one in answer[:3])
            more = f" and {len(answer) - 3} more" if len(answer) > 3 else ""
            raise _wrong(
                f"The target gives {len(answer)} series: {names}{more}. Make it one, such as sumSeries(…)."
            )
        points: list[Point] = []
        for pair in answer[0]["datapoints"] if answer else []:
            if not isinstance(pair, list) or len(pair) != 2 or type(pair[1]) is not int:
                raise _wrong("A point of Graphite's answer is not a value with its time.")
            value = number_of(
                pair[0], label=f"The point of {datetime.fromtimestamp(pair[1], UTC):%Y-%m-%d %H:%M}"
            )
            points.append((pair[1], value))
        return sorted(points, key=lambda point: point[0])


def _chunks(spans: Sequence[Span]) -> Iterator[Sequence[Span]]:
    """Runs of periods of at most a month in all; a longer period is a run of its own."""
    run: list[Span] = []
    for span in spans:
        if run and span.ends - run[0].begins > AT_ONCE:
            yield run
            run = []
        run.append(span)
    if run:
        yield run


def _is_series(found: Any) -> bool:
    return isinstance(found, dict) and "target" in found and isinstance(found.get("datapoints"), list)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _wrong(sentence: str) -> ConnectorError:
    return ConnectorError("schema", sentence, permanent=True)
