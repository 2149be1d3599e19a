"""Visits at the desk, under /desk/home-visits/."""

from django.urls import path

from grids.visits.urls.surfaces import addresses
from grids.visits.views import desk
from grids.visits.views.surface import DESK

app_name = "visits_desk"
urlpatterns = [
    path("grids/", desk.grids, name="grids"),
    path("grids/<int:pk>/target/", desk.target, name="target"),
    path("export/", desk.export, name="export"),
    *addresses(DESK),
]
