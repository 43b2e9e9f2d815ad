"""Routes."""

from __future__ import annotations

from django.urls import path

from northstar.portfolio import views

urlpatterns = [
    path("portfolio/", views.portfolio, name="portfolio"),
    path("gaps/", views.gap_map, name="gap-map"),
    path("portfolio.csv", views.portfolio_export, name="portfolio-export"),
]
