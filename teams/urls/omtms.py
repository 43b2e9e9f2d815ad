"""Routes of OMTMs."""

from __future__ import annotations

from django.urls import path

from teams.views import omtms

urlpatterns = [
    path("teams/<slug:slug>/omtms/new/", omtms.omtm_new, name="omtm-new"),
    path("teams/<slug:slug>/omtms/preview/", omtms.omtm_preview, name="omtm-preview"),
    path("omtms/", omtms.omtm_archive, name="omtm-archive"),
    path("omtms/<int:pk>/", omtms.omtm, name="omtm"),
    path("omtms/<int:pk>/withdrawal/", omtms.omtm_withdraw, name="omtm-withdraw"),
]
