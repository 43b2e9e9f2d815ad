"""How requests sign in: what each kind of sign-in adds, and where it gets tokens that run out."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

import jwt

from metrics.connectors.base import ConnectorError, Renewals
from metrics.connectors.http import placing
from metrics.connectors.http.decoding import json_of
from metrics.connectors.http.exchange import Exchange
from metrics.connectors.http.request import MASK, Request
from metrics.connectors.recipe import Auth

_EARLY = 60  # a token that ends within a minute counts as ended
_DEFAULT_LIFE = 300


@dataclass(slots=True)
class Signer:
    """Adds the sign-in of one source to its requests. `tokens` holds what lives as long as the connector."""

    auth: Auth
    names: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)
    web: Exchange
    renewals: Renewals | None = None
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict, repr=False)
    refused: str = field(default="", repr=False)
    #: Where Google gives tokens; tests set another address, settings cannot.
    google_token_url: ClassVar[str] = "https://oauth2.googleapis.com/token"

    def sign(self, request: Request) -> Request:
        """The request with the sign-in in it. Raises ConnectorError("auth") where a secret is missing."""
        self.web.secrets |= {one for one in self.secrets.values() if one}
        auth = self.auth
        if auth.kind == "none":
            return request
        if auth.kind == "body":
            body = request.body if isinstance(request.body, Mapping) else {}
            return replace(request, body={**body, auth.header: self._secret(auth.secret)})
        name, value = self._header()
        return replace(request, headers={**request.headers, name: _header_value(value, name)})

    @property
    def masked(self) -> dict[str, str]:
        """The header that holds the sign-in, as it may be shown."""
        if self.auth.kind in ("none", "body"):
            return {}
        name = self.auth.header if self.auth.kind == "header" else "Authorization"
        word = "Basic " if self.auth.kind == "basic" else "Bearer " if self.auth.kind != "header" else ""
        return {name: f"{word or self.auth.prefix * (self.auth.kind == 'header')}{MASK}"}

    def forget(self) -> bool:
        """Drop a token that was refused although its time was not over; whether there was one."""
        self.refused = self.tokens.pop("access", ("", 0.0))[0]
        return bool(self.refused)

    def _header(self) -> tuple[str, str]:
        auth = self.auth
        if auth.kind == "bearer":
            return "Authorization", f"Bearer {self._secret(auth.secret)}"
        if auth.kind == "header":
            return auth.header, f"{auth.prefix}{self._secret(auth.secret)}"
        if auth.kind == "basic":
            user, password = placing.text(auth.user, self.names), self._secret(auth.secret)
            pair = f"{user}:{password}" if auth.user else f"{password}:"
            return "Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"
        if auth.kind in ("oauth_client", "oauth_refresh", "google"):
            return "Authorization", f"Bearer {self._token()}"
        raise ConnectorError("config", f"There is no sign-in called '{auth.kind[:40]}'.", permanent=True)

    def _secret(self, name: str) -> str:
        found = self.secrets.get(name) or (
            str(self.names.get(name) or "") if name == self.auth.client_id else ""
        )
        if not found:
            raise ConnectorError(
                "auth", "The secret for the sign-in is missing. Type it in.", permanent=True, field=name
            )
        return found

    def _token(self) -> str:
        now = self.web.now.timestamp()
        token, until = self.tokens.get("access", ("", 0.0))
        if not token or until - _EARLY <= now:
            ask = {
                "oauth_client": self._by_client,
                "oauth_refresh": self._by_refresh,
                "google": self._by_google,
            }
            token, until = ask[self.auth.kind]()
            self.tokens["access"] = (token, until)
        self.web.secrets.add(token)
        return token

    def _by_client(self) -> tuple[str, float]:
        answer = self._ask_token(
            {"grant_type": "client_credentials", **({"scope": self.auth.scope} if self.auth.scope else {})}
        )
        return _token_of(answer, self.web.now)

    def _by_google(self) -> tuple[str, float]:
        key = _key_file(self._secret(self.auth.secret), field_name=self.auth.secret)
        now = int(self.web.now.timestamp())
        claims = {
            "iss": key["client_email"], "scope": self.auth.scope, "aud": self.google_token_url,
            "iat": now - 5, "exp": now + 3600,
        }  # fmt: skip
        try:
            signed = jwt.encode(claims, key["private_key"], algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            raise _no_key_file(self.auth.secret) from None
        self.web.secrets |= {signed, key["private_key"]}
        body = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": signed}
        return _token_of(self._post(self.google_token_url, body), self.web.now)

    def _by_refresh(self) -> tuple[str, float]:
        """Under the renewals' lock: whoever waited finds the other one's token and asks for none (F44)."""
        found: dict[str, tuple[str, float]] = {}

        def exchange(stored: str) -> tuple[str, str]:
            kept = Kept.read(stored)
            if kept.access not in ("", self.refused) and kept.until - _EARLY > self.web.now.timestamp():
                found["access"] = (kept.access, kept.until)
                return kept.access, stored
            self.web.secrets.add(kept.refresh)
            answer = self._ask_token({"grant_type": "refresh_token", "refresh_token": kept.refresh})
            found["access"] = _token_of(answer, self.web.now)
            renewed = answer.get("refresh_token")
            now_kept = Kept(
                renewed if isinstance(renewed, str) and renewed else kept.refresh, *found["access"]
            )
            return now_kept.access, now_kept.written()

        if self.renewals is None:
            typed = self._secret(self.auth.secret)
            if Kept.read(exchange(typed)[1]).refresh != Kept.read(typed).refresh:
                raise _used_up(self.auth.secret)
        else:
            self.renewals.renew(self.auth.secret, exchange)
        return found["access"]

    def _ask_token(self, fields: dict[str, str]) -> dict[str, Any]:
        body = {
            **fields,
            "client_id": self._secret(self.auth.client_id),
            **{name: placing.text(value, self.names) for name, value in self.auth.body.items()},
        }
        if self.secrets.get(self.auth.client_secret):
            body["client_secret"] = self._secret(self.auth.client_secret)
        return self._post(placing.address(self.auth.token_url, self.names), body)

    def _post(self, url: str, body: dict[str, str]) -> dict[str, Any]:
        request = Request("POST", url, headers={"Accept": "application/json"}, body=body, body_kind="form")
        try:
            response = self.web.send(request)
        except ConnectorError as error:
            if error.code != "query":
                raise
            # RFC 6749 §5.2: a grant that is refused is a 400.
            said = error.message.partition("It says: ")[2]
            raise ConnectorError(
                "auth", f"No token was given for the sign-in. Sign in anew.{' It says: ' * bool(said)}{said}",
                permanent=True, field=self.auth.secret,
            ) from None  # fmt: skip
        answer = json_of(response.content, response.headers.get("content-type", ""))
        return answer if isinstance(answer, dict) else {}


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored for a refresh token: the token as it was typed, or with what it was exchanged for."""

    refresh: str = field(repr=False)
    access: str = field(default="", repr=False)
    until: float = 0.0

    @classmethod
    def read(cls, stored: str) -> Kept:
        try:
            found = json.loads(stored)
            return cls(str(found["refresh"]), str(found["access"]), float(found["until"]))
        except (ValueError, KeyError, TypeError):
            return cls(stored.strip())

    def written(self) -> str:
        return json.dumps({"refresh": self.refresh, "access": self.access, "until": self.until})


def _token_of(answer: Mapping[str, Any], now: datetime) -> tuple[str, float]:
    token, life = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not token:
        raise ConnectorError("auth", "The sign-in gave no token. Check its client and scope.", permanent=True)
    try:
        seconds = min(float(life), 86_400.0) if life is not None else float(_DEFAULT_LIFE)
    except (TypeError, ValueError):
        seconds = float(_DEFAULT_LIFE)
    return token, now.timestamp() + seconds


def _key_file(text: str, *, field_name: str) -> dict[str, str]:
    try:
        found = json.loads(text)
        key = {name: found[name] for name in ("client_email", "private_key")}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _no_key_file(field_name) from None
    if not all(isinstance(value, str) for value in key.values()):
        raise _no_key_file(field_name)
    return key


def _used_up(field_name: str) -> ConnectorError:
    return ConnectorError(
        "config",
        "This service gives a new refresh token with each exchange, so that a test uses up the typed one. "
        "Get another one there, type it, and save without testing.",
        permanent=True,
        field=field_name,
    )


def _no_key_file(field_name: str) -> ConnectorError:
    return ConnectorError(
        "config",
        "This is no key file of a service account. Make a key of type JSON there and paste the whole file.",
        permanent=True,
        field=field_name,
    )


def _header_value(value: str, name: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ConnectorError(
            "config", f"The secret holds a line break or letters that the header {name} cannot carry.",
            permanent=True,
        )  # fmt: skip
    return value
