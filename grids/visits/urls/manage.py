"""The district's words and rules of visits, below /manage/."""

from django.urls import path

from grids.visits.views import manage, must

urlpatterns = [
    path("visit-outcomes/", manage.outcomes, name="visit_outcomes"),
    path("must-visits/", must.rules, name="must_visits"),
    path("must-visits/new/", must.rule_new, name="must_visit_new"),
    path("must-visits/<int:pk>/retire/", must.rule_retire, name="must_visit_retire"),
]
