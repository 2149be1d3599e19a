from django.urls import path

from grids.patrols.api import patrols

urlpatterns = [
    path("patrols/", patrols.PatrolListView.as_view(), name="patrols"),
    path("patrols/<uuid:client_id>/", patrols.PatrolView.as_view(), name="patrol"),
    *(
        path(f"patrols/<uuid:client_id>/{name}/", view.as_view(), name=f"patrol-{name}")
        for name, view in patrols.MOVES.items()
    ),
    path("patrol-plans/", patrols.PlanListView.as_view(), name="patrol-plans"),
    path("patrol-plans/end/", patrols.PlanEndView.as_view(), name="patrol-plan-end"),
    path("patrol-figures/", patrols.PatrolFiguresView.as_view(), name="patrol-figures"),
]
