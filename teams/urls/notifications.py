"""Routes of what a person hears: the inbox, and turning things off."""

from __future__ import annotations

from django.urls import path

from teams.views import unsubscribe

urlpatterns = [
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
]
