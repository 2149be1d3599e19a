from django.urls import path

from grids.api import views

urlpatterns = [
    path("me/", views.MeView.as_view(), name="me"),
    path("areas/", views.AreaListView.as_view(), name="areas"),
    path("organizations/", views.OrganizationListView.as_view(), name="organizations"),
    path("buildings/", views.BuildingListView.as_view(), name="buildings"),
]
