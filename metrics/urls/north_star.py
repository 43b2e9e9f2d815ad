"""Routes."""

from __future__ import annotations

from django.urls import path

from metrics.views import choice, north_star

urlpatterns = [
    path("north-star/edit/", north_star.edit, name="north-star-edit"),
    path("north-star/targets/", north_star.targets, name="north-star-targets"),
    path("north-star/guardrails/", north_star.guardrails, name="north-star-guardrails"),
    path("north-star/<int:pk>/edit/", north_star.edit, name="north-star-unit-edit"),
    path("north-star/<int:pk>/targets/", north_star.targets, name="north-star-unit-targets"),
    path("north-star/<int:pk>/guardrails/", north_star.guardrails, name="north-star-unit-guardrails"),
    path("north-star/gallery/", choice.gallery_page, name="north-star-gallery"),
    path("north-star/choice/", choice.choices, name="north-star-choice"),
    path("north-star/choice/<int:pk>/", choice.story, name="north-star-choice-story"),
    path("north-star/choice/<int:pk>/removal/", choice.drop, name="north-star-choice-drop"),
    path("north-star/choice/<int:pk>/<slug:step>/", choice.step, name="north-star-choice-step"),
]
