"""System checks: wrong settings are refused, in words, before anything starts."""

from __future__ import annotations

import base64
from typing import Any
from zoneinfo import available_timezones

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import Error, register

from northstar.lib import env
from northstar.lib.egress.allowing import Opening
from northstar.lib.endpoints import site_host
from northstar.lib.env import ConfigError

#: Of 32 random bytes some 30 differ.
FEWEST_BYTES = 12


@register()
def check_settings(app_configs: Any = None, **kwargs: Any) -> list[Error]:
    """Errors northstar.E001 to E010; each says which variable to set, and how."""
    return [*_keys(), *_zone(), *_egress(), *_hosts(), *_site(), *_debug()]


def _keys() -> list[Error]:
    found = []
    if len(settings.SECRET_KEY) < 50 or len(set(settings.SECRET_KEY)) < 5:
        found.append(
            Error("SECRET_KEY is too weak.", hint="Use at least 50 random characters.", id="northstar.E001")
        )
    if not settings.DATA_KEYS:
        found.append(
            Error(
                "DATA_KEYS is empty.",
                hint="Set it to one or more Fernet keys, comma separated.",
                id="northstar.E002",
            )
        )
    for number, key in enumerate(settings.DATA_KEYS, start=1):
        try:
            Fernet(key)
            if len(set(base64.urlsafe_b64decode(key))) < FEWEST_BYTES:
                found.append(
                    Error(
                        f"Key {number} of DATA_KEYS is a placeholder that anybody could guess.",
                        hint="Make one with: openssl rand -base64 32 | tr '+/' '-_'",
                        id="northstar.E010",
                    )
                )
        except ValueError:
            found.append(
                Error(
                    f"Key {number} of DATA_KEYS is not a Fernet key (32 bytes, url-safe base64).",
                    id="northstar.E003",
                )
            )
    return found


def _zone() -> list[Error]:
    if settings.COMPANY_TIME_ZONE in available_timezones():
        return []
    return [
        Error(
            f"TIME_ZONE {settings.COMPANY_TIME_ZONE!r} is not a known zone.",
            hint="Use a name such as Europe/Berlin.",
            id="northstar.E004",
        )
    ]


def _egress() -> list[Error]:
    found = []
    if settings.EGRESS_PRIVATE not in ("allow", "deny"):
        found.append(Error("EGRESS_PRIVATE must be allow or deny.", id="northstar.E005"))
    for entry in settings.EGRESS_ALLOW:
        try:
            Opening.read(entry)
        except ConfigError as error:
            found.append(Error(f"EGRESS_ALLOW: {error}", id="northstar.E007"))
    return found


def _hosts() -> list[Error]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error("ALLOWED_HOSTS must name the hosts; * lets anybody forge links in mails.", id="northstar.E006")
    ]


def _site() -> list[Error]:
    if site_host(settings.SITE_URL):
        return []
    return [
        Error(
            f"SITE_URL {settings.SITE_URL!r} is not the address of a site.",
            hint="Write it without a path, such as https://northstar.example.com.",
            id="northstar.E008",
        )
    ]


def _debug() -> list[Error]:
    here = env.text("WEB_BIND", "127.0.0.1") in ("127.0.0.1", "localhost", "::1", "[::1]")
    if not settings.DEBUG or (here and site_host(settings.SITE_URL) in ("127.0.0.1", "localhost", "[::1]")):
        return []
    return [
        Error(
            "DEBUG is on, and others can reach this installation: error pages would show them its insides.",
            hint="Remove DEBUG. It works only where WEB_BIND and SITE_URL are this machine alone.",
            id="northstar.E009",
        )
    ]
