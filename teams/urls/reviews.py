"""Routes of reviews."""

from __future__ import annotations

from django.urls import path

from teams.views import reviews

urlpatterns = [
    path("reviews/", reviews.review_list, name="review-list"),
    path("reviews/reminders/<int:pk>/seen/", reviews.reminder_seen, name="reminder-seen"),
    path("omtms/<int:pk>/half-way/", reviews.omtm_midpoint, name="omtm-midpoint"),
    path("north-star/review/", reviews.north_star_review, name="north-star-review"),
]
