"""Patrols on the grid worker's phone, under /m/patrols/. The id in an address is made where the patrol begins."""

from django.urls import path

from grids.patrols.views import month, phone

app_name = "patrols_phone"
urlpatterns = [
    path("", phone.index, name="index"),
    path("joint/", phone.joint, name="joint"),
    path("month/", month.overview, name="month"),
    path("month/<slug:code>/", month.rows, name="month_rows"),
    path("<uuid:client_id>/", phone.patrol, name="patrol"),
    path("<uuid:client_id>/start/", phone.start, name="start"),
    path("<uuid:client_id>/finish/", phone.finish, name="finish"),
    path("<uuid:client_id>/withdraw/", phone.withdraw, name="withdraw"),
    path("<uuid:client_id>/resume/", phone.resume, name="resume"),
    path("<uuid:client_id>/points/<int:pk>/", phone.point, name="point"),
]
