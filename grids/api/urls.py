from django.urls import path

from grids.api import maps, notices, views

urlpatterns = [
    path("me/", views.MeView.as_view(), name="me"),
    path("notices/", notices.NoticeListView.as_view(), name="notices"),
    path("notices/read/", notices.ReadNoticesView.as_view(), name="notices-read"),
    path("areas/", views.AreaListView.as_view(), name="areas"),
    path("organizations/", views.OrganizationListView.as_view(), name="organizations"),
    path("buildings/", views.BuildingListView.as_view(), name="buildings"),
    path("map/areas/", maps.AreaMapView.as_view(), name="map-areas"),
    path("map/places/", maps.PlaceMapView.as_view(), name="map-places"),
]
