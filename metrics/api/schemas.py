"""What the OpenAPI schema says about the observations of a metric."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

COUNT_WORDS = {
    "added": "periods that had no value before",
    "changed": "periods whose value is another one now",
    "unchanged": "periods that had this value already",
    "missing": "periods that were said to have none (null)",
    "suppressed": "periods whose value a person pinned: yours is kept beside it, the pinned one is shown",
}
COUNTS = tuple(COUNT_WORDS)
NUMBER = {"oneOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]}
BODY: dict[str, Any] = {
    "type": "object",
    "required": ["observations"],
    "properties": {
        "observations": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1000,
            "items": {
                "type": "object",
                "required": ["period_start"],
                "properties": {
                    "period_start": {
                        "type": "string", "format": "date", "description": "First day of the period."
                    },
                    "value": NUMBER,
                    "numerator": NUMBER,
                    "denominator": NUMBER,
                    "weight": NUMBER,
                },
            },
        }
    },
}  # fmt: skip
COUNTED: dict[str, Any] = {
    "type": "object",
    "properties": {name: {"type": "integer"} for name in COUNTS}
    | {
        "rows": {
            "type": "array",
            "description": "With partial=true: a verdict for each row.",
            "items": {
                "type": "object",
                "properties": {
                    "index": {"type": "integer"}, "stored": {"type": "boolean"}, "message": {"type": "string"}
                },
            },
        }
    },
}  # fmt: skip
ERROR: dict[str, Any] = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "fields": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
                    },
                },
            },
        }
    },
}
REFUSALS = {
    401: "No key, or one that is unknown, expired or revoked.",
    403: "The source is paused, or the key may not do that.",
    404: "The source of this key has no such metric.",
    411: "The body came in chunks, without its length.",
    413: "More than 1000 rows, or more than 1 MiB.",
    415: "Not application/json.",
    422: "A row is wrong; the fields say which and why. Nothing was stored.",
    429: "More than 120 calls within a minute.",
}
EXAMPLE = OpenApiExample(
    "One week",
    value={"observations": [{"period_start": "2026-11-16", "value": "12.5"}]},
    request_only=True,
)
_ERRORS = {code: OpenApiResponse(ERROR, description=words) for code, words in REFUSALS.items()}
PUSH: dict[str, Any] = {
    "operation_id": "push_observations",
    "summary": "Store values of a metric",
    "description": "Sending a row again changes nothing. All rows are stored or none, unless partial=true.",
    "request": {"application/json": BODY},
    "responses": {200: OpenApiResponse(COUNTED, description="Stored and committed."), **_ERRORS},
    "parameters": [
        OpenApiParameter("partial", OpenApiTypes.BOOL, description="Store the rows that are right.")
    ],
    "examples": [EXAMPLE],
    "tags": ["Observations"],
}
READ: dict[str, Any] = {
    "operation_id": "list_observations",
    "summary": "Read the stored values of a metric",
    "description": "Oldest first, 500 a page; `next` leads to the following one. Numbers are text, exact.",
    "responses": {200: OpenApiResponse(OpenApiTypes.OBJECT), **{c: _ERRORS[c] for c in (401, 404, 429)}},
    "parameters": [OpenApiParameter("after", OpenApiTypes.DATE, description="Only later periods.")],
    "tags": ["Observations"],
}
