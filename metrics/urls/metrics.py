"""Routes of metrics and their values."""

from __future__ import annotations

from django.urls import path

from metrics.views import backfills, history, metrics, signals, values

urlpatterns = [
    path("metrics/", metrics.metric_list, name="metric-list"),
    path("metrics/new/", metrics.metric_new, name="metric-new"),
    path("metrics/<slug:slug>.csv", metrics.metric_export, name="metric-export"),
    path("metrics/<slug:slug>/", metrics.metric, name="metric"),
    path("metrics/<slug:slug>/edit/", metrics.metric_edit, name="metric-edit"),
    path("metrics/<slug:slug>/values/", values.metric_values, name="metric-values"),
    path("metrics/<slug:slug>/import/", values.metric_import, name="metric-import"),
    path("metrics/<slug:slug>/backfills/", backfills.metric_backfill, name="metric-backfill"),
    path("metrics/<slug:slug>/coverage/", backfills.metric_coverage, name="metric-coverage"),
    path("metrics/<slug:slug>/gaps/", backfills.metric_fill, name="metric-fill"),
    path(
        "metrics/<slug:slug>/backfills/<int:pk>/<slug:verb>/",
        backfills.backfill_move,
        name="metric-backfill-move",
    ),
    path("metrics/<slug:slug>/corrections/", values.metric_take_back, name="metric-take-back"),
    path("metrics/<slug:slug>/pulls/", metrics.metric_pull, name="metric-pull"),
    path("metrics/<slug:slug>/resumption/", metrics.metric_resume, name="metric-resume"),
    path("metrics/<slug:slug>/signals/", signals.metric_signals, name="metric-signals"),
    path("metrics/<slug:slug>/history/", history.metric_history, name="metric-history"),
    path("metrics/<slug:slug>/revisions/", metrics.metric_revisions, name="metric-revisions"),
]
