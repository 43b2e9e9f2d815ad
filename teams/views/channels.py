"""Chats: what is connected, connecting one, changing it, testing it, taking it away."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import demand, find, requires, subject_of
from teams.channels import connecting, pages, registry, trying
from teams.channels.base import BadField
from teams.forms.channels import ChannelForm
from teams.models import Channel

CRUMB = ("Chats", "/channels/")


@require_GET
@requires("channel.own")
def channel_list(request: HttpRequest) -> HttpResponse:
    subject, company = subject_of(request), Company.current()
    context = {
        "company": company,
        "rows": pages.listed(request.user, subject, company),
        "tiles": pages.tiles(subject),
    }
    return render(request, "channels/channel_list.html", context)


@sensitive_post_parameters()
@requires("channel.own")
def channel_new(request: HttpRequest, kind: str) -> HttpResponse:
    found = registry.KINDS.get(kind)
    if found is None:
        raise Http404
    if found.admins_only:
        demand(request, "source.edit")
    command, typed = found.missing(), request.POST if request.method == "POST" else None
    form = ChannelForm(typed, kind=found, actor=request.user, subject=subject_of(request))
    if typed is not None and not command and form.is_valid():
        made = connecting.connect(found, form.wanted, actor=request.user, person=form.person, team=form.team)
        messages.success(request, f"{made.label} is connected. Test it once.")
        return redirect("channel", pk=made.pk)
    context = {"form": form, "kind": found, "command": command, "blocks": pages.how_to(found)}
    context["breadcrumbs"] = [CRUMB, (found.label, "")]
    return render(request, "channels/channel_new.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters()
@requires("channel.edit")
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    kind, typed = registry.KINDS.get(found.kind), request.POST if request.method == "POST" else None
    form = kind and ChannelForm(
        typed, kind=kind, actor=request.user, subject=subject_of(request), channel=found
    )
    if form and typed is not None and form.is_valid():
        try:
            changed = connecting.change(found, form.wanted, actor=request.user)
            messages.success(request, "The chat was saved." if changed else "Nothing was changed.")
            return redirect("channel", pk=pk)
        except BadField as error:
            form.refuse(error)
    context = _context(found, request) | {"form": form, "kind": kind}
    return render(request, "channels/channel.html", context, status=422 if form and form.errors else 200)


@requires("channel.edit")
def channel_test(request: HttpRequest, pk: int) -> HttpResponse:
    """POST asks for a test, GET looks what came of it: as part of the chat's page, or that page itself."""
    found, status, problem = _find(request, pk), 200, ""
    if request.method == "POST":
        try:
            trying.begin(found, actor=request.user)
        except trying.TooMany as error:
            status, problem = 429, str(error)
    context = _context(found, request) | {"problem": problem, "oob": True}
    if request.headers.get("HX-Request") == "true":
        return render(request, "channels/_test.html", context, status=status)
    if problem:
        messages.error(request, problem)
    return redirect("channel", pk=pk)


@require_POST
@requires("channel.edit")
def channel_remove(request: HttpRequest, pk: int) -> HttpResponse:
    found = _find(request, pk)
    connecting.remove(found, actor=request.user, now=clock.now())
    messages.success(request, f"{found.label} was removed. What was entered for it is gone.")
    return redirect("channels")


def _find(request: HttpRequest, pk: int) -> Channel:
    """A chat that this person may change; what is somebody else's own is not even there."""
    return find(request, "channel.edit", pages.reachable(request.user), pk=pk)


def _context(found: Channel, request: HttpRequest) -> dict[str, object]:
    company = Company.current()
    state, words = pages.standing(found)
    return {
        "channel": found,
        "state": state,
        "words": words,
        "reads": pages.reads(found, company),
        "look": trying.look(found, actor=request.user, now=clock.now()),
        "company": company,
        "breadcrumbs": [CRUMB, (found.label, "")],
    }
