"""Testing a North Star anew when somebody asks for it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from metrics.aiming import SteeringError
from metrics.models import NorthStar
from northstar.lib import clock
from northstar.lib.policy import find, requires
from teams import retesting


@requires("north_star.review")
@require_POST
def retest(request: HttpRequest, pk: int) -> HttpResponse:
    """Test it with what is stored now, and show the findings on its page."""
    star = find(request, "north_star.review", NorthStar.objects.filter(state="active"), pk=pk)
    try:
        test = retesting.retest(star, now=clock.now(), actor=request.user)
    except SteeringError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Tested. {test.words}")
    return redirect("north-star", pk)
