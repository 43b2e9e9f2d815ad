"""Routes of chats."""

from __future__ import annotations

from django.urls import path

from teams.views import channels

urlpatterns = [
    path("channels/", channels.channel_list, name="channels"),
    path("channels/new/<slug:kind>/", channels.channel_new, name="channel-new"),
    path("channels/<int:pk>/", channels.channel, name="channel"),
    path("channels/<int:pk>/test/", channels.channel_test, name="channel-test"),
    path("channels/<int:pk>/remove/", channels.channel_remove, name="channel-remove"),
]
