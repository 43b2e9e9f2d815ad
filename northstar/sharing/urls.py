"""Routes of shared pages."""

from __future__ import annotations

from django.urls import path

from northstar.sharing import views

urlpatterns = [
    path("s/<str:secret>/", views.shared_page, name="shared-page"),
    path("shares/", views.share_list, name="share-list"),
    path("shares/new/", views.share_new, name="share-new"),
    path("shares/<int:pk>/renewal/", views.share_renew, name="share-renew"),
    path("shares/<int:pk>/revocation/", views.share_revoke, name="share-revoke"),
]
