"""The leader's pages."""

from django.urls import path

from analytics.views import board

app_name = "board"
urlpatterns = [
    path("", board.home, name="home"),
    path("rows/", board.rows, name="rows"),
]
