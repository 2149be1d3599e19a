"""The register on the grid worker's phone, under /m/households/."""

from grids.households.urls.surfaces import addresses
from grids.households.views.surface import PHONE

app_name = "households_phone"
urlpatterns = addresses(PHONE)
