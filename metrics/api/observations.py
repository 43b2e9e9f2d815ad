"""Push values of a metric, and read what is stored."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from metrics import pushing
from metrics.api import schemas
from metrics.api.counting import count
from metrics.api.errors import ApiError
from metrics.api.parsing import StrictJSONParser
from metrics.api.permissions import subject_of
from metrics.models import Metric, Observation
from metrics.storing import StoreError
from northstar.lib.policy import which

PAGE = 500


class Observations(APIView):
    """The values of one metric of the key's own source."""

    policy_action = "observation.push"
    parser_classes = [StrictJSONParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        count("push", request.auth.pk)

    @extend_schema(**schemas.PUSH)
    def post(self, request: Request, slug: str) -> Response:
        metric = self._metric(slug)
        if metric.source.paused_at is not None:
            raise ApiError(
                403, f"{metric.source.name} is paused: nothing is taken in until an admin resumes it."
            )
        if request.META.get("HTTP_TRANSFER_ENCODING"):
            raise ApiError(411, "Send the body with a Content-Length, not in chunks.")
        items, partial = _items(request.data), _flag(request, "partial")
        batch = pushing.read(metric, items, today=pushing.today())
        if batch.problems and not (partial and batch.rows):
            raise _refusal(batch, len(items))
        try:
            stored = pushing.store(metric, batch, token=request.auth)
        except StoreError as error:
            raise ApiError(422, str(error)) from None
        counts = {name: getattr(stored, name) for name in schemas.COUNTS}
        return Response(counts | ({"rows": _verdicts(batch, items)} if partial else {}))

    @extend_schema(**schemas.READ)
    def get(self, request: Request, slug: str) -> Response:
        metric = self._metric(slug)
        found = metric.observations.filter(grain=metric.grain).order_by("period_start")
        if after := _after(request):
            found = found.filter(period_start__gt=after)
        page = list(found[: PAGE + 1])
        link = reverse("api-observations", args=[slug])
        more = f"{link}?after={page[PAGE - 1].period_start}" if len(page) > PAGE else None
        rows = [_told(row) for row in page[:PAGE]]
        return Response({"metric": slug, "grain": metric.grain, "observations": rows, "next": more})

    def _metric(self, slug: str) -> Metric:
        own = which(subject_of(self.request), self.policy_action, Metric.objects.listed())
        metric = own.select_related("source").filter(slug=slug).first()
        if metric is None:
            raise ApiError(404, f"The source of this key has no metric '{slug[:80]}'.")
        return metric


def _items(body: Any) -> list[Any]:
    if (
        not isinstance(body, dict)
        or set(body) != {"observations"}
        or not isinstance(body["observations"], list)
    ):
        raise ApiError(
            422, 'The body has to be {"observations": [ … ]}.', fields=[("observations", "A list of rows.")]
        )
    items = body["observations"]
    if not items:
        raise ApiError(422, "The list is empty, so there is nothing to store.")
    if len(items) > pushing.MOST_ROWS:
        raise ApiError(
            413,
            f"{len(items)} rows are too many for one call: at most {pushing.MOST_ROWS}. Send them in parts.",
        )
    return items


def _flag(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "false").lower()
    if value not in ("true", "false", "1", "0"):
        raise ApiError(422, f"{name} is true or false.", fields=[(name, "true or false")])
    return value in ("true", "1")


def _after(request: Request) -> date | None:
    text = request.query_params.get("after")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ApiError(422, "after is a date such as 2026-11-16.", fields=[("after", "A date.")]) from None


def _refusal(batch: pushing.Batch, sent: int) -> ApiError:
    wrong = len(batch.problems)
    counted = "1 row is" if wrong == 1 else f"{wrong} rows are"
    return ApiError(
        422,
        f"{counted} wrong of {sent}; nothing was stored.",
        fields=[(problem.path, problem.message) for problem in batch.problems],
    )


def _verdicts(batch: pushing.Batch, items: list[Any]) -> list[dict[str, Any]]:
    wrong = {problem.index: problem for problem in batch.problems}
    return [
        {
            "index": index,
            "stored": index in batch.rows,
            "message": wrong[index].message if index in wrong else "",
        }
        for index in range(len(items))
    ]


def _told(row: Observation) -> dict[str, Any]:
    """Numbers as text, exact."""
    told: dict[str, Any] = {"period_start": row.period_start.isoformat(), "status": row.status}
    for name in ("value", "numerator", "denominator"):
        number = getattr(row, name)
        told[name] = None if number is None else format(number.normalize(), "f")
    return told | {"as_of": row.as_of.isoformat()}
