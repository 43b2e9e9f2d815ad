"""Routes of check-ins."""

from __future__ import annotations

from django.urls import path

from teams.views import check_ins

urlpatterns = [
    path("omtms/<int:pk>/check-in/", check_ins.omtm_check_in, name="omtm-check-in"),
]
