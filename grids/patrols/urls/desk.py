"""Patrols and their plans at the desk, under /desk/patrols/."""

from django.urls import path

from grids.patrols.views import desk

app_name = "patrols_desk"
urlpatterns = [
    path("", desk.index, name="index"),
    path("grids/<int:pk>/", desk.grid, name="grid"),
    path("grids/<int:pk>/plans/<slug:kind>/", desk.plan, name="plan"),
    path("grids/<int:pk>/plans/<slug:kind>/end/", desk.plan_end, name="plan_end"),
    path("<uuid:client_id>/", desk.patrol, name="patrol"),
]
