"""Visits on the grid worker's phone, under /m/visits/."""

from grids.visits.urls.surfaces import addresses
from grids.visits.views.surface import PHONE

app_name = "visits_phone"
urlpatterns = addresses(PHONE)
