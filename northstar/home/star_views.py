"""The page of one North Star: the company's, a business unit's, or one that ended."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from metrics.models import NorthStar
from northstar.home import star_page
from northstar.home.navigation import company_of
from northstar.lib import clock
from northstar.lib.policy import requires


@requires("north_star.view")
def star(request: HttpRequest, pk: int) -> HttpResponse:
    """Its chart and its whole story, for everybody to read."""
    rows = NorthStar.objects.select_related("owner", "parent").exclude(state="draft")
    found = get_object_or_404(rows, pk=pk)
    today = clock.today(company_of(request).zone)
    context = star_page.compose(found, today=today, shown=request.GET.get("range", ""))
    context["breadcrumbs"] = [("North Star", reverse("home")), (found.name, "")]
    return render(request, "north_star/star.html", context)
