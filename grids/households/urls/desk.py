"""The register and the base figures at the desk, under /desk/households/."""

from django.urls import path

from grids.households.urls.surfaces import addresses
from grids.households.views import figures
from grids.households.views.surface import DESK

app_name = "households_desk"
urlpatterns = [
    path("figures/", figures.overview, name="figures"),
    path("figures/<int:pk>/", figures.community, name="figures_of"),
    *addresses(DESK),
]
