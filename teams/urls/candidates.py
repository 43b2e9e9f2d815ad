"""Routes of candidates and commitments."""

from __future__ import annotations

from django.urls import path

from teams.views import candidates, commitments

urlpatterns = [
    path("teams/<slug:slug>/candidates/", candidates.candidates, name="candidates"),
    path("teams/<slug:slug>/candidates/new/", candidates.candidate_new, name="candidate-new"),
    path("omtms/<int:pk>/idea/", candidates.candidate_edit, name="candidate-edit"),
    path("omtms/<int:pk>/proposal/", candidates.candidate_propose, name="candidate-propose"),
    path("omtms/<int:pk>/scores/", candidates.candidate_score, name="candidate-score"),
    path("omtms/<int:pk>/scores/round/", candidates.candidate_round, name="candidate-round"),
    path("omtms/<int:pk>/commitment/", commitments.omtm_commitment, name="omtm-commitment"),
    path("commitments/<int:pk>/reply/", commitments.commitment_reply, name="commitment-reply"),
]
