"""The one error of connectors."""

from __future__ import annotations

from typing import Any

CODES = frozenset(
    {
        "auth",
        "config",
        "tls",
        "egress_denied",
        "driver",
        "schema",
        "timeout",
        "connection",
        "rate_limited",
        "too_large",
        "role",
        "query",
        "unexpected",
    }
)


class ConnectorError(Exception):
    """Why a source gave nothing: a code and a sentence for a human, without secrets.

    `permanent`: a retry cannot help, somebody has to change something. `field` names the wrong input, if any.
    `retry_after`: seconds that the source asked to wait. `columns`: what the source did return where that
    does not fit, so that the difference can be shown. `answer`: an Answer without rows, with the request and
    the first raw rows, that a test shows beside the sentence; hung on by `asked.shown_beside`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        permanent: bool = False,
        field: str = "",
        retry_after: float | None = None,
        columns: tuple[str, ...] = (),
    ) -> None:
        if code not in CODES:
            raise ValueError(f"unknown connector error code {code!r}")
        super().__init__(message)
        self.code = code
        self.message = message
        self.permanent = permanent
        self.field = field
        self.retry_after = retry_after
        self.columns = columns
        self.answer: Any = None
