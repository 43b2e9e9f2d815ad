"""The contract of a connector: what it is asked, what it answers, how it fails."""

from __future__ import annotations

import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, ClassVar, Protocol, Self

from metrics.connectors import cleaning
from metrics.connectors.cleaning import Field
from metrics.connectors.errors import CODES, ConnectorError
from northstar.lib.egress import Client, Limits, Socket, SSLContext

__all__ = [
    "CODES", "Answer", "Ask", "Connector", "ConnectorError", "Egress", "Field", "Renewals", "Row",
    "Suggestion",
]  # fmt: skip

#: Groups of the gallery, in its order.
GROUPS = ("Databases", "Warehouses", "Web and files", "Monitoring", "Business apps", "Without a source")


class Egress(Protocol):
    """The part of northstar.lib.egress that a connector needs: the only way to another machine."""

    def resolve(self, host: str, port: int, dbname: str | None = None) -> list[str]:
        """Addresses that may be connected to; raises EgressError with a sentence."""

    def connect(self, host: str, port: int, dbname: str | None = None, *, seconds: float = 5.0) -> Socket:
        """A socket to one of the checked addresses, for drivers that take one. Raises EgressError."""

    def http_client(
        self,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        ssl_context: SSLContext | None = None,
    ) -> Client:
        """A client that connects to checked addresses only, without redirects, within its limits."""


class Renewals(Protocol):
    """Where a secret that the service exchanges for a new one is kept (refresh tokens)."""

    def renew(self, name: str, by: Callable[[str], tuple[str, str]]) -> str:
        """What `by` makes of the stored secret `name`: it returns (what to work with, what to store from now
        on), and runs for one worker at a time; whoever waited begins with what the other one stored."""


@dataclass(frozen=True, slots=True)
class Row:
    """One period as the source delivered it.

    A ratio has numerator and denominator (fraction, not percent) and no value. An average has the value and
    its weight in `denominator`. All other kinds have the value. No number at all: the source says *missing*.
    """

    period_start: date
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None

    @property
    def is_missing(self) -> bool:
        return self.value is None and self.numerator is None


@dataclass(frozen=True, slots=True)
class Ask:
    """One metric over the half-open range of local dates start..end; `now` is an aware instant."""

    metric: str
    kind: str
    grain: str
    query: Mapping[str, Any]
    start: date
    end: date
    zone: str
    now: datetime
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows by period, oldest first, with the columns that the source returned.

    For a preview also up to 20 raw rows as text, the request as it was made (without any secret), and by
    which column each part of a row was read, as pairs such as ("period", "column day"). `covers`: the
    half-open range of which the rows speak, where that is less than what was asked for: of the rest nothing
    is said, not even that there is nothing.
    """

    rows: tuple[Row, ...]
    columns: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()
    request: str = ""
    mapping: tuple[tuple[str, str], ...] = ()
    covers: tuple[date, date] | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A useful metric that a kind of source can give at once; `query` fills the connector's query fields."""

    key: str
    name: str
    definition: str
    kind: str
    grain: str
    query: Mapping[str, Any]
    direction: str = "up"
    unit: str = ""
    decimals: int = 0


class Connector(ABC):
    """One open connection to a source. Example:

    with PostgresqlConnector(settings, secrets, egress=for_admins()) as source:
        source.check()
        answer = source.fetch(ask)

    `check` and `fetch` raise ConnectorError and nothing else that is expected.
    """

    kind: ClassVar[str]
    label: ClassVar[str]
    description: ClassVar[str]
    initials: ClassVar[str]
    group: ClassVar[str] = "Web and files"
    pulls: ClassVar[bool] = True
    needs: ClassVar[str] = ""
    restate_days: ClassVar[int] = 14
    #: The Python module of an optional driver, and its name for `make driver NAME=…`.
    driver_module: ClassVar[str] = ""
    driver: ClassVar[str] = ""
    #: The setting of the installation that switches this kind on; its value arrives in `environment`.
    needs_setting: ClassVar[str] = ""
    #: Pulls at once that the other side stands, where that is fewer than PULLS_PER_HOST.
    most_at_once: ClassVar[int] = 0
    #: Whether a metric's question returns rows with a period each, which the form explains.
    gives_rows: ClassVar[bool] = True
    #: Where its documentation page begins: the heading in docs/sources.md, or a page of its own.
    docs: ClassVar[str] = ""
    suggestions: ClassVar[tuple[Suggestion, ...]] = ()
    settings_fields: ClassVar[tuple[Field, ...]] = ()
    query_fields: ClassVar[tuple[Field, ...]] = ()
    #: False for the stand-in of a kind whose code is gone.
    is_there: ClassVar[bool] = True
    # Pages show classes; Django's templates would else call whatever is callable.
    do_not_call_in_templates: ClassVar[bool] = True

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str], *, egress: Egress) -> None:
        self.settings = dict(settings)
        self.secrets = dict(secrets)
        self.egress = egress
        #: Set by whoever opens a stored source; a test of settings that are not saved yet has none.
        self.renewals: Renewals | None = None
        #: What the installation says to kinds with `needs_setting`, set by whoever opens the connector.
        self.environment: Mapping[str, str] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of what is open; may be called twice."""
        return None

    @abstractmethod
    def check(self) -> tuple[str, ...]:
        """Try the connection; notes worth showing. Raises ConnectorError."""

    @abstractmethod
    def fetch(self, ask: Ask) -> Answer:
        """The rows of one metric. Raises ConnectorError."""

    @classmethod
    def clean_settings(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """Settings without the secrets, typed, with defaults. Raises ConnectorError("config", …)."""
        secret = set(cls.secret_names())
        plain = {name: value for name, value in values.items() if name not in secret}
        return cleaning.clean(tuple(field for field in cls.settings_fields if not field.secret), plain)

    @classmethod
    def clean_secrets(cls, values: Mapping[str, Any], *, kept: Collection[str] = ()) -> dict[str, str]:
        """The secrets that were typed; an empty one is left out if it is optional or in `kept`."""
        fields = tuple(field for field in cls.settings_fields if field.secret)
        return cleaning.clean_secrets(fields, values, kept=kept)

    @classmethod
    def clean_query(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        """The metric's own question, typed, with defaults. Raises ConnectorError("config", …)."""
        return cleaning.clean(cls.query_fields, values)

    @classmethod
    def secret_names(cls) -> tuple[str, ...]:
        return tuple(field.name for field in cls.settings_fields if field.secret)

    @classmethod
    def identity_changed(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
        """Whether the secrets would now go to somebody else, so that they have to be typed again."""
        return any(before.get(f.name) != after.get(f.name) for f in cls.settings_fields if f.identity)

    @classmethod
    def missing_driver(cls) -> str:
        """The sentence that says how to add the driver this kind needs; empty where it is there."""
        if not cls.driver_module or importlib.util.find_spec(cls.driver_module) is not None:
            return ""
        return f"{cls.label} needs a driver. Add it with: make driver NAME={cls.driver}"

    @classmethod
    def host_of(cls, settings: Mapping[str, Any]) -> str:
        """The "host:port" that these settings lead to, for the limits of all sources there; or empty."""
        host, port = settings.get("host"), settings.get("port")
        return f"{host}:{port}".lower() if host else ""
