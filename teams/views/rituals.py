"""The page on which leaders and admins agree how the company works with its bets."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from metrics.models import Company
from northstar.lib.policy import may, requires, subject_of
from teams import agreeing
from teams.forms.rituals import RitualsForm


@requires("rituals.edit")
def rituals(request: HttpRequest) -> HttpResponse:
    form = RitualsForm(request.POST if request.method == "POST" else None, company=Company.current())
    if request.method == "POST" and form.is_valid():
        changed = agreeing.agree(form.cleaned_data, actor=request.user)
        messages.success(request, "The rituals were saved." if changed else "Nothing was changed.")
        return redirect("rituals")
    settings = may(subject_of(request), "settings.edit")
    crumbs = [("Settings", "/settings/" if settings else ""), ("Rituals", "")]
    switches = [form[name] for name in ("two_key_commit", "commitment_quorum", "blind_scoring")]
    context = {"form": form, "switches": switches, "breadcrumbs": crumbs}
    return render(request, "settings/rituals.html", context, status=422 if form.errors else 200)
