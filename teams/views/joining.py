"""Coming in: inviting somebody, joining by a link, the first admin."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from northstar.lib import clock
from northstar.lib.policy import requires
from teams import founding, inviting
from teams.channels.invitations import send
from teams.forms.people import InviteForm, JoinForm, SetupForm
from teams.models import Invitation, User

BACKEND = "django.contrib.auth.backends.ModelBackend"
PAGES = ["GET", "HEAD", "POST"]


@requires("people.edit")
@require_http_methods(PAGES)
def invitation_new(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the answer shows the link, once."""
    form = InviteForm(request.POST or None)
    crumbs = [("Settings", reverse("settings")), ("People", reverse("people")), ("Invite somebody", "")]
    context = {"form": form, "breadcrumbs": crumbs}
    if request.method != "POST" or not form.is_valid():
        return render(request, "people/invite.html", context, status=422 if form.is_bound else 200)
    fields = dict(form.cleaned_data)
    invitation, token = inviting.invite(fields.pop("email"), actor=request.user, now=clock.now(), **fields)
    # Shown in the answer itself: a redirect would have to keep the link somewhere.
    link = settings.SITE_URL + reverse("invitation", args=[token])
    context |= {"invitation": invitation, "link": link, "problem": send(invitation, link)}
    return render(request, "people/invited.html", context, status=201)


@requires("people.edit")
@require_POST
def invitation_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(Invitation, pk=pk, purpose="invite")
    if inviting.revoke(invitation, actor=request.user, now=clock.now()):
        messages.success(request, f"The invitation for {invitation.email} no longer works.")
    else:
        messages.info(request, f"The invitation for {invitation.email} was used or taken back already.")
    return redirect("people")


@requires("public")
@require_http_methods(PAGES)
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation: name, password, and in."""
    try:
        invited = inviting.usable(token, now=clock.now())
        form = JoinForm(request.POST or None, email=invited.email, initial={"name": invited.name})
        if request.method == "POST" and form.is_valid():
            user = inviting.accept(token, now=clock.now(), **form.cleaned_data)
            return _come_in(request, user)
    except inviting.LinkError as problem:
        return _dead_link(request, problem)
    context = {"form": form, "invitation": invited}
    return render(request, "people/join.html", context, status=422 if form.is_bound else 200)


@requires("public")
@require_http_methods(PAGES)
@sensitive_post_parameters("password")
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """The first admin; no such page as soon as anybody has an account."""
    try:
        founding.usable(token, now=clock.now())
        form = SetupForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return _come_in(request, founding.found(token, now=clock.now(), **form.cleaned_data))
    except inviting.LinkError as problem:
        if problem.unknown:
            raise Http404 from None
        return _dead_link(request, problem)
    return render(request, "people/setup.html", {"form": form}, status=422 if form.is_bound else 200)


def _come_in(request: HttpRequest, user: User) -> HttpResponse:
    login(request, user, backend=BACKEND)
    messages.success(request, f"Welcome, {user}.")
    return redirect("home")


def _dead_link(request: HttpRequest, problem: inviting.LinkError) -> HttpResponse:
    status = 404 if problem.unknown else 410
    return render(request, "people/dead_link.html", {"problem": problem}, status=status)
