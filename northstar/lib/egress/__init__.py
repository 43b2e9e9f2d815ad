"""The only opener of addresses that somebody typed (reliability S30-S35; architecture §4 Egress)."""

from __future__ import annotations

from socket import socket as Socket
from ssl import SSLContext

from django.conf import settings
from httpx import Client, ConnectError, HTTPError, InvalidURL, Response, TimeoutException

from northstar.lib.egress.capping import BODY_LIMIT, WIRE_LIMIT, read_capped
from northstar.lib.egress.client import Limits
from northstar.lib.egress.errors import (
    EgressDenied,
    EgressError,
    EgressTimeout,
    EgressTooLarge,
    EgressUnreachable,
)
from northstar.lib.egress.following import follow
from northstar.lib.egress.guard import Egress
from northstar.lib.egress.tls import tls_fault
from northstar.lib.egress.urls import Origin, read_url

# What comes out of the guarded door, by name, so that nobody else needs to import what opens connections.
__all__ = [
    "BODY_LIMIT", "WIRE_LIMIT", "Client", "ConnectError", "Egress", "EgressDenied", "EgressError",
    "EgressTimeout", "EgressTooLarge", "EgressUnreachable", "HTTPError", "InvalidURL", "Limits", "Origin",
    "Response", "SSLContext", "Socket", "TimeoutException", "follow", "for_admins", "for_members",
    "read_capped", "read_url", "tls_fault",
]  # fmt: skip


def for_admins() -> Egress:
    """What sources may reach, whose addresses admins typed. Raises ConfigError for wrong settings."""
    return Egress(
        "admin",
        settings.EGRESS_ALLOW,
        private=settings.EGRESS_PRIVATE == "allow",
        loopback=settings.EGRESS_LOOPBACK,
        forbidden=settings.EGRESS_FORBIDDEN,
    )


def for_members() -> Egress:
    """What addresses that members typed may reach. Raises ConfigError for wrong settings."""
    return Egress("member", settings.EGRESS_ALLOW, forbidden=settings.EGRESS_FORBIDDEN)
