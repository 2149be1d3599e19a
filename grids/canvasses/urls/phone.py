"""Canvasses on the grid worker's phone, under /m/canvasses/."""

from grids.canvasses.urls.surfaces import addresses
from grids.canvasses.views.surface import PHONE

app_name = "canvasses_phone"
urlpatterns = addresses(PHONE)
