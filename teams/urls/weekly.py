"""Routes of the weekly review."""

from __future__ import annotations

from django.urls import path

from teams.views import weekly

urlpatterns = [
    path("weekly/", weekly.weekly, name="weekly"),
    path("weekly/freezing/", weekly.weekly_freeze, name="weekly-freeze"),
    path("weekly/<str:week>/", weekly.weekly_past, name="weekly-past"),
    path("weekly/<str:week>/remarks/", weekly.weekly_remark, name="weekly-remark"),
]
