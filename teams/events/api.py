"""Events by program: send, read, remove."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from metrics.api.counting import count
from metrics.api.errors import ApiError
from metrics.api.parsing import StrictJSONParser
from metrics.models import Annotation
from teams.events import receiving, schemas
from teams.events.receiving import EventError

PAGE = 200


class Events(APIView):
    """The events of the company; a key for events may add to them."""

    policy_action = "event.send"
    parser_classes = [StrictJSONParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        count("events", request.auth.pk)

    @extend_schema(**schemas.SEND)
    def post(self, request: Request) -> Response:
        try:
            event = receiving.read(request.data)
        except EventError as error:
            raise ApiError(422, str(error), fields=[(error.field, str(error))]) from None
        note, status = receiving.store(event, token=request.auth)
        return Response({"status": status, "event": _told(note)}, status=201 if status == "added" else 200)

    @extend_schema(**schemas.READ)
    def get(self, request: Request) -> Response:
        found = receiving.sent().select_related("metric").prefetch_related("teams").order_by("-id")
        if (before := request.query_params.get("before")) is not None:
            if not before.isascii() or not before.isdigit() or len(before) > 15:
                said = "A number, as `next` gives it."
                raise ApiError(422, f"before: {said}", fields=[("before", said)])
            found = found.filter(pk__lt=int(before))
        page = list(found[: PAGE + 1])
        more = f"{reverse('api-events')}?before={page[PAGE - 1].pk}" if len(page) > PAGE else None
        return Response({"events": [_told(note) for note in page[:PAGE]], "next": more})


class Event(APIView):
    """One event that a program sent, by the program's name of it."""

    policy_action = "event.send"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        count("events", request.auth.pk)

    @extend_schema(**schemas.REMOVE)
    def delete(self, request: Request, name: str) -> Response:
        if not receiving.remove(name, token=request.auth):
            raise ApiError(404, f"No event '{name[:80]}' was sent here.")
        return Response(status=204)


def _told(note: Annotation) -> dict[str, Any]:
    teams = list(note.teams.all())  # type: ignore[attr-defined]
    return {
        "id": note.external_id,
        "text": note.text,
        "day": note.day.isoformat(),
        "until": note.until.isoformat() if note.until else None,
        "kind": note.kind,
        "metric": note.metric.slug if note.metric else None,
        "team": teams[0].slug if teams else None,
        "link": note.link,
    }
