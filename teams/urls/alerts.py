"""Routes of alerts."""

from __future__ import annotations

from django.urls import path

from teams.views import alerts

urlpatterns = [
    path("alerts/", alerts.alert_list, name="alerts"),
    path("alerts/new/", alerts.alert_new, name="alert-new"),
    path("alerts/preview/<slug:slug>/", alerts.alert_preview, name="alert-preview"),
    path("alerts/<int:pk>/", alerts.alert_edit, name="alert-edit"),
    path("alerts/<int:pk>/mute/", alerts.alert_mute, name="alert-mute"),
    path("alerts/<int:pk>/removal/", alerts.alert_remove, name="alert-remove"),
    path("alerts/quiet/<str:token>/", alerts.alert_quiet, name="alert-quiet"),
]
