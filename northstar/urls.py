"""All routes."""

from __future__ import annotations

from django.urls import include, path

from northstar import status

urlpatterns = [
    path("healthz", status.healthz, name="healthz"),
    path("readyz", status.readyz, name="readyz"),
    path("accounts/", include("allauth.account.urls")),
]
