"""Routing rules and seasons, below ``/manage/`` (namespace ``manage``)."""

from django.urls import path

from requests_intake.views import manage_routing, manage_routing_trial, manage_seasons

urlpatterns = [
    path("seasons/", manage_seasons.seasons, name="seasons"),
    path("seasons/new/", manage_seasons.season, name="season_new"),
    path("seasons/<int:pk>/", manage_seasons.season, name="season"),
    path("routing/", manage_routing.rules_list, name="routing"),
    path("routing/new/", manage_routing.rule_new, name="routing_new"),
    path("routing/simulate/", manage_routing_trial.simulator, name="routing_simulate"),
    path("routing/failures/", manage_routing_trial.failures, name="routing_failures"),
    path("routing/failures/<int:pk>/", manage_routing_trial.settle_failure, name="routing_failure"),
    path("routing/versions/<int:number>/", manage_routing.version, name="routing_version"),
    path("routing/versions/<int:number>/restore/", manage_routing.restore, name="routing_restore"),
    path("routing/rules/<slug:key>/", manage_routing.rule_edit, name="routing_rule"),
    path("routing/rules/<slug:key>/<slug:verb>/", manage_routing.rule_change, name="routing_change"),
]
