"""Pages of links: those that there are, a new one, and what a link opens."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from northstar.home.navigation import company_of
from northstar.lib import clock
from northstar.lib.policy import ADMIN, find, requires, subject_of
from northstar.sharing import giving, listing, opening, pages
from northstar.sharing.forms import ShareForm
from teams.models import ShareLink

CRUMB = ("Shared pages", "/shares/")
SETTING = "Sharing is off in this company. An admin can change that in the settings."
NOTHING = "There is nothing at that address that can be shared. Open the page, then choose Share at its top."


@requires("public")
@require_safe
def shared_page(request: HttpRequest, secret: str) -> HttpResponse:
    """One page for whoever has the address; nothing else of the request is looked at."""
    return opening.answer(secret, now=clock.now(), counts=request.method == "GET")


@requires("share.view")
@require_safe
def share_list(request: HttpRequest) -> HttpResponse:
    """The links of this person; for admins, everybody's."""
    subject, company = subject_of(request), company_of(request)
    whole = ADMIN in subject.grants
    context = {
        "rows": listing.rows(subject, whole=whole, company=company, now=clock.now()),
        "whole": whole,
        "can_share": giving.may_share(company, subject),
    }
    return render(request, "sharing/list.html", context)


@requires("share.create")
@require_http_methods(["GET", "HEAD", "POST"])
def share_new(request: HttpRequest) -> HttpResponse:
    """Make a link to the page that the address names, and show it once."""
    _demand_sharing(request)
    found = pages.at(request.GET.get("page", ""))
    content = found.content(company_of(request), clock.now()) if found else None
    if found is None or content is None:
        messages.error(request, NOTHING)
        return redirect("share-list")
    title = str(content["title"])
    form = ShareForm(request.POST or None)
    context = {"form": form, "title": title, "page": found, "breadcrumbs": [CRUMB, ("New link", "")]}
    if request.method == "POST" and form.is_valid():
        try:
            link, secret = giving.give(found.path, **form.cleaned_data, actor=request.user, now=clock.now())
            return _shown_once(request, link, secret, title)
        except giving.SharingError as error:
            form.add_error(None, str(error))
    return render(request, "sharing/new.html", context, status=422 if form.is_bound else 200)


@requires("share.renew")
@require_POST
def share_renew(request: HttpRequest, pk: int) -> HttpResponse:
    """A new address in the place of the one before."""
    link = find(request, "share.renew", ShareLink.objects.all(), pk=pk)
    _demand_sharing(request)
    try:
        secret = giving.renew(link, actor=request.user, now=clock.now())
    except giving.SharingError as error:
        messages.error(request, str(error))
        return redirect("share-list")
    link.refresh_from_db()
    return _shown_once(request, link, secret, link.path)


@requires("share.revoke")
@require_POST
def share_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    link = find(request, "share.revoke", ShareLink.objects.all(), pk=pk)
    giving.revoke(link, actor=request.user, now=clock.now())
    messages.success(request, f"“{link.label}” opens nothing any more.")
    return redirect("share-list")


def _demand_sharing(request: HttpRequest) -> None:
    if not giving.may_share(company_of(request), subject_of(request)):
        raise PermissionDenied(SETTING)


def _shown_once(request: HttpRequest, link: ShareLink, secret: str, title: str) -> HttpResponse:
    # Shown in the answer itself: a redirect would have to keep the address somewhere.
    context: dict[str, Any] = {
        "link": link,
        "title": title,
        "address": settings.SITE_URL + reverse("shared-page", args=[secret]),
        "zone": company_of(request).zone,
        "breadcrumbs": [CRUMB, ("New link", "")],
    }
    return render(request, "sharing/made.html", context, status=201)
