"""``/api/v1/``: every app brings its own addresses."""

from django.urls import include, path, re_path

from governance.kernel.api import views

app_name = "api"
urlpatterns = [
    path("schema/", views.SchemaView.as_view(), name="schema"),
    path("docs/", views.DocsView.as_view(), name="docs"),
    path("", include("grids.api.urls")),
    path("", include("grids.territory.api.urls")),
    path("", include("grids.households.api.urls")),
    path("", include("grids.visits.api.urls")),
    path("", include("grids.canvasses.api.urls")),
    path("", include("grids.patrols.api.urls")),
    path("", include("grids.posts.api.urls")),
    path("", include("requests_intake.api.urls")),
    path("", include("requests_intake.desks.api.urls")),
    path("", include("services.api.urls")),
    re_path(r"^", views.UnknownView.as_view(), name="unknown"),
]
