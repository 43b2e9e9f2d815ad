"""The page that explains the API to whoever writes the program; the schema says the same to machines."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from metrics import pushing
from metrics.api import schemas
from metrics.models.metric import KINDS
from northstar.lib.policy import requires


@requires("account.own")
def api_docs(request: HttpRequest) -> HttpResponse:
    context = {
        "site": settings.SITE_URL,
        "kinds": [(words, pushing.parts_of(kind)) for kind, words in KINDS.items()],
        "counts": schemas.COUNT_WORDS,
        "refusals": schemas.REFUSALS,
    }
    return render(request, "metrics/api_docs.html", context)
