"""Routes."""

from __future__ import annotations

from django.urls import path

from northstar import status
from northstar.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("status/", status.status, name="status"),
    path("settings/", views.settings, name="settings"),
    path("annotations/new/", views.annotation_new, name="annotation-new"),
    path("annotations/<int:pk>/removal/", views.annotation_delete, name="annotation-delete"),
]
