"""Routes of what was learnt."""

from __future__ import annotations

from django.urls import path

from teams.views import lessons

urlpatterns = [
    path("lessons/", lessons.lesson_list, name="lessons"),
    path("lessons/bets/", lessons.lesson_bets, name="lessons-bets"),
    path("omtms/", lessons.omtm_archive, name="omtm-archive"),
]
