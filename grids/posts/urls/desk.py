"""Posts, forces and lines at the desk, under /desk/posts/."""

from django.urls import path

from grids.posts.urls.surfaces import addresses
from grids.posts.views import coverage, lines
from grids.posts.views.surface import DESK

app_name = "posts_desk"
urlpatterns = [
    path("grids/", coverage.grids, name="grids"),
    path("grids/<int:pk>/", coverage.grid, name="grid"),
    path("coverage/", coverage.advisers, name="coverage"),
    path("lines/", lines.overview, name="lines"),
    path("lines/<int:pk>/", lines.of_community, name="lines_of"),
    *addresses(DESK),
]
