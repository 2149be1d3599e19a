"""The leader's pages."""

from django.urls import path

from analytics.views import board, trend, wall

app_name = "board"
urlpatterns = [
    path("", board.home, name="home"),
    path("rows/", board.rows, name="rows"),
    path("wall/", wall.wall, name="wall"),
    path("trend/", trend.home, name="trend"),
    path("trend/rows/", trend.rows, name="events"),
]
