"""Routes of teams, and of how they all work."""

from __future__ import annotations

from django.urls import path

from teams.views import exceptions, rituals, teams

urlpatterns = [
    path("teams/", teams.team_list, name="team-list"),
    path("teams/new/", teams.team_new, name="team-new"),
    path("teams/<slug:slug>/", teams.team, name="team"),
    path("teams/<slug:slug>/edit/", teams.team_edit, name="team-edit"),
    path("teams/<slug:slug>/members/", teams.team_members, name="team-members"),
    path("teams/<slug:slug>/exceptions/", exceptions.exception_grant, name="exception-grant"),
    path("exceptions/<int:pk>/revocation/", exceptions.exception_revoke, name="exception-revoke"),
    path("settings/rituals/", rituals.rituals, name="rituals"),
]
