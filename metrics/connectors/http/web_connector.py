"""What the connectors of web sources share: sign-in fields, addresses, one guarded exchange."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from metrics.connectors.base import Connector, ConnectorError, Egress, Field
from metrics.connectors.http import placing
from metrics.connectors.http.exchange import Exchange
from metrics.connectors.http.running import Surroundings
from metrics.connectors.http.signing import Signer
from metrics.connectors.recipe import Auth

#: Query parameters that would put a secret into an address, where logs and proxies keep it (S23).
_SECRET_NAMES = {
    "token",
    "access_token",
    "api_key",
    "apikey",
    "api-key",
    "password",
    "secret",
    "client_secret",
}


class WebConnector(Connector):
    """A connector whose setting `address` says where it is. `around` holds limits and live tokens."""

    group: ClassVar[str] = "Web and files"

    def __init__(self, settings: Mapping[str, Any], secrets: Mapping[str, str], *, egress: Egress) -> None:
        super().__init__(settings, secrets, egress=egress)
        self.around = Surroundings()

    def exchange(self, *, now: datetime | None = None) -> Exchange:
        """An open client within this connector's limits."""
        around = self.around
        return Exchange(
            self.egress, now=now or datetime.now(UTC), deadline=around.deadline, limits=around.limits,
            sleep=around.sleep, ssl_context=around.ssl_context,
        )  # fmt: skip

    def signer(self, web: Exchange, auth: Auth) -> Signer:
        """What signs this source's requests in."""
        return Signer(auth, self.settings, self.secrets, web, self.renewals, self.around.tokens)

    @classmethod
    def host_of(cls, settings: Mapping[str, Any]) -> str:
        """The "host:port" of the address."""
        return placing.host_key(str(settings.get("address") or ""))


def sign_in_fields(*kinds: tuple[str, str]) -> tuple[Field, ...]:
    """The choice of a sign-in and the fields that the simple ones need; all but none and oauth_client need
    the secret."""
    with_secret = tuple(key for key, _ in kinds if key not in ("none", "oauth_client"))
    return (
        Field("auth", "Sign-in", "choice", default="none", choices=kinds),
        Field("user", "User", required=False, identity=True, when=("auth", "basic")),
        Field("token", "Token, password or key", "password", secret=True, when=("auth", *with_secret)),
        Field("header", "Header of the key", required=False, default="X-Api-Key", when=("auth", "header")),
    )  # fmt: skip


def simple_auth(settings: Mapping[str, Any]) -> Auth:
    """The sign-in that the fields of `sign_in_fields` describe."""
    kind = str(settings["auth"])
    if kind == "basic" and not settings["user"]:
        raise ConnectorError("config", "This sign-in needs a user name.", permanent=True, field="user")
    if kind == "header":
        return Auth("header", header=str(settings["header"]), prefix="")
    # A user's own braces are no placeholders of ours.
    return Auth(kind, user="{user}" if settings.get("user") else "")


def clean_address(typed: str, *, whole: bool) -> str:
    """The base address, or where `whole` the address with its query, checked. Raises ConnectorError."""
    base, mark, query = typed.partition("?")
    try:
        cleaned = placing.base_address(base)
        if query and not whole:
            raise ConnectorError(
                "config", "Parameters belong to the metric, not to the address.", permanent=True
            )
        check_parameters(part.partition("=")[0] for part in query.split("&"))
    except ConnectorError as error:
        raise ConnectorError("config", error.message, permanent=True, field="address") from None
    if "#" in query or any(not c.isprintable() or c.isspace() for c in query):
        raise ConnectorError(
            "config", "The address holds a space or a # sign.", permanent=True, field="address"
        )
    return cleaned + mark + query


def check_parameters(names: Any) -> None:
    """Raise ConnectorError("config") for a parameter that would carry a secret in the address."""
    for name in names:
        if name.strip().lower() in _SECRET_NAMES:
            raise ConnectorError(
                "config",
                f"'{name.strip()[:40]}' does not belong into an address, which is logged on its way. "
                "Choose a sign-in and type the secret there.",
                permanent=True,
            )
