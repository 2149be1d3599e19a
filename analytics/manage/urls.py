"""The district administrator's pages. A part's views live in its own app and are mounted here."""

from django.urls import include, path

from analytics.manage import views

app_name = "manage"
urlpatterns = [
    path("", views.home, name="home"),
    path("", include("grids.urls.manage_people")),
    path("", include("requests_intake.urls.manage_handover")),
    path("", include("requests_intake.urls.manage")),
]
