"""Areas, borders, compounds and buildings; mounted under ``/manage/`` in its namespace.

Ending an area is the layer's above, which knows of open tickets.
"""

from django.urls import path

from grids.views import manage_areas as areas
from grids.views import manage_buildings as buildings
from grids.views import manage_compounds as compounds
from grids.views import manage_heads as heads

urlpatterns = [
    path("areas/", areas.areas, name="areas"),
    path("areas/<int:pk>/", areas.area, name="area"),
    path("areas/<int:pk>/new/", areas.area_new, name="area_new"),
    path("areas/<int:pk>/edit/", areas.area_edit, name="area_edit"),
    path("areas/<int:pk>/border/", areas.border, name="border"),
    path("areas/<int:pk>/border/remove/", areas.border_remove, name="border_remove"),
    path("compounds/", compounds.compounds, name="compounds"),
    path("compounds/new/", compounds.compound_new, name="compound_new"),
    path("compounds/<int:pk>/edit/", compounds.compound_edit, name="compound_edit"),
    path("compounds/<int:pk>/end/", compounds.compound_end, name="compound_end"),
    path("buildings/", buildings.buildings, name="buildings"),
    path("buildings/new/", buildings.building_new, name="building_new"),
    path("buildings/move/", buildings.building_move, name="building_move"),
    path("buildings/<int:pk>/", buildings.building, name="building"),
    path("buildings/<int:pk>/edit/", buildings.building_edit, name="building_edit"),
    path("buildings/<int:pk>/rooms/", buildings.building_rooms, name="building_rooms"),
    path("buildings/<int:pk>/heads/new/", heads.head_new, name="head_new"),
    path("buildings/<int:pk>/end/", buildings.building_end, name="building_end"),
]
