"""Routes of funnels and their steps."""

from __future__ import annotations

from django.urls import path

from teams.views import funnel_steps, funnels

STEP = "funnel/<slug:slug>/steps/<int:pk>/"

urlpatterns = [
    path("funnel/", funnels.first, name="funnel"),
    path("funnel/new/", funnels.new, name="funnel-new"),
    path("funnel/<slug:slug>/", funnels.page, name="funnel-page"),
    path("funnel/<slug:slug>/settings/", funnels.settings, name="funnel-settings"),
    path("funnel/<slug:slug>/removal/", funnels.remove, name="funnel-remove"),
    path("funnel/<slug:slug>/steps/", funnel_steps.edit, name="funnel-steps"),
    path("funnel/<slug:slug>/steps/new/", funnel_steps.new, name="funnel-step-new"),
    path(STEP, funnel_steps.change, name="funnel-step"),
    path(f"{STEP}counts/", funnel_steps.counts, name="funnel-step-counts"),
    path(
        "funnel/<slug:slug>/steps/<int:pk>/benchmark/", funnel_steps.benchmark, name="funnel-step-benchmark"
    ),
    path(f"{STEP}removal/", funnel_steps.remove, name="funnel-step-remove"),
    path(f"{STEP}candidate/", funnels.candidate, name="funnel-step-candidate"),
]
