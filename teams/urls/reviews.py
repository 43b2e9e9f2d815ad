"""Routes of reviews."""

from __future__ import annotations

from django.urls import path

from teams.views import closing, fitness, half_way, meetings, reviews

urlpatterns = [
    path("reviews/", reviews.review_list, name="review-list"),
    path("reviews/reminders/<int:pk>/seen/", reviews.reminder_seen, name="reminder-seen"),
    path("reviews/run/", meetings.review_run, name="review-run"),
    path("reviews/run/<int:pk>/", meetings.review_run_omtm, name="review-run-omtm"),
    path("reviews/meetings/<str:day>/", meetings.review_meeting, name="review-meeting"),
    path("reviews/meetings/<str:day>/closing/", meetings.review_meeting_close, name="review-meeting-close"),
    path("reviews/meetings/<str:day>/next.ics", meetings.review_meeting_next, name="review-meeting-next"),
    path("omtms/<int:pk>/reviews.ics", meetings.omtm_calendar, name="omtm-calendar"),
    path("reviews/<int:pk>/", closing.review, name="review"),
    path("reviews/<int:pk>/minutes/", closing.review_minutes, name="review-minutes"),
    path("omtms/<int:pk>/retirement/", closing.omtm_retire, name="omtm-retire"),
    path("omtms/<int:pk>/drafts/<slug:kind>/", closing.review_draft, name="review-draft"),
    path("omtms/<int:pk>/half-way/", half_way.omtm_midpoint, name="omtm-midpoint"),
    path("north-star/<int:pk>/fitness/", fitness.retest, name="north-star-retest"),
    path("north-star/review/", reviews.north_star_review, name="north-star-review"),
    path("north-star/<int:pk>/review/", reviews.north_star_review, name="north-star-unit-review"),
]
