"""Routes of what a person hears: the inbox, and turning things off."""

from __future__ import annotations

from django.urls import path

from teams.views import inbox, notifications, snoozes, unsubscribe

urlpatterns = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("told/<int:pk>/", inbox.told, name="told"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/off/", notifications.notification_off, name="notification-off"),
    path("omtms/<int:pk>/later/", snoozes.omtm_later, name="omtm-later"),
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
]
