"""Routes of the API. Programs come with a key; the schema and its page are for signed-in people."""

from __future__ import annotations

from django.urls import URLPattern, path
from drf_spectacular.views import SpectacularAPIView

from metrics.api.docs import api_docs
from metrics.api.observations import Observations
from northstar.lib.policy import requires

schema = SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[])

urlpatterns: list[URLPattern] = [
    path("metrics/<slug:slug>/observations/", Observations.as_view(), name="api-observations"),
    path("schema/", requires("account.own")(schema), name="api-schema"),
    path("docs/", api_docs, name="api-docs"),
]
