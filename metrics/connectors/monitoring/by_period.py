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

from metrics.connectors.asked import shown_beside
from metrics.connectors.base import Answer, Ask, Connector, ConnectorError, Field, Row
from metrics.connectors.http import decoding, placing
from metrics.connectors.http.exchange import DEADLINE, Exchange
from metrics.connectors.http.request import MASK, Request
from metrics.connectors.monitoring.spans import Span, spans_of

SAMPLE_ROWS, MOST_NOTES = 20, 5
#: Two years of days, and some more. Each is a question of its own.
MOST_PERIODS = 800
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

Found = dict[str, dict[Span, Decimal | None]]


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
    deadline_seconds: ClassVar[float] = DEADLINE
    #: Periods between two looks at the time.
    at_once: ClassVar[int] = 50
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
        names = ("query", "second")[: len(_parts(ask))]
        begun = spans_of(ask)
        with (
            self.asking(ask, query) as asking,
            shown_beside(lambda: Answer((), request=asking.request)),
        ):
            found = self._found(asking, begun, names)
            spans = begun[len(begun) - len(found[names[0]]) :]
            self.look_back(asking)
            if query.get("empty") == "zero":
                self._fill(asking, found)
            if len(spans) < len(begun):
                asking.note(_cut_short(len(spans), len(begun), seconds=asking.web.deadline))
        rows = tuple(
            _row(span, [found[name][span] for name in names], ask.kind)
            for span in spans
            # Without a row a value known before stays, which the source may have forgotten by now.
            if all(found[name][span] is not None for name in names)
        )
        covers = (spans[0].start, ask.end) if len(spans) < len(begun) else None
        return replace(self._answer(asking, rows), covers=covers)

    def look_back(self, asking: Asking) -> None:
        """Called when everything was asked, for notes about all of it."""
        return None

    def _found(self, asking: Asking, begun: Sequence[Span], names: Sequence[str]) -> Found:
        """Numbers by input and period: the newest first, so that what does not fit in is the oldest."""
        found: Found = {name: {} for name in names}
        latest = begun[-MOST_PERIODS:]
        for done, end in enumerate(range(len(latest), 0, -self.at_once)):
            if done and not asking.web.has_time(for_another=done):
                break
            some = latest[max(end - self.at_once, 0) : end]
            for name in names:
                found[name].update(zip(some, self.numbers(asking, name, some), strict=True))
        return found

    def _fill(self, asking: Asking, found: Found) -> None:
        """Nothing found becomes zero where the source holds anything of that time."""
        for name, numbers in found.items():
            asking.first[name] = min(
                (span.begins for span in numbers if numbers[span] is not None), default=None
            )
            for span in sorted(numbers, key=lambda span: span.begins):
                if numbers[span] is None and self.recorded(asking, name, span):
                    numbers[span] = Decimal(0)

    def _answer(self, asking: Asking, rows: tuple[Row, ...]) -> Answer:
        sample = sorted(asking.sample, key=lambda cells: cells[0])[:SAMPLE_ROWS]
        if not asking.ask.preview:
            return Answer(rows, notes=tuple(asking.notes))
        parts = _parts(asking.ask)
        inputs = [found.label for found in self.query_fields if found.name in ("query", "second")]
        mapping = [("period", f"each local {asking.ask.grain} of {asking.ask.zone}")]
        mapping += [
            (part, f"the expression in “{label}”") for part, label in zip(parts, inputs, strict=False)
        ]
        return Answer(
            rows, columns=self.columns, sample=tuple(sample), notes=tuple(asking.notes),
            request=_of_many(asking), mapping=tuple(mapping),
        )  # fmt: skip

    @contextmanager
    def asking(self, ask: Ask, query: Mapping[str, Any]) -> Iterator[Asking]:
        """An open exchange for one question. Raises ConnectorError."""
        # Once more here: settings may have come in by an import.
        self.settings = self.clean_settings(self.settings)
        with Exchange(self.egress, now=ask.now, deadline=self.deadline_seconds) as web:
            web.secrets |= {text for text in self.secrets.values() if text}
            yield Asking(web, ask, query, headers=self._sign_in())

    def url(self, path: str) -> str:
        return f"{self.settings['url']}{path}"

    def authorization(self, secret: str) -> str:
        """The value of the header that signs in with a token."""
        return f"Bearer {secret}"

    def _sign_in(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        how = self.settings["sign_in"]
        secret = "" if how == "none" else self._needed("secret", "No password or token is stored.")
        if how == "basic":
            pair = f"{self.settings['user']}:{secret}".encode()
            headers["Authorization"] = f"Basic {b64encode(pair).decode()}"
        elif how == "token":
            headers["Authorization"] = self.authorization(secret)
        if name := self.settings["header_name"]:
            headers[name] = self._needed("header_value", f"No value of the header {name} is stored.")
        for header, value in headers.items():
            placing.header(header, "{value}", {"value": value})
        return headers

    def _needed(self, name: str, sentence: str) -> str:
        if found := self.secrets.get(name, ""):
            return found
        raise ConnectorError(
            "auth", f"{sentence} Type it in the settings of the source.", permanent=True, field=name
        )

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


def _cut_short(asked: int, wanted: int, *, seconds: float) -> str:
    return (
        f"Only the newest {asked:,} of {wanted:,} periods were asked for: each is a question of its own, "
        f"and a pull ends after {seconds:g} seconds. Fill in the rest in parts."
    )


def _of_many(asking: Asking) -> str:
    last = f"\n\nThis is the last of {asking.requests} requests." if asking.requests > 1 else ""
    return asking.request + last


def _parts(ask: Ask) -> tuple[str, ...]:
    return PARTS.get(ask.kind, ("value",))


def _row(span: Span, numbers: Sequence[Decimal | None], kind: str) -> Row:
    if kind == "ratio":
        return Row(span.start, numerator=numbers[0], denominator=numbers[1])
    return Row(span.start, value=numbers[0], denominator=numbers[1] if kind == "average" else None)
