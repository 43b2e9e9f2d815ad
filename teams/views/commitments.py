"""Saying whether one is in, and the lead's answers to concerns."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from northstar.lib import clock
from northstar.lib.policy import find, requires
from teams import committing
from teams.forms.commitments import CommitmentForm, ReplyForm
from teams.models import Commitment
from teams.refusing import LifecycleError
from teams.views import omtms


@require_POST
@requires("commitment.answer")
def omtm_commitment(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the answer of whoever asks; what is wrong stands beside it."""
    found = find(request, "commitment.answer", omtms.joined().prefetch_related("reviews"), pk=pk)
    form = CommitmentForm(request.POST)
    if form.is_valid():
        try:
            committing.answer(found, request.user, **form.cleaned_data)
        except LifecycleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, "The team sees your answer. You can change it at any time.")
            return redirect("omtm", pk=pk)
    if found.state not in committing.ASKED:
        messages.error(request, "Nobody is asked about it any more.")
    return omtms.page_of(request, found, commitment=form)


@require_POST
@requires("commitment.reply")
def commitment_reply(request: HttpRequest, pk: int) -> HttpResponse:
    said = find(request, "commitment.reply", Commitment.objects.select_related("omtm", "person"), pk=pk)
    form = ReplyForm(request.POST)
    if form.is_valid():
        try:
            committing.reply(said, text=form.cleaned_data["reply"], actor=request.user, now=clock.now())
        except LifecycleError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{said.person} and the team see what you answered.")
        return redirect("omtm", pk=said.omtm_id)
    found = omtms.joined().prefetch_related("reviews").get(pk=said.omtm_id)
    return omtms.page_of(request, found, reply=(said.pk, form))
