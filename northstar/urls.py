"""All routes; every app lists its own beside its views."""

from __future__ import annotations

from django.urls import include, path

from northstar import status

urlpatterns = [
    path("healthz", status.healthz, name="healthz"),
    path("readyz", status.readyz, name="readyz"),
    path("accounts/", include("teams.urls.accounts")),
    path("api/v1/", include("metrics.api.urls")),
    path("", include("northstar.home.urls")),
    path("", include("northstar.portfolio.urls")),
    path("", include("northstar.wall.urls")),
    path("", include("northstar.saving.urls")),
    path("", include("northstar.sharing.urls")),
    path("", include("metrics.urls.north_star")),
    path("", include("metrics.urls.metrics")),
    path("", include("metrics.urls.sources")),
    path("", include("teams.urls.teams")),
    path("", include("teams.urls.events")),
    path("", include("teams.urls.lessons")),
    path("", include("teams.urls.funnels")),
    path("", include("teams.urls.omtms")),
    path("", include("teams.urls.candidates")),
    path("", include("teams.urls.check_ins")),
    path("", include("teams.urls.reviews")),
    path("", include("teams.urls.notifications")),
    path("", include("teams.urls.channels")),
    path("", include("teams.urls.weekly")),
    path("", include("teams.urls.calendars")),
    path("", include("teams.urls.calibration")),
    path("", include("teams.urls.alerts")),
    path("", include("teams.urls.people")),
]
