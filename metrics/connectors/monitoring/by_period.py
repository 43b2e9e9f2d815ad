"""What Prometheus, InfluxDB and Graphite have in common: signing in, one number a period, previews."""

from __future__ import annotations

import re
from abc import abstractmethod
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Field, Row
from metrics.connectors.http import decoding, placing
from metrics.connectors.http.exchange import Exchange
from metrics.connectors.http.request import MASK, Request
from metrics.connectors.monitoring.spans import Span, spans_of

SAMPLE_ROWS, MOST_NOTES = 20, 5
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}", re.ASCII)
_NOT_EXTRA = frozenset({"authorization", "host", "content-type", "content-length", "cookie", "connection"})
#: The parts of a row by the kind of metric, and what they are called beside the two inputs.
PARTS = {"ratio": ("numerator", "denominator"), "average": ("value", "weight")}

SIGN_IN = Field(
    "sign_in", "Sign-in", "choice", default="none",
    choices=(("none", "None"), ("basic", "User and password"), ("token", "Token")),
)  # fmt: skip
COMMON_FIELDS = (
    SIGN_IN,
    Field("user", "User", required=False, identity=True, when=("sign_in", "basic")),
    Field("secret", "Password or token", "password", secret=True, when=("sign_in", "basic", "token")),
    Field("header_name", "Extra header", required=False, help="Such as X-Scope-OrgID, for a tenant."),
    Field("header_value", "Header value", "password", required=False, secret=True),
)
SECOND = Field(
    "second", "Denominator or weight", "textarea",
    when=("kind", "ratio", "average"), help="A second expression, asked for the same periods.",
)  # fmt: skip
EMPTY = Field(
    "empty", "No answer for a period means", "choice", default="missing",
    choices=(("missing", "missing"), ("zero", "zero")),
)  # fmt: skip


@dataclass(slots=True)
class Asking:
    """One question under way: the open exchange, what is asked, and what is worth showing of it."""

    web: Exchange
    ask: Ask
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    sample: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    request: str = ""
    requests: int = 0
    #: By input: when the first period with an answer begins, and whether there was anything before all.
    first: dict[str, datetime | None] = field(default_factory=dict)
    earlier: dict[str, bool] = field(default_factory=dict)

    def note(self, text: str) -> None:
        if text not in self.notes and len(self.notes) < MOST_NOTES:
            self.notes.append(text)

    def json(self, request: Request) -> Any:
        """The JSON that came back. The last request is the one that a preview shows."""
        return decoding.json_of(*self.body(request))

    def body(self, request: Request) -> tuple[bytes, str]:
        signed = replace(request, headers={**request.headers, **self.headers})
        self.request, self.requests = _shown_request(request, self.headers), self.requests + 1
        response = self.web.send(signed)
        return response.content, response.headers.get("content-type", "")


class ByPeriod(Connector):
    """A source that is asked for one number for each period.

    A kind says how in `numbers`: one number or None a span, for one expression.
    """

    group: ClassVar[str] = "Monitoring"
    gives_rows: ClassVar[bool] = False
    columns: ClassVar[tuple[str, ...]] = ("period", "from", "until", "answer")

    @abstractmethod
    def numbers(self, asking: Asking, name: str, spans: Sequence[Span]) -> list[Decimal | None]:
        """What the expression in the input `name` gives for each span. Raises ConnectorError."""

    def recorded(self, asking: Asking, name: str, span: Span) -> bool:
        """Whether the server holds anything of that time, so that nothing found can mean zero."""
        return True

    def fetch(self, ask: Ask) -> Answer:
        query = self.clean_query(ask.query)
        if ask.kind in PARTS and not query["second"]:
            raise ConnectorError(
                "config", f"A metric of this kind needs a second expression: its {PARTS[ask.kind][1]}.",
                permanent=True, field="second",
            )  # fmt: skip
        spans = spans_of(ask)
        with self.asking(ask, query) as asking:
            found = [self._known(asking, name, spans) for name in ("query", "second")[: len(_parts(ask))]]
        rows = tuple(
            _row(span, numbers, ask.kind)
            for span, *numbers in zip(spans, *found, strict=True)
            # Without a row a value known before stays, which the source may have forgotten by now.
            if None not in numbers
        )
        return self._answer(asking, rows)

    def _known(self, asking: Asking, name: str, spans: Sequence[Span]) -> list[Decimal | None]:
        found = self.numbers(asking, name, spans)
        if asking.query.get("empty") != "zero":
            return found
        return [
            Decimal(0) if number is None and self.recorded(asking, name, span) else number
            for span, number in zip(spans, found, strict=True)
        ]

    def _answer(self, asking: Asking, rows: tuple[Row, ...]) -> Answer:
        if not asking.ask.preview:
            return Answer(rows, notes=tuple(asking.notes))
        parts = _parts(asking.ask)
        inputs = [found.label for found in self.query_fields if found.name in ("query", "second")]
        mapping = [("period", f"each local {asking.ask.grain} of {asking.ask.zone}")]
        mapping += [
            (part, f"the expression in “{label}”") for part, label in zip(parts, inputs, strict=False)
        ]
        return Answer(
            rows, columns=self.columns, sample=tuple(asking.sample[:SAMPLE_ROWS]), notes=tuple(asking.notes),
            request=_of_many(asking), mapping=tuple(mapping),
        )  # fmt: skip

    @contextmanager
    def asking(self, ask: Ask, query: Mapping[str, Any]) -> Iterator[Asking]:
        """An open exchange for one question. Raises ConnectorError."""
        # Once more here: settings may have come in by an import.
        self.settings = self.clean_settings(self.settings)
        with Exchange(self.egress, now=ask.now) as web:
            web.secrets |= {text for text in self.secrets.values() if text}
            yield Asking(web, ask, query, headers=self._sign_in())

    def url(self, path: str) -> str:
        return f"{self.settings['url']}{path}"

    def authorization(self, secret: str) -> str:
        """The value of the header that signs in with a token."""
        return f"Bearer {secret}"

    def _sign_in(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        how, secret = self.settings["sign_in"], self.secrets.get("secret", "")
        if how != "none" and not secret:
            raise ConnectorError(
                "auth", "No password or token is stored. Type it in the settings of the source.",
                permanent=True, field="secret",
            )  # fmt: skip
        if how == "basic":
            pair = f"{self.settings['user']}:{secret}".encode()
            headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
        elif how == "token":
            headers["Authorization"] = self.authorization(secret)
        if self.settings["header_name"]:
            headers[self.settings["header_name"]] = self.secrets.get("header_value", "")
        for name, value in headers.items():
            placing.header(name, "{value}", {"value": value})
        return headers

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        cleaned = super().clean_settings(values)
        try:
            cleaned["url"] = placing.base_address(cleaned["url"])
        except ConnectorError as error:
            raise ConnectorError("config", error.message, permanent=True, field="url") from None
        name = cleaned["header_name"]
        if name and (not _HEADER.fullmatch(name) or name.lower() in _NOT_EXTRA):
            raise ConnectorError(
                "config", "Extra header has to be the name of a header such as X-Scope-OrgID.",
                permanent=True, field="header_name",
            )  # fmt: skip
        if cleaned["sign_in"] == "basic" and (not cleaned["user"] or ":" in cleaned["user"]):
            raise ConnectorError(
                "config", "User is required to sign in with a password, and holds no colon.",
                permanent=True, field="user",
            )  # fmt: skip
        return cleaned

    @classmethod
    def host_of(cls, settings: Mapping[str, Any]) -> str:
        return placing.host_key(str(settings.get("url") or ""))


def shown(moment: datetime) -> str:
    """An instant as requests write it, to the millisecond."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _shown_request(request: Request, hidden: Mapping[str, str]) -> str:
    """As an admin reads it: a form's fields line by line, not as they travel."""
    masked = dict.fromkeys(hidden, MASK)
    if request.body_kind != "form":
        return request.shown(masked)
    fields = "\n".join(f"{name}: {value}" for name, value in request.body.items())
    return f"{replace(request, body=None).shown(masked)}\n\n{fields}"


def _of_many(asking: Asking) -> str:
    last = f"\n\nThis is the last of {asking.requests} requests." if asking.requests > 1 else ""
    return asking.request + last


def _parts(ask: Ask) -> tuple[str, ...]:
    return PARTS.get(ask.kind, ("value",))


def _row(span: Span, numbers: Sequence[Decimal | None], kind: str) -> Row:
    if kind == "ratio":
        return Row(span.start, numerator=numbers[0], denominator=numbers[1])
    return Row(span.start, value=numbers[0], denominator=numbers[1] if kind == "average" else None)
