"""Changes of grids at the desk, under /desk/territory/."""

from django.urls import path

from grids.territory.views import desk

app_name = "territory_desk"
urlpatterns = [
    path("", desk.changes, name="changes"),
    path("<int:pk>/", desk.change, name="change"),
    path("<int:pk>/decide/", desk.decide, name="decide"),
    path("<int:pk>/withdraw/", desk.withdraw, name="withdraw"),
    path("grids/<int:pk>/split/", desk.split, name="split"),
    path("grids/<int:pk>/merge/", desk.merge, name="merge"),
]
