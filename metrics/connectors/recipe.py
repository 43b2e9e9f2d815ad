"""How a web service is asked and its answer read, as data: what the HTTP kind types in and a preset names.

Texts may hold placeholders in braces, filled by name and nothing else: the settings of the source, the
inputs of the metric's question, and the range asked for ({start} {end} {last} as local dates, `end`
exclusive, `last` inclusive and no later than today; {utc_start} {utc_end} as instants; {unix_start}
{unix_end} in seconds, {ms_start} {ms_end} in milliseconds; {zone} and {grain}). Each is escaped for the place
where it stands. Only a brace, a name and a brace are a placeholder: "{ id }" with spaces stays as it is. An
unknown name is an error.
Secrets stand in `Auth` only, never in an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Auth:
    """How a request signs in. `kind`: none, bearer, basic, header, body (a field of the body, called
    `header`), oauth_client (client credentials), oauth_refresh (a refresh token that may be renewed), google
    (a service account's key file).

    `header` and `prefix` say where the secret goes for bearer and header (bearer's are as they should be);
    `user` is basic's user name, and where it is empty the secret is the user name, without a password;
    `secret` is the name of the secret field, `client_id` the setting (or secret) and `client_secret` the
    secret of OAuth. `token_url` and `body` (more fields of the request for a token) may hold placeholders.
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

    `kind`: none; next_url (`next` is a JMESPath to an address in the answer, on the same host); link_header;
    cursor (`next` is a JMESPath to a token, sent as `param`); last_item (`next` is a JMESPath, read in the
    last row, sent as `param`); page (numbers from `first`) and offset (rows seen so far), sent as `param`.
    `more`: a JMESPath that has to be true for another page; without it, page, offset and last_item end at
    the first page that is empty. `size_param` and `size` ask for that many rows a page. `place`: params or
    body, where `param` may be a path such as "pagination.after". `first_only` names a parameter that only the
    first page is asked with, because the cursor stands for it.
    """

    kind: str = "none"
    next: str = ""
    more: str = ""
    param: str = ""
    place: str = "params"
    first: int = 1
    size_param: str = ""
    size: int = 100
    first_only: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How rows are found in an answer: JMESPath expressions.

    `rows` leads to a list (or to one object). `period` leads from a row to its date, written as
    `date_format`: auto (ISO date, week, month or instant), unix, unix_ms, or a strptime pattern such as
    %Y%m%d; `days` says whose day an instant belongs to, local or utc. `parts` maps value, or numerator and
    denominator, or value and weight, to expressions. `aggregate`: none (a row a period), count, sum, mean,
    unique or last, gathered by period here. `scale` multiplies values (0.01 for cents), not denominators and
    weights. `id` leads to what a row is known by: one that comes again on another page is counted once.
    """

    rows: str = "@"
    period: str = ""
    date_format: str = "auto"
    parts: Mapping[str, str] = field(default_factory=lambda: {"value": "value"})
    aggregate: str = "none"
    scale: str = "1"
    id: str = ""
    days: str = "local"


@dataclass(frozen=True, slots=True)
class Recipe:
    """One question to a web service. `each`: range (one run of requests for all of it) or period (one for
    each period; the answer is one number and `reading.period` stays empty). `warnings`: a JMESPath to texts
    that are shown as notes. `failure`: a JMESPath that is empty in a good answer, for services that say 200
    to an error. `per_minute`: requests that the service allows. `empty`: what no row means, missing or zero.
    `params` with several values hold a list. `body_kind`: json, form or text.
    """

    url: str
    method: str = "GET"
    params: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
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
