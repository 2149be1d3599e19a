from django.urls import path

from grids.posts.api import forces, people

urlpatterns = [
    path("post-grids/", forces.GridCoverView.as_view(), name="post-grids"),
    path("post-coverage/", forces.CoverageView.as_view(), name="post-coverage"),
    path("forces/", forces.ForceListView.as_view(), name="forces"),
    path("forces/<int:pk>/change/", forces.ForceChangeView.as_view(), name="force-change"),
    path("forces/<int:pk>/end/", forces.ForceEndView.as_view(), name="force-end"),
    path("business-lines/", people.BusinessLinesView.as_view(), name="business-lines"),
    path("communities/<int:pk>/lines/", people.LineMatrixView.as_view(), name="line-matrix"),
    path("nominations/", people.NominationListView.as_view(), name="nominations"),
    path("nominations/<int:pk>/", people.NominationView.as_view(), name="nomination"),
    path("nominations/<int:pk>/vote/", people.NominationVoteView.as_view(), name="nomination-vote"),
    path("nominations/<int:pk>/confirm/", people.NominationConfirmView.as_view(), name="nomination-confirm"),
    path("nominations/<int:pk>/call-off/", people.NominationCallOffView.as_view(), name="nomination-call-off"),
    path("law-buildings/", people.LawBuildingsView.as_view(), name="law-buildings"),
    path("buildings/<int:pk>/law-check/", people.LawCheckView.as_view(), name="law-check"),
]
