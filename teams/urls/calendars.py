"""Routes of calendars."""

from __future__ import annotations

from django.urls import path

from teams.views import calendars

urlpatterns = [
    path("calendars/", calendars.calendars, name="calendars"),
    path("calendars/new/", calendars.calendar_new, name="calendar-new"),
    path("calendars/<int:pk>/end/", calendars.calendar_end, name="calendar-end"),
    path("feeds/<str:secret>.ics", calendars.calendar_feed, name="calendar-feed"),
]
