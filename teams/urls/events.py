"""Routes of events: pages, keys, and the API."""

from __future__ import annotations

from django.urls import path

from teams.events.api import Event, Events
from teams.views import events

urlpatterns = [
    path("events/", events.listed, name="events"),
    path("events/keys/new/", events.key_new, name="event-key-new"),
    path("events/keys/<int:pk>/revocation/", events.key_revoke, name="event-key-revoke"),
    path("annotations/new/", events.new, name="annotation-new"),
    path("annotations/<int:pk>/", events.change, name="annotation-change"),
    path("annotations/<int:pk>/removal/", events.remove, name="annotation-delete"),
    path("api/v1/events/", Events.as_view(), name="api-events"),
    path("api/v1/events/<str:name>/", Event.as_view(), name="api-event"),
]
