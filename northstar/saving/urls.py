"""Routes of the files of charts."""

from __future__ import annotations

from django.urls import path

from northstar.saving import views

urlpatterns = [
    path("charts/<str:key>/<slug:name>.<slug:kind>", views.chart_file, name="chart-file"),
]
