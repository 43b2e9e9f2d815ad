"""Small pages on which a bet is changed on its way: more time, another target, back to draft, withdrawn …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from metrics.models import Company
from northstar.lib import clock
from northstar.lib.policy import demand, find, requires
from teams import change_pages, drafting, goal_posts, lifecycle, succeeding
from teams.change_pages import Change
from teams.forms import changes as asking
from teams.models import Omtm
from teams.refusing import LifecycleError

TEAMS = "/teams/"


@requires("omtm.move_goal")
def omtm_extend(request: HttpRequest, pk: int) -> HttpResponse:
    omtm, today = find(request, "omtm.move_goal", _joined(), pk=pk), _today()
    form = asking.ExtendForm(request.POST or None, omtm=omtm, latest=goal_posts.last_end(omtm))
    return _page(request, change_pages.extension(omtm, today), form, goal_posts.extend, today=today)


@requires("omtm.move_goal")
def omtm_retarget(request: HttpRequest, pk: int) -> HttpResponse:
    omtm, today = find(request, "omtm.move_goal", _joined(), pk=pk), _today()
    early = today <= goal_posts.last_free_day(omtm)
    form = asking.RetargetForm(request.POST or None, omtm=omtm, early=early)
    return _page(request, change_pages.retarget(omtm, today), form, goal_posts.retarget, today=today)


@requires("omtm.review")
def omtm_open_review(request: HttpRequest, pk: int) -> HttpResponse:
    omtm, today = find(request, "omtm.review", _joined(), pk=pk), _today()
    form = asking.EarlyReviewForm(request.POST or None)
    return _page(request, change_pages.early_review(omtm, today), form, lifecycle.open_review, today=today)


@requires("omtm.send_back")
def omtm_send_back(request: HttpRequest, pk: int) -> HttpResponse:
    omtm, today = find(request, "omtm.send_back", _joined(), pk=pk), _today()
    form = asking.SendBackForm(request.POST or None)
    return _page(request, change_pages.back(omtm), form, drafting.send_back, today=today)


@requires("candidate.withdraw")
def omtm_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    omtm, today = find(request, "candidate.withdraw", _joined(), pk=pk), _today()
    demand(request, change_pages.withdrawing(omtm), omtm)
    form = asking.WithdrawForm(request.POST or None)
    return _page(request, change_pages.withdrawal(omtm), form, lifecycle.withdraw, today=today)


@requires("omtm.approve")
def omtm_approve(request: HttpRequest, pk: int) -> HttpResponse:
    omtm, today = find(request, "omtm.approve", _joined(), pk=pk), _today()
    form = asking.ApproveForm(request.POST if request.method == "POST" else None)
    return _page(request, change_pages.approval(omtm), form, lifecycle.approve, today=today)


@requires("omtm.follow")
def omtm_follow(request: HttpRequest, pk: int) -> HttpResponse:
    omtm, today = find(request, "omtm.follow", _joined(), pk=pk), _today()
    form = asking.FollowForm(request.POST or None)
    return _page(request, change_pages.succession(omtm), form, _follow, today=today)


def _follow(omtm: Omtm, *, how: str, metric_idea: str, reason: str, actor: Any, today: date) -> Omtm:
    if how == succeeding.RENEW:
        return succeeding.renew(omtm, actor=actor, today=today)
    return succeeding.replace(omtm, actor=actor, today=today, metric_idea=metric_idea, reason=reason)


def _page(
    request: HttpRequest, change: Change, form: forms.Form, deed: Callable[..., Omtm], *, today: date
) -> HttpResponse:
    """Show the form with what follows from it; do the deed, and lead to where it goes on."""
    omtm = change.omtm
    if change.refusal:
        messages.info(request, change.refusal)
        return redirect("omtm", pk=omtm.pk)
    if request.method == "POST" and form.is_valid():
        try:
            done = deed(omtm, actor=request.user, today=today, **form.cleaned_data)
        except LifecycleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _said(change, done))
            return redirect(_onwards(change, done))
    team = (omtm.team.name, reverse("team", args=[omtm.team.slug]))
    crumbs = [("Teams", TEAMS), team, (omtm.name, reverse("omtm", args=[omtm.pk])), (change.title, "")]
    context = {"omtm": omtm, "change": change, "form": form, "breadcrumbs": crumbs}
    refused = form.is_bound and not form.is_valid()
    return render(request, "teams/omtm_change.html", context, status=422 if refused else 200)


def _said(change: Change, done: Omtm) -> str:
    begun = "has begun" if done.state == "active" else "is committed"
    return {
        "omtm-approve": f"{done} is approved and {begun}.",
        "omtm-extend": f"{done} has more time. The first end stays on the record.",
        "omtm-retarget": f"{done} has a new target. The old one stays on the record.",
        "omtm-open-review": f"The closing review of {done} is open.",
        "omtm-send-back": f"{done} is a draft again.",
        "omtm-withdraw": f"{done} was withdrawn.",
        "omtm-follow": f"{done} follows {change.omtm}. Answer what is open.",
    }[change.route]


def _onwards(change: Change, done: Omtm) -> str:
    slug = change.omtm.team.slug
    if change.route == "omtm-withdraw":
        return reverse("team", args=[slug])
    if change.route == "omtm-follow":
        return f"{reverse('omtm-new', args=[slug])}?candidate={done.pk}"
    return reverse("omtm", args=[done.pk])


def _joined() -> Any:
    return Omtm.objects.select_related("team", "metric", "approval_asked_by")


def _today() -> date:
    return clock.today(Company.current().zone)
