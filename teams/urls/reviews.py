"""Routes of reviews."""

from __future__ import annotations

from django.urls import path

from teams.views import closing, reviews

urlpatterns = [
    path("reviews/", reviews.review_list, name="review-list"),
    path("reviews/reminders/<int:pk>/seen/", reviews.reminder_seen, name="reminder-seen"),
    path("reviews/<int:pk>/", closing.review, name="review"),
    path("reviews/<int:pk>/minutes/", closing.review_minutes, name="review-minutes"),
    path("omtms/<int:pk>/retirement/", closing.omtm_retire, name="omtm-retire"),
    path("omtms/<int:pk>/drafts/<slug:kind>/", closing.review_draft, name="review-draft"),
    path("omtms/<int:pk>/half-way/", reviews.omtm_midpoint, name="omtm-midpoint"),
    path("north-star/review/", reviews.north_star_review, name="north-star-review"),
]
