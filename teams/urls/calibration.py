"""Routes of forecasts held against what happened."""

from __future__ import annotations

from django.urls import path

from teams.views import calibration

urlpatterns = [
    path("calibration/", calibration.calibration, name="calibration"),
]
