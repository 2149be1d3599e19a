"""Borders of a community's grids and references from older grids, under /manage/."""

from django.urls import path

from grids.territory.views import manage

urlpatterns = [
    path("areas/<int:pk>/borders/", manage.border_set, name="border_set"),
    path("legacy-grids/", manage.legacy, name="legacy_grids"),
    path("legacy-grids/<int:pk>/remove/", manage.legacy_remove, name="legacy_grid_remove"),
]
