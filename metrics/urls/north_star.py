"""Routes."""

from __future__ import annotations

from django.urls import path

from metrics.views import north_star

urlpatterns = [
    path("north-star/edit/", north_star.edit, name="north-star-edit"),
    path("north-star/targets/", north_star.targets, name="north-star-targets"),
]
