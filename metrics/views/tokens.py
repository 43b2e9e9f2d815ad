"""Keys with which programs push values: made and shown once, revoked."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from metrics import pushing
from metrics.forms.tokens import TokenForm
from metrics.models import PushToken, Source
from northstar.lib.policy import find, requires

PUSH_SOURCES = Source.objects.listed().filter(kind="push")


@requires("token.manage")
def token_new(request: HttpRequest, slug: str) -> HttpResponse:
    source = find(request, "token.manage", PUSH_SOURCES.all(), slug=slug)
    form = TokenForm(request.POST or None)
    context = {
        "source": source,
        "form": form,
        "breadcrumbs": [
            ("Data sources", "/sources/"),
            (source.name, reverse("source", args=[slug])),
            ("New key", ""),
        ],
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, "metrics/source_token_new.html", context, status=422 if form.errors else 200)
    token, text = pushing.issue(
        source, form.cleaned_data["label"], days=form.cleaned_data["days"], actor=request.user
    )
    # Shown in the answer itself: a redirect would have to keep the text somewhere.
    context |= {"token": token, "text": text, "address": _address(source)}
    return render(request, "metrics/source_token.html", context, status=201)


@require_POST
@requires("token.manage")
def token_revoke(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    source = find(request, "token.manage", PUSH_SOURCES.all(), slug=slug)
    token = get_object_or_404(PushToken, pk=pk, source=source)
    pushing.revoke(token, actor=request.user)
    messages.success(request, f"The key {token} no longer works.")
    return redirect("source", slug=slug)


def _address(source: Source) -> str:
    metric = source.metrics.listed().values_list("slug", flat=True).first()
    return settings.SITE_URL + reverse("api-observations", args=[metric or "your-metric"])
