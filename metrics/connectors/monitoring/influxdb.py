"""InfluxDB: a question in InfluxQL (1 and 3) or Flux (2), asked for the exact instants of each period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from metrics.connectors.base import Ask, ConnectorError, Field, Suggestion
from metrics.connectors.http import decoding
from metrics.connectors.http.request import Request
from metrics.connectors.monitoring import annotated_csv, by_period, flux, influxql
from metrics.connectors.monitoring.by_period import Asking, ByPeriod
from metrics.connectors.monitoring.spans import Span

#: How far before the range asked for is looked, to tell a quiet time from one before all data.
LOOK_BACK = timedelta(days=400)
_HELP = (
    'InfluxQL: SELECT sum("amount") FROM "orders" WHERE $timeFilter. Flux: from(bucket: "shop") '
    "|> range(start: v.timeRangeStart, stop: v.timeRangeStop) |> … |> sum()."
)


class InfluxdbConnector(ByPeriod):
    """Each period is a question of its own; GROUP BY time(…) with tz(…) answers for all of them at once."""

    kind: ClassVar[str] = "influxdb"
    label: ClassVar[str] = "InfluxDB"
    description: ClassVar[str] = "A question in InfluxQL or Flux against InfluxDB 1, 2 or 3."
    initials: ClassVar[str] = "In"
    needs: ClassVar[str] = "A user or token that can only read the database or bucket."
    restate_days: ClassVar[int] = 7
    docs: ClassVar[str] = "influxdb"
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address", identity=True, help="Such as https://influx.example.com or http://10.0.0.7:8086."),
        Field("language", "Language", "choice", default="influxql",
              choices=(("influxql", "InfluxQL (InfluxDB 1 and 3)"), ("flux", "Flux (InfluxDB 2)"))),
        Field("database", "Database", identity=True, when=("language", "influxql")),
        Field("org", "Organisation", identity=True, when=("language", "flux"), help="Its name."),
        *by_period.COMMON_FIELDS,
    )  # fmt: skip
    query_fields: ClassVar[tuple[Field, ...]] = (
        Field("query", "Question", "sql", help=_HELP), by_period.SECOND,
        Field("empty", "No data in a period means", "choice", default="missing",
              choices=by_period.EMPTY.choices,
              help="Zero is taken only for periods after the first one with data."),
    )  # fmt: skip

    suggestions: ClassVar[tuple[Suggestion, ...]] = (
        Suggestion("good_checks", "Share of good checks", "Checks of our pages that were answered well.",
                   "ratio", "week", {"query": 'SELECT count("result_code") FROM "http_response"\n'
                                     'WHERE "result_code" = 0 AND $timeFilter',
                            "second": 'SELECT count("result_code") FROM "http_response"\nWHERE $timeFilter'},
                   decimals=2),
        Suggestion("response_time", "Response time", "Seconds until our pages answered.", "average", "week",
                   {"query": 'SELECT mean("response_time") FROM "http_response"\nWHERE $timeFilter',
                    "second": 'SELECT count("response_time") FROM "http_response"\nWHERE $timeFilter'},
                   direction="down", unit="s", decimals=2),
    )  # fmt: skip

    def authorization(self, secret: str) -> str:
        return f"Token {secret}"

    def check(self) -> tuple[str, ...]:
        ask = Ask("check", "snapshot_stock", "day", {}, date.min, date.max, "UTC", datetime.now(UTC))
        with self.asking(ask, {}) as asking:
            if self.settings["language"] == "flux":
                self._flux(asking, 'buckets() |> limit(n: 1) |> rename(columns: {name: "_value"})')
                return (f"Connected: the organisation {self.settings['org']} answers.",)
            (result,) = self._influxql(asking, ["SHOW MEASUREMENTS LIMIT 1"])
            empty = "" if result.get("series") else " It holds no measurement yet."
            return (f"Connected: the database {self.settings['database']} answers.{empty}",)

    def numbers(self, asking: Asking, name: str, spans: Sequence[Span]) -> list[Decimal | None]:
        template = asking.query[name]
        if self.settings["language"] == "flux":
            found = [self._flux_number(asking, template, span, name=name) for span in spans]
        else:
            if sentence := influxql.fault(template):
                raise ConnectorError("config", sentence, permanent=True, field=name)
            found = self._numbers(asking, template, spans, name=name)
        for span, number in zip(spans, found, strict=True):
            text = "no data" if number is None else str(number)
            ends = by_period.shown(span.ends)
            asking.sample.append((span.start.isoformat(), by_period.shown(span.begins), ends, text))
        return found

    def recorded(self, asking: Asking, name: str, span: Span) -> bool:
        first = asking.first[name]
        if first is not None and span.begins > first:
            return True
        if name not in asking.earlier:
            asking.earlier[name] = self._any(asking, name, span.begins)
        return asking.earlier[name]

    def _any(self, asking: Asking, name: str, before: datetime) -> bool:
        """Whether the same question finds anything in the year before."""
        template, begins, shown = asking.query[name], before - LOOK_BACK, asking.request
        if self.settings["language"] == "flux":
            found = any(
                cell.text for cell in self._flux(asking, flux.script(template, begins, before, field=name))
            )
        else:
            text = influxql.statement(template, begins, before, field=name)
            (result,) = self._influxql(asking, [text])
            found = any(value is not None for _, value in influxql.rows(result, label="The time before"))
        asking.request = shown
        return found

    def _numbers(
        self, asking: Asking, template: str, spans: Sequence[Span], *, name: str
    ) -> list[Decimal | None]:
        if influxql.by_time(template) and spans:
            text = influxql.statement(template, spans[0].begins, spans[-1].ends, field=name)
            (result,) = self._influxql(asking, [text])
            return influxql.spread(result, spans, grain=asking.ask.grain, zone=asking.ask.zone)
        texts = [influxql.statement(template, span.begins, span.ends, field=name) for span in spans]
        results = self._influxql(asking, texts)
        return [
            influxql.single(result, label=f"Period {span.start}")
            for span, result in zip(spans, results, strict=True)
        ]

    def _influxql(self, asking: Asking, texts: Sequence[str]) -> list[Any]:
        form = {"db": self.settings["database"], "epoch": "ms", "q": "\n;\n".join(texts)}
        answer = asking.json(Request("POST", self.url("/query"), body=form, body_kind="form"))
        found = influxql.results(answer)
        if len(found) != len(texts):
            raise ConnectorError(
                "schema", "InfluxDB answered fewer questions than were asked.", permanent=True
            )
        return found

    def _flux_number(self, asking: Asking, template: str, span: Span, *, name: str) -> Decimal | None:
        cells = self._flux(asking, flux.script(template, span.begins, span.ends, field=name))
        return flux.single(cells, label=f"Period {span.start}")

    def _flux(self, asking: Asking, script: str) -> list[annotated_csv.Cell]:
        request = flux.request(self.url("/api/v2/query"), org=self.settings["org"], script=script)
        return annotated_csv.values(decoding.text_of(*asking.body(request)))
