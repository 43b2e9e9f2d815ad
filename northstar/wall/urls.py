"""Routes of screens and of those who look after them."""

from __future__ import annotations

from django.urls import path

from northstar.wall import screens, views

urlpatterns = [
    path("wall/", views.wall, name="wall"),
    path("wall/views/", views.views, name="wall-views"),
    path("wall/state/", views.state, name="wall-state"),
    path("wall/code/", views.pair, name="wall-code"),
    path("screens/", screens.screens, name="screens"),
    path("screens/connect/", screens.pair, name="screen-connect"),
    path("screens/<int:pk>/", screens.change, name="screen"),
    path("screens/<int:pk>/look/", screens.look, name="screen-look"),
    path("screens/<int:pk>/removal/", screens.revoke, name="screen-revoke"),
]
