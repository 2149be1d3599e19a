from django.urls import path

from requests_intake.api import whistle

urlpatterns = [
    path("whistles/", whistle.WhistleListView.as_view(), name="whistles"),
    path("whistles/<int:number>/", whistle.WhistleView.as_view(), name="whistle"),
    *[
        path(f"whistles/<int:number>/{name}/", view.as_view(), name=f"whistle-{name}")
        for name, view in whistle.WHISTLE_MOVES.items()
    ],
    *[
        path(f"whistles/<int:number>/targets/<int:pk>/{name}/", view.as_view(), name=f"whistle-{name}")
        for name, view in whistle.TARGET_MOVES.items()
    ],
    path("evaluations/", whistle.EvaluationListView.as_view(), name="evaluations"),
    path("evaluations/received/", whistle.ReceivedView.as_view(), name="evaluations-received"),
    path("evaluations/orders/<int:pk>/", whistle.EvaluateOrderView.as_view(), name="evaluate-order"),
]
