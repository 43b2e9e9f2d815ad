"""Routes of OMTMs."""

from __future__ import annotations

from django.urls import path

from teams.views import changes, omtms, starting

urlpatterns = [
    path("teams/<slug:slug>/omtms/new/", starting.omtm_new, name="omtm-new"),
    path("teams/<slug:slug>/omtms/preview/", starting.omtm_preview, name="omtm-preview"),
    path("omtms/<int:pk>/", omtms.omtm, name="omtm"),
    path("omtms/<int:pk>/withdrawal/", changes.omtm_withdraw, name="omtm-withdraw"),
    path("omtms/<int:pk>/draft/", changes.omtm_send_back, name="omtm-send-back"),
    path("omtms/<int:pk>/approval/", changes.omtm_approve, name="omtm-approve"),
    path("omtms/<int:pk>/extension/", changes.omtm_extend, name="omtm-extend"),
    path("omtms/<int:pk>/target/", changes.omtm_retarget, name="omtm-retarget"),
    path("omtms/<int:pk>/early-review/", changes.omtm_open_review, name="omtm-open-review"),
    path("omtms/<int:pk>/next/", changes.omtm_follow, name="omtm-follow"),
]
