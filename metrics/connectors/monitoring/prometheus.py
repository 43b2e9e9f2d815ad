"""Prometheus, VictoriaMetrics and what else speaks their API: an expression, evaluated by the period."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from metrics.connectors.base import Ask, ConnectorError, Field, Suggestion
from metrics.connectors.http.request import Request
from metrics.connectors.monitoring import by_period
from metrics.connectors.monitoring.by_period import Asking, ByPeriod
from metrics.connectors.monitoring.spans import Span, filled, number_of

#: Periods are half-open. Samples carry milliseconds, so the last instant of a period is one before its end.
LAST = timedelta(milliseconds=1)
_FIXED_RANGE = re.compile(r"\[\s*\d+(?:ms|[smhdwy])")
_HELP = (
    "PromQL that gives one number. $__period stands for the length of the period, as in "
    "sum(increase(orders_total[$__period])); $__seconds for the same as a number."
)


class PrometheusConnector(ByPeriod):
    """One instant query for each period, at the last instant of that period."""

    kind: ClassVar[str] = "prometheus"
    label: ClassVar[str] = "Prometheus"
    description: ClassVar[str] = "A PromQL expression against Prometheus, VictoriaMetrics, Thanos or Mimir."
    initials: ClassVar[str] = "Pr"
    needs: ClassVar[str] = "The address of its query API, and a user or token that can only read."
    restate_days: ClassVar[int] = 7
    docs: ClassVar[str] = "prometheus"
    columns: ClassVar[tuple[str, ...]] = ("period", "evaluated at", "expression", "series", "value")
    settings_fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Address", identity=True,
              help="Such as https://prometheus.example.com or http://10.0.0.7:9090, up to before /api/v1."),
        *by_period.COMMON_FIELDS,
    )  # fmt: skip
    query_fields: ClassVar[tuple[Field, ...]] = (
        Field("query", "Expression", "sql", help=_HELP), by_period.SECOND,
        Field("empty", "An empty answer means", "choice", default="missing", choices=by_period.EMPTY.choices,
              help="Zero is taken only for periods of which the server holds any data at all."),
    )  # fmt: skip
    suggestions: ClassVar[tuple[Suggestion, ...]] = (
        Suggestion("requests", "Requests served", "Requests that the web servers answered.", "flow_sum",
                   "week", {"query": "sum(increase(http_requests_total[$__period]))"}),
        Suggestion("success", "Share of good requests", "Requests answered without a server error.", "ratio",
                   "week", {"query": 'sum(increase(http_requests_total{code!~"5.."}[$__period]))',
                            "second": "sum(increase(http_requests_total[$__period]))"}, decimals=2),
        Suggestion("availability", "Availability", "Share of checks in which the service was up.", "ratio",
                   "week", {"query": 'sum(sum_over_time(up{job="shop"}[$__period]))',
                            "second": 'sum(count_over_time(up{job="shop"}[$__period]))'}, decimals=2),
    )  # fmt: skip

    def check(self) -> tuple[str, ...]:
        now = datetime.now(UTC)
        ask = Ask("check", "snapshot_stock", "day", {}, date.min, date.max, "UTC", now)
        with self.asking(ask, {}) as asking:
            self._evaluate(asking, "vector(1)", now)
            return (*asking.notes, f"Connected{self._version(asking)}.")

    def numbers(self, asking: Asking, name: str, spans: Sequence[Span]) -> list[Decimal | None]:
        template = asking.query[name]
        if _FIXED_RANGE.search(template) and "$__" not in template:
            asking.note(
                "The expression looks back a fixed time, whatever the length of the period. "
                "Write [$__period]."
            )
        return [self._number(asking, template, span, name=name) for span in spans]

    def recorded(self, asking: Asking, name: str, span: Span) -> bool:
        # VictoriaMetrics answers this by whole days of UTC: the last one reaches into the next period.
        ends = max(span.begins + LAST, span.ends - timedelta(days=1))
        names = {
            "start": _stamp(span.begins),
            "end": _stamp(ends if span.seconds > 90_000 else span.ends - LAST),
        }
        request = asking.request
        try:
            return bool(self._data(asking, "/api/v1/labels", names))
        finally:
            asking.request = request  # what a preview shows is the question, not this look behind it

    @classmethod
    def clean_query(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        cleaned = super().clean_query(values)
        for name in ("query", "second"):
            filled(cleaned[name], _placeholders(60), field=name)
        return cleaned

    def _number(self, asking: Asking, template: str, span: Span, *, name: str) -> Decimal | None:
        at = span.ends - LAST
        expression = filled(template, _placeholders(span.seconds), field=name)
        labels, value = _single(self._evaluate(asking, expression, at), span.start)
        which = next(field.label for field in self.query_fields if field.name == name)
        asking.sample.append((span.start.isoformat(), by_period.shown(at), which, labels, value or "empty"))
        return None if value is None else number_of(value, label=f"Period {span.start}")

    def _evaluate(self, asking: Asking, expression: str, at: datetime) -> Any:
        return self._data(asking, "/api/v1/query", {"query": expression, "time": _stamp(at)})

    def _data(self, asking: Asking, path: str, form: Mapping[str, str]) -> Any:
        answer = asking.json(Request("POST", self.url(path), body=dict(form), body_kind="form"))
        if not isinstance(answer, dict) or answer.get("status") != "success" or "data" not in answer:
            said = str(answer.get("error", ""))[:200] if isinstance(answer, dict) else ""
            raise ConnectorError(
                "schema", f"This is no answer of Prometheus{': ' + said if said else ''}. Check the address.",
                permanent=True,
            )  # fmt: skip
        for note in (*_list(answer, "warnings"), *_list(answer, "infos")):
            asking.note(f"The server says: {str(note)[:200]}")
        return answer["data"]

    def _version(self, asking: Asking) -> str:
        try:
            facts = asking.json(Request("GET", self.url("/api/v1/status/buildinfo")))
        except ConnectorError:
            return ""  # many servers behind a proxy do not tell
        version = facts.get("data", {}).get("version") if isinstance(facts, dict) else None
        return f" to a server that speaks the API of Prometheus {str(version)[:30]}" if version else ""


def _single(data: Any, start: date) -> tuple[str, str | None]:
    """The labels and the value of the one series in an answer; None where there is none."""
    kind, result = (data.get("resultType"), data.get("result")) if isinstance(data, dict) else (None, None)
    if kind == "scalar" and isinstance(result, list) and len(result) == 2:
        return "scalar", str(result[1])
    if kind == "matrix":
        raise _wrong("The expression gives samples over time. Wrap it, such as sum(increase(…[$__period])).")
    if kind != "vector" or not isinstance(result, list):
        raise _wrong("The expression gives text, not a number.")
    if not result:
        return "", None
    series = [_labels(one) for one in result[:3]]
    if len(result) > 1:
        more = f" and {len(result) - 3} more" if len(result) > 3 else ""
        raise _wrong(
            f"Period {start}: the expression gives {len(result)} series: {', '.join(series)}{more}. "
            "Make it one, such as sum(…)."
        )
    pair = result[0].get("value") if isinstance(result[0], dict) else None
    if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[1], str):
        raise _wrong(f"Period {start}: the answer holds no value. A histogram needs histogram_quantile(…).")
    return series[0], pair[1]


def _labels(series: Any) -> str:
    found = series.get("metric") if isinstance(series, dict) else None
    pairs = [f'{name}="{value}"' for name, value in found.items()] if isinstance(found, dict) else []
    return f"{{{', '.join(pairs)}}}"[:120]


def _placeholders(seconds: int) -> dict[str, str]:
    # $__range as in Grafana, so that an expression can be taken from a dashboard.
    length = f"{max(seconds, 1)}s"
    return {"$__period": length, "$__seconds": length[:-1], "$__range": length, "$__range_s": length[:-1]}


def _stamp(moment: datetime) -> str:
    return f"{moment.timestamp():.3f}"


def _list(answer: Mapping[str, Any], name: str) -> list[Any]:
    found = answer.get(name)
    return found[:3] if isinstance(found, list) else []


def _wrong(sentence: str) -> ConnectorError:
    return ConnectorError("schema", sentence, permanent=True)
