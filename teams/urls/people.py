"""Routes of people, invitations and the first admin."""

from __future__ import annotations

from django.urls import URLPattern, path

from teams.views import joining, people

_INVITATIONS = "settings/people/invitations/"
_PERSON = "settings/people/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path("settings/people/", people.people, name="people"),
    path(_INVITATIONS + "new/", joining.invitation_new, name="invitation-new"),
    path(_INVITATIONS + "<int:pk>/revocation/", joining.invitation_revoke, name="invitation-revoke"),
    path(_PERSON, people.person, name="person"),
    path(_PERSON + "grants/", people.grants, name="person-grants"),
    path(_PERSON + "teams/", people.teams, name="person-teams"),
    path(_PERSON + "teams/<slug:slug>/leaving/", people.team_leave, name="person-team-leave"),
    path(_PERSON + "deactivation/", people.deactivate, name="person-deactivate"),
    path(_PERSON + "reactivation/", people.reactivate, name="person-reactivate"),
    path("join/<str:token>/", joining.invitation, name="invitation"),
    path("setup/<str:token>/", joining.setup, name="setup"),
]
