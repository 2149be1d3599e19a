"""Canvasses at the desk, under /desk/canvasses/."""

from django.urls import path

from grids.canvasses.urls.surfaces import addresses
from grids.canvasses.views import desk
from grids.canvasses.views.surface import DESK

app_name = "canvasses_desk"
urlpatterns = [
    path("new/", desk.new, name="new"),
    path("<int:pk>/edit/", desk.edit, name="edit"),
    path("<int:pk>/fields/new/", desk.field_new, name="field_new"),
    path("fields/<int:pk>/remove/", desk.field_remove, name="field_remove"),
    path("<int:pk>/slots/new/", desk.slot_new, name="slot_new"),
    path("slots/<int:pk>/remove/", desk.slot_remove, name="slot_remove"),
    path("<int:pk>/start/", desk.start, name="start"),
    path("<int:pk>/end/", desk.end, name="end"),
    path("<int:pk>/erase/", desk.erase, name="erase"),
    path("<int:pk>/discard/", desk.discard, name="discard"),
    path("<int:pk>/export/", desk.export, name="export"),
    path("<int:pk>/results/", desk.results, name="results"),
    *addresses(DESK),
]
