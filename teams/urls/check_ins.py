"""Routes of check-ins."""

from __future__ import annotations

from django.urls import path

from teams.views import check_ins

urlpatterns = [
    path("check-in/<str:token>/", check_ins.check_in_link, name="check-in-link"),
    path("omtms/<int:pk>/check-in/", check_ins.omtm_check_in, name="omtm-check-in"),
]
