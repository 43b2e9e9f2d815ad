"""Routes of sources, their tokens, and trials."""

from __future__ import annotations

from django.urls import URLPattern, path

from metrics.views import pull_log, schedules, sources, tokens, trials

urlpatterns: list[URLPattern] = [
    path("sources/", sources.source_list, name="source-list"),
    path("sources/new/<slug:kind>/", sources.source_new, name="source-new"),
    path("sources/next-runs/", schedules.next_runs, name="source-next-runs"),
    path("sources/pulls/", pull_log.pull_log, name="source-log"),
    path("sources/kinds/<slug:kind>/", pull_log.source_kind, name="source-kind"),
    path("sources/<slug:slug>/", sources.source, name="source"),
    path("sources/<slug:slug>/edit/", sources.source_edit, name="source-edit"),
    path("sources/<slug:slug>/pulls/", sources.source_pull, name="source-pull"),
    path("sources/<slug:slug>/pause/", sources.source_pause, name="source-pause"),
    path("sources/<slug:slug>/resumption/", sources.source_resume, name="source-resume"),
    path("sources/<slug:slug>/archive/", sources.source_archive, name="source-archive"),
    path("sources/<slug:slug>/tokens/", tokens.token_new, name="source-token-new"),
    path("sources/<slug:slug>/tokens/<int:pk>/revocation/", tokens.token_revoke, name="source-token-revoke"),
    path("trials/", trials.trial_new, name="trial-new"),
    path("trials/<uuid:uid>/", trials.trial, name="trial"),
]
