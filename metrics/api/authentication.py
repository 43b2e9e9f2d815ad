"""Who calls the API: a key in the header Authorization. Never a cookie, never an address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.views.decorators.debug import sensitive_variables
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from metrics import pushing
from metrics.models import EventToken, PushToken
from metrics.models.token import EVENT_PREFIX
from northstar.lib import clock

IN_ADDRESS = frozenset({"token", "key", "api_key", "access_token"})
LONGEST = 200


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer nsm_…`, or `nse_…` for events; `request.auth` is the key, there is no user."""

    @sensitive_variables()
    def authenticate(self, request: Request) -> tuple[None, PushToken | EventToken] | None:
        if IN_ADDRESS & set(request.query_params):
            raise AuthenticationFailed(
                "A key does not belong in an address, where logs keep it. Revoke it, and send another one "
                "in the header Authorization: Bearer nsm_…"
            )
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if not header:
            return None
        scheme, _, text = header.partition(" ")
        if scheme.lower() != "bearer" or not text or len(text) > LONGEST:
            raise AuthenticationFailed("Send the key as Authorization: Bearer nsm_…")
        now = clock.now()
        token = _usable(text.strip(), now)
        if token is None:
            raise AuthenticationFailed(
                "This key is unknown, expired or revoked. An admin can make a new one."
            )
        pushing.note_use(token, now)
        return None, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Northstar"'


def _usable(text: str, now: datetime) -> PushToken | EventToken | None:
    if text.startswith(EVENT_PREFIX):
        return EventToken.usable(text, now)
    token = PushToken.usable(text, now)
    return token if token is not None and token.source.archived_at is None else None


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes it."""

    target_class = "metrics.api.authentication.TokenAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        words = "A key that starts with nsm_ (values) or nse_ (events)."
        return {"type": "http", "scheme": "bearer", "description": words}
