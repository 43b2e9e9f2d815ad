"""The one error of connectors."""

from __future__ import annotations

CODES = frozenset(
    {
        "auth",
        "config",
        "tls",
        "egress_denied",
        "schema",
        "timeout",
        "connection",
        "too_large",
        "role",
        "query",
        "unexpected",
    }
)


class ConnectorError(Exception):
    """Why a source gave nothing: a code and a sentence for a human, without secrets.

    `permanent`: a retry cannot help, somebody has to change something. `field` names the wrong input, if any.
    """

    def __init__(self, code: str, message: str, *, permanent: bool = False, field: str = "") -> None:
        if code not in CODES:
            raise ValueError(f"unknown connector error code {code!r}")
        super().__init__(message)
        self.code = code
        self.message = message
        self.permanent = permanent
        self.field = field
