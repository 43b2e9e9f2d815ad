"""Errors of the API in one shape: {"error": {"code", "message", "fields": [{"path", "message"}]}}."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response

log = logging.getLogger(__name__)
CODES = {
    400: "malformed", 401: "not_authenticated", 403: "not_allowed", 404: "not_found",
    405: "method_not_allowed", 406: "not_acceptable", 411: "length_required", 413: "too_large",
    415: "unsupported_media_type", 422: "invalid", 429: "too_many",
}  # fmt: skip


class ApiError(exceptions.APIException):
    """A refusal with its status, a sentence, and the places in the body that it is about."""

    def __init__(
        self,
        status_code: int,
        message: str,
        *,
        fields: Sequence[tuple[str, str]] = (),
        wait: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.fields = [{"path": path, "message": said} for path, said in fields]
        self.wait = wait


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """The answer to an error; what nobody expected is logged and told as that."""
    if isinstance(error, Http404):
        error = exceptions.NotFound("There is nothing at this address.")
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)
    if not isinstance(error, exceptions.APIException):
        log.exception("the API met an unexpected error", exc_info=error)
        return _answer(500, "unexpected", "Unexpected error; nothing was stored. The log has the details.")
    headers = {}
    if challenge := getattr(error, "auth_header", ""):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    code = error.status_code
    fields = getattr(error, "fields", [])
    return _answer(code, CODES.get(code, "refused"), _sentence(error), fields=fields, headers=headers)


def _sentence(error: exceptions.APIException) -> str:
    detail = error.detail
    return str(detail) if isinstance(detail, str) else "The request was refused."


def _answer(
    code: int,
    name: str,
    message: str,
    *,
    fields: Sequence[dict[str, str]] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    body = {"error": {"code": name, "message": message, "fields": list(fields)}}
    return Response(body, status=code or status.HTTP_500_INTERNAL_SERVER_ERROR, headers=headers)
