"""Routes."""

from django.urls import path

from northstar import status
from northstar.home import star_views, tree_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("drivers/", tree_views.drivers, name="drivers"),
    path("north-star/<int:pk>/", star_views.star, name="north-star"),
    path("north-star/drivers/", tree_views.edit, name="north-star-drivers"),
    path("north-star/drivers/new/", tree_views.new, name="north-star-driver-new"),
    path("north-star/drivers/<int:pk>/", tree_views.change, name="north-star-driver"),
    path("north-star/drivers/<int:pk>/removal/", tree_views.remove, name="north-star-driver-remove"),
    path("status/", status.status, name="status"),
    path("settings/", views.settings, name="settings"),
]
