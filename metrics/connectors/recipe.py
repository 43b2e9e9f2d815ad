"""How a web service is asked and its answer read, as data: what the HTTP kind types in and a preset names.

Texts may hold placeholders in braces, filled by name and nothing else: the settings of the source, the inputs
of the metric's question, and the range asked for ({start} {end} {last} as local dates, `end` exclusive;
{utc_start} {utc_end} as instants; {unix_start} {unix_end} in seconds, {ms_start} {ms_end} in milliseconds;
{zone} and {grain}). Secrets stand in `Auth` only, never in an address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Auth:
    """How a request signs in. `kind`: none, bearer, basic, header, oauth_client (client credentials),
    oauth_refresh (a refresh token that may be renewed), google (a service account's key file).

    `header` and `prefix` say where the secret goes for bearer and header; `user` is basic's user name;
    `secret` is the name of the secret field, `client_id` and `client_secret` those of OAuth. `body` adds
    fields to the request for a token.
    """

    kind: str = "none"
    header: str = "Authorization"
    prefix: str = "Bearer "
    user: str = ""
    secret: str = "token"
    client_id: str = "client_id"
    client_secret: str = "client_secret"
    token_url: str = ""
    scope: str = ""
    body: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Paging:
    """How the next page is asked for.

    `kind`: none; next_url (`next` is a JMESPath to an address in the answer); link_header; cursor (`next` is
    a JMESPath to a token, sent as `param`); last_item (`next` is a JMESPath, read in the last row, sent as
    `param`); page (numbers from `first`) and offset, sent as `param`. `more`: a JMESPath that has to be true
    for another page. `size_param` and `size` ask for that many rows a page. `place`: params or body.
    """

    kind: str = "none"
    next: str = ""
    more: str = ""
    param: str = ""
    place: str = "params"
    first: int = 1
    size_param: str = ""
    size: int = 100


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are found in an answer: JMESPath expressions.

    `rows` leads to a list (or to one object). `period` leads from a row to its date, written as
    `date_format`: auto (ISO date or instant), unix, unix_ms, or a strptime pattern such as %Y%m%d. `parts`
    maps value, or numerator and denominator, or value and weight, to expressions. `aggregate`: none (a row a
    period), count, sum, mean, unique or last, gathered by period here. `scale` multiplies values (0.01 for
    cents).
    """

    rows: str = "@"
    period: str = ""
    date_format: str = "auto"
    parts: Mapping[str, str] = field(default_factory=lambda: {"value": "value"})
    aggregate: str = "none"
    scale: str = "1"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One question to a web service. `each`: range (one run of requests for all of it) or period (one for
    each period; the answer is one number and `reading.period` stays empty). `warnings`: a JMESPath to texts
    that are shown as notes. `failure`: a JMESPath that is empty in a good answer, for services that say 200
    to an error. `per_minute`: requests that the service allows. `empty`: what no row means, missing or zero.
    """

    url: str
    method: str = "GET"
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    body_kind: str = "json"
    auth: Auth = field(default_factory=Auth)
    paging: Paging = field(default_factory=Paging)
    reading: Reading = field(default_factory=Reading)
    each: str = "range"
    empty: str = "missing"
    warnings: str = ""
    failure: str = ""
    per_minute: int = 0
