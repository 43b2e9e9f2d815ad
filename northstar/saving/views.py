"""The files of charts."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from metrics.charts.picture import PictureError
from northstar.home.navigation import company_of
from northstar.lib import clock
from northstar.lib.policy import requires, subject_of
from northstar.saving import charts
from northstar.saving.asked import Reader


@requires("chart.save")
@require_safe
def chart_file(request: HttpRequest, key: str, name: str, kind: str) -> HttpResponseBase:
    """A stored drawing as PNG, SVG or CSV; it is not drawn again for whoever has it already."""
    company = company_of(request)
    reader = Reader(subject_of(request), company, clock.now(), request.GET.dict())
    chart = charts.found(key, name, reader) if kind in charts.KINDS else None
    if chart is None:
        raise Http404
    tag = chart.tag(kind)
    kept = get_conditional_response(request, etag=tag)
    if kept is not None:
        kept.headers["ETag"] = tag
        return kept
    try:
        body = charts.written(chart, kind, company=company)
    except PictureError as error:
        return HttpResponse(f"{error}\n", status=422, content_type="text/plain; charset=utf-8")
    response = HttpResponse(body, content_type=charts.KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{chart.filename}.{kind}"'
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response
