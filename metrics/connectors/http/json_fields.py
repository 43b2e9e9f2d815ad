"""What an admin types for a web service: the source's settings, and a metric's question."""

from __future__ import annotations

from metrics.connectors.base import Field
from metrics.connectors.gathering import AGGREGATES
from metrics.connectors.http.web_connector import sign_in_fields

_AUTH = (
    ("none", "None"), ("bearer", "A token (Bearer)"), ("basic", "User name and password"),
    ("header", "A key in a header"), ("oauth_client", "OAuth: client credentials"),
    ("oauth_refresh", "OAuth: refresh token"), ("google", "Google service account"),
)  # fmt: skip
_PAGING = (
    ("none", "Everything at once"), ("next_url", "The answer holds the next address"),
    ("link_header", "A Link header holds the next address"), ("cursor", "The answer holds a cursor"),
    ("last_item", "From the last row on"), ("page", "Page numbers"), ("offset", "Offsets"),
)  # fmt: skip
_NAMES = (
    "{start} and {end} (local dates, end exclusive), {last} (inclusive), {utc_start}, {utc_end}, "
    "{unix_start}, {unix_end}, {ms_start}, {ms_end}, {zone}, {grain}."
)

_OAUTH = ("auth", "oauth_client", "oauth_refresh")
_RATIO = ("kind", "ratio")
_NO_RATIO = ("kind", "flow_sum", "snapshot_stock", "unique", "average", "quantile")
_WITH_VALUE = ("aggregate", "none", "sum", "mean", "unique", "last")
_PAGED = ("paging", *(key for key, _ in _PAGING if key != "none"))
_BY_PARAMETER = ("paging", "cursor", "last_item", "page", "offset")

SETTINGS_FIELDS = (
    Field("address", "Base address", identity=True, help="Such as https://api.example.com/v2."),
    *sign_in_fields(*_AUTH),
    Field("token_url", "Address for tokens", required=False, identity=True, when=_OAUTH),
    Field("client_id", "Client", required=False, identity=True, when=_OAUTH),
    Field("client_secret", "Secret of the client", "password", required=False, secret=True, when=_OAUTH),
    Field("scope", "Scope", required=False, when=("auth", "oauth_client", "google")),
    Field("headers", "More headers", "textarea", required=False,
          help="A line each, such as Accept-Version: 3. No secrets: they are shown again."),
    Field("try_path", "Path to try", required=False, default="/",
          help="What the test asks for; best something small that needs the sign-in."),
    Field("per_minute", "Requests a minute", "integer", default=0, low=0, high=6000,
          help="What the service allows; 0 for no limit."),
)  # fmt: skip

QUERY_FIELDS = (
    Field("path", "Path", help="Below the base address; placeholders as below."),
    Field("method", "Method", "choice", default="GET", choices=(("GET", "GET"), ("POST", "POST"))),
    Field("params", "Parameters", "textarea", required=False,
          help=f"A line each, such as from = {{start}}. Placeholders: {_NAMES}"),
    Field("body", "Body", "textarea", required=False, help="JSON; its texts may hold placeholders.",
          when=("method", "POST")),
    Field("each", "Ask", "choice", default="range",
          choices=(("range", "Once for the whole range"), ("period", "Once for each period: one number"))),
    Field("rows", "Rows", required=False, default="@", help="JMESPath to the list, such as data.items."),
    Field("period", "Period of a row", help="JMESPath, such as day.", when=("each", "range")),
    Field("date_format", "How dates are written", required=False, default="auto", when=("each", "range"),
          help="auto, unix, unix_ms, or a pattern such as %Y%m%d."),
    Field("days", "A moment belongs to the day it is", "choice", default="local", when=("each", "range"),
          choices=(("local", "in the company's zone"), ("utc", "in UTC"))),
    Field("aggregate", "Rows of the same period", "choice", default="none", choices=AGGREGATES),
    Field("value", "Value of a row", required=False, default="value", when=_NO_RATIO,
          help="JMESPath, such as total.amount. Not needed to count rows."),
    Field("numerator", "Numerator of a row", required=False, when=_RATIO),
    Field("denominator", "Denominator of a row", required=False, when=_RATIO),
    Field("weight", "Weight of a row", required=False, help="Not needed for the mean of rows.",
          when=("kind", "average")),
    Field("scale", "Multiply values by", required=False, default="1", help="Such as 0.01 for cents.",
          when=_WITH_VALUE),
    Field("empty", "No row or null means", "choice", default="missing", when=("each", "period"),
          choices=(("missing", "missing"), ("zero", "zero"))),
    Field("paging", "Pages", "choice", default="none", choices=_PAGING),
    Field("next", "What leads to the next page", required=False, help="JMESPath, such as paging.next.",
          when=("paging", "next_url", "cursor", "last_item")),
    Field("page_param", "Parameter of the page", required=False, help="Such as cursor, page or offset.",
          when=_BY_PARAMETER),
    Field("page_place", "It is sent", "choice", default="params", when=_BY_PARAMETER,
          choices=(("params", "in the address"), ("body", "in the body"))),
    Field("first_page", "First page number", "integer", default=1, low=0, high=1, when=("paging", "page")),
    Field("size_param", "Parameter of the page size", required=False, help="Such as per_page.", when=_PAGED),
    Field("page_size", "Rows a page", "integer", default=100, low=1, high=10_000, when=_PAGED),
    Field("more", "Whether there is more", required=False, help="JMESPath, such as has_more.", when=_PAGED),
    Field("row_id", "What a row is known by", required=False, when=_PAGED,
          help="JMESPath, such as id: a row that comes on two pages is then counted once."),
    Field("warnings", "Warnings", required=False, help="JMESPath to texts that are shown as notes."),
    Field("failure", "Failure", required=False,
          help="JMESPath to what is there only if something failed, for services that answer 200 to errors."),
)  # fmt: skip
