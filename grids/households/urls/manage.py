"""Tags and roles of the district, under /manage/household-tags/."""

from django.urls import path

from grids.households.views import manage_tags as views

urlpatterns = [
    path("household-tags/", views.household_tags, name="household_tags"),
    path("household-tags/new/", views.household_tag_new, name="household_tag_new"),
    path("household-tags/roles/", views.roles, name="service_roles"),
    path("household-tags/<int:pk>/", views.household_tag, name="household_tag"),
    path("household-tags/<int:pk>/retire/", views.household_tag_retire, name="household_tag_retire"),
]
