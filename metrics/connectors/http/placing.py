"""Placeholders in braces, filled by name and escaped for the place where they stand. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from metrics.connectors.base import Ask, ConnectorError
from northstar.lib.periods import first_instant, local_day

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?", re.ASCII)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)


def names_of(ask: Ask, *, settings: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Everything a placeholder may name for this question: settings, inputs and the range."""
    return {**settings, **values, **span_of(ask.start, ask.end, ask=ask)}


def span_of(start: date, end: date, *, ask: Ask) -> dict[str, Any]:
    """The names of a range of local dates, `end` exclusive; `last` is no later than today."""
    first, after = first_instant(start, ask.zone), first_instant(end, ask.zone)
    today = local_day(ask.now, ask.zone)
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "last": max(start, min(end - timedelta(days=1), today)).isoformat(),
        "utc_start": f"{first:%Y-%m-%dT%H:%M:%SZ}",
        "utc_end": f"{after:%Y-%m-%dT%H:%M:%SZ}",
        "unix_start": int(first.timestamp()),
        "unix_end": int(after.timestamp()),
        "ms_start": int(first.timestamp()) * 1000,
        "ms_end": int(after.timestamp()) * 1000,
        "zone": ask.zone,
        "grain": ask.grain,
    }


def text(template: str, names: Mapping[str, Any]) -> str:
    """The template with every placeholder replaced as it is. Raises ConnectorError("config")."""
    return _PLACE.sub(lambda found: _value(found[1], names), template)


def param(template: str, names: Mapping[str, Any]) -> str | None:
    """As `text`; None where placeholders stand in it and all of it came out empty: leave it out then."""
    filled = text(template, names)
    return None if not filled and _PLACE.search(template) else filled


def header(name: str, template: str, names: Mapping[str, Any]) -> str:
    """The value of a header. Raises ConnectorError for what could begin a header of its own."""
    filled = text(template, names)
    if not _HEADER.fullmatch(name):
        raise _wrong(f"'{name[:40]}' is no name of a header.")
    if _CONTROL.search(filled) or not filled.isascii():
        raise _wrong(f"The header {name} holds a line break or a letter that headers cannot carry.")
    return filled


def structure(template: Any, names: Mapping[str, Any]) -> Any:
    """JSON with its texts filled; a text that is one placeholder and nothing else keeps the value's type."""
    if isinstance(template, str):
        alone = _PLACE.fullmatch(template)
        if alone and isinstance(value := _found(alone[1], names), (int, bool)):
            return value
        return text(template, names)
    if isinstance(template, Mapping):
        return {str(key): structure(value, names) for key, value in template.items()}
    if isinstance(template, (list, tuple)):
        return [structure(value, names) for value in template]
    return template


def address(template: str, names: Mapping[str, Any]) -> str:
    """The address with its placeholders escaped: by place, so that none can change host, path or query.

    A placeholder in front of everything is a base address of its own. Raises ConnectorError("config").
    """
    base, rest = "", template
    if found := _PLACE.match(template):
        base, rest = base_address(_value(found[1], names)), template[found.end() :]
        if rest and rest[0] not in "/?":  # else it would go on with the name of the host
            raise _wrong("What follows the base address has to begin with a slash.")
    else:
        scheme, colon, after = template.partition("://")
        host, slash, path = after.partition("/")
        if scheme not in ("https", "http") or not colon:
            raise _wrong(f"The address has to begin with https:// or http://, not {template[:40]!r}.")
        host = text(host, names)
        if not _HOST.fullmatch(host):
            raise _wrong(f"'{host[:80]}' is no host, such as api.example.com.")
        base, rest = f"{scheme}://{host}", slash + path
    path, mark, query = rest.partition("?")
    filled = _PLACE.sub(lambda m: _segment(m[1], names), path)
    filled += mark + _PLACE.sub(lambda m: quote_plus(_value(m[1], names)), query)
    if _CONTROL.search(filled) or " " in filled or "#" in filled:
        raise _wrong("The address holds a space, a line break or a # sign.")
    return base + filled


def base_address(typed: str) -> str:
    """The address without a slash at its end. Raises ConnectorError("config") for what is no base address."""
    try:
        parts = urlsplit(typed.strip())
        port = parts.port
    except ValueError:
        raise _wrong(f"'{typed[:80]}' is no address.") from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise _wrong("The address has to begin with https:// or http:// and name a host.")
    if "@" in parts.netloc:
        raise _wrong("The address holds a user name. Type sign-in details in their own fields.")
    if parts.query or parts.fragment or _CONTROL.search(typed) or " " in typed.strip() or "\\" in typed:
        raise _wrong("The base address ends with its path, without ?, #, spaces and backslashes.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{f':{port}' if port is not None else ''}{parts.path.rstrip('/')}"


def host_key(typed: str) -> str:
    """The "host:port" of an address, for the limits of all sources there; empty for none."""
    try:
        parts = urlsplit(typed.strip())
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return ""
    return f"{parts.hostname}:{port}".lower() if parts.hostname else ""


def _segment(name: str, names: Mapping[str, Any]) -> str:
    value = _value(name, names)
    if value in (".", ".."):
        raise _wrong(f"{{{name}}} is {value!r}, which is no part of a path.")
    return quote(value, safe="")


def _value(name: str, names: Mapping[str, Any]) -> str:
    value = _found(name, names)
    filled = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if "\r" in filled or "\n" in filled or "\x00" in filled:
        raise _wrong(f"{{{name}}} holds a line break, which cannot stand in a request.")
    return filled


def _found(name: str, names: Mapping[str, Any]) -> Any:
    if name not in names:
        known = ", ".join(sorted(names))
        raise _wrong(f"There is no placeholder {{{name[:40]}}}. Known are: {known}."[:600])
    return names[name]


def _wrong(sentence: str) -> ConnectorError:
    return ConnectorError("config", sentence, permanent=True)
