"""The district administrator's pages. A part's views live in its own app and are mounted here."""

from django.urls import include, path

from analytics.manage import views
from governance.accounts.views import manage_features, manage_offices, manage_registers

app_name = "manage"
urlpatterns = [
    path("", views.home, name="home"),
    path("texts/", manage_offices.texts, name="texts"),
    path("texts/<slug:kind>/", manage_offices.text, name="text"),
    path("feedback/", manage_offices.feedback, name="feedback"),
    path("feedback/<int:pk>/", manage_offices.feedback_item, name="feedback_item"),
    path("registers/", manage_registers.register, {"name": "assessments"}, name="registers"),
    path("registers/<slug:name>/", manage_registers.register, name="register"),
    path("registers/<slug:name>/new/", manage_registers.new_entry, name="new_entry"),
    path("registers/<slug:name>/<int:pk>/", manage_registers.entry, name="entry"),
    path("features/", manage_features.switches, name="features"),
    path("features/<slug:code>/", manage_features.switch, name="feature"),
    path("features/<slug:code>/off/", manage_features.switch_it_off, name="feature_off"),
    path("", include("grids.urls.manage_people")),
    path("", include("grids.urls.manage_bands")),
    path("", include("grids.urls.manage_places")),
    path("notifications/", include("grids.urls.manage_notifications")),
    path("", include("grids.territory.urls.manage")),
    path("", include("grids.households.urls.manage")),
    path("", include("grids.visits.urls.manage")),
    path("", include("grids.posts.urls.manage")),
    path("", include("requests_intake.urls.manage_handover")),
    path("", include("requests_intake.urls.manage")),
    path("", include("requests_intake.urls.manage_routing")),
    path("", include("governance.privacy.urls")),
    path("", include("grids.urls.manage_security")),
    path("import/", include("grids.urls.manage_import")),
]
