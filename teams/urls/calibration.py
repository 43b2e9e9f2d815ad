"""Routes of forecasts and beliefs held against what happened."""

from __future__ import annotations

from django.urls import path

from teams.views import calibration

urlpatterns = [
    path("calibration/", calibration.calibration, name="calibration"),
    path("omtms/<int:pk>/confidence/", calibration.omtm_confidence, name="omtm-confidence"),
]
