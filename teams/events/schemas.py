"""What the OpenAPI schema says about events."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from metrics.api.schemas import ERROR
from metrics.models.annotation import ANNOTATION_KINDS

DAY = {"type": "string", "format": "date"}
EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["text"],
    "properties": {
        "id": {"type": "string", "maxLength": 120, "description": "Your name of it: it is stored once."},
        "text": {"type": "string", "maxLength": 140},
        "day": DAY | {"description": "Without day and at it is today."},
        "at": {"type": "string", "format": "date-time", "description": "A moment instead of a day."},
        "until": DAY | {"description": "The last day of what lasted."},
        "kind": {"type": "string", "enum": list(ANNOTATION_KINDS), "default": "release"},
        "metric": {"type": "string", "description": "On the charts of this metric only: its slug."},
        "team": {"type": "string", "description": "On the charts of this team only: its slug."},
        "link": {"type": "string", "format": "uri"},
    },
}  # fmt: skip
REFUSALS = {
    401: "No key, or one that is unknown, expired or revoked.",
    403: "The key may not do that.",
    404: "There is no event of this name.",
    413: "More than 1 MiB.",
    415: "Not application/json.",
    422: "A field is wrong; the error says which and why. Nothing was stored.",
    429: "More than 120 calls within a minute.",
}
_ERRORS = {code: OpenApiResponse(ERROR, description=words) for code, words in REFUSALS.items()}
_STORED = {
    "type": "object",
    "properties": {"status": {"type": "string", "enum": ["added", "changed", "unchanged"]}, "event": EVENT},
}
EXAMPLE = OpenApiExample(
    "A release",
    value={"id": "deploy-4711", "text": "New price page", "day": "2026-11-16", "kind": "release"},
    request_only=True,
)
SEND: dict[str, Any] = {
    "operation_id": "send_event",
    "summary": "Put an event on the charts",
    "description": "Sending an event again under its id changes nothing; with other words it is changed.",
    "request": {"application/json": EVENT},
    "responses": {
        200: OpenApiResponse(_STORED, description="Known already, changed or not."),
        201: OpenApiResponse(_STORED, description="Added."),
        **{code: each for code, each in _ERRORS.items() if code != 404},
    },
    "examples": [EXAMPLE],
    "tags": ["Events"],
}
READ: dict[str, Any] = {
    "operation_id": "list_events",
    "summary": "Read the events that programs sent, newest first",
    "description": "At most 200 a page; `next` leads to the following one.",
    "responses": {200: OpenApiResponse(OpenApiTypes.OBJECT), **{c: _ERRORS[c] for c in (401, 403, 422, 429)}},
    "parameters": [OpenApiParameter("before", OpenApiTypes.INT, description="Only those stored earlier.")],
    "tags": ["Events"],
}
REMOVE: dict[str, Any] = {
    "operation_id": "remove_event",
    "summary": "Take an event that a program sent off the charts",
    "responses": {
        204: OpenApiResponse(description="Removed."), **{c: _ERRORS[c] for c in (401, 403, 404, 429)}
    },
    "tags": ["Events"],
}  # fmt: skip
