"""Routes of commitments."""

from __future__ import annotations

from django.urls import path

from teams.views import commitments

urlpatterns = [
    path("omtms/<int:pk>/commitment/", commitments.omtm_commitment, name="omtm-commitment"),
    path("commitments/<int:pk>/reply/", commitments.commitment_reply, name="commitment-reply"),
]
