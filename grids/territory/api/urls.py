from django.urls import path

from grids.territory.api import views

urlpatterns = [
    path("grid-changes/", views.ChangeListView.as_view(), name="grid-changes"),
    path("grid-changes/split/", views.SplitView.as_view(), name="grid-change-split"),
    path("grid-changes/merge/", views.MergeView.as_view(), name="grid-change-merge"),
    path("grid-changes/<int:pk>/approve/", views.ApproveView.as_view(), name="grid-change-approve"),
    path("grid-changes/<int:pk>/refuse/", views.RefuseView.as_view(), name="grid-change-refuse"),
    path("grid-changes/<int:pk>/withdraw/", views.WithdrawChangeView.as_view(), name="grid-change-withdraw"),
    path("communities/<int:pk>/borders/", views.BorderSetView.as_view(), name="community-borders"),
    path("legacy-grids/", views.LegacyListView.as_view(), name="legacy-grids"),
    path("legacy-grids/<int:pk>/remove/", views.LegacyRemoveView.as_view(), name="legacy-grid-remove"),
]
