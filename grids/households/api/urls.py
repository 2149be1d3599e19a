from django.urls import path

from grids.households.api import district, households

urlpatterns = [
    path("households/", households.HouseholdListView.as_view(), name="households"),
    path("households/<int:pk>/", households.HouseholdView.as_view(), name="household"),
    path("households/<int:pk>/change/", households.HouseholdChangeView.as_view(), name="household-change"),
    path("households/<int:pk>/move/", households.HouseholdMoveView.as_view(), name="household-move"),
    path("households/<int:pk>/end/", households.HouseholdEndView.as_view(), name="household-end"),
    path("households/<int:pk>/people/", households.HouseholdPersonView.as_view(), name="household-people"),
    path("households/<int:pk>/tags/", households.HouseholdTagView.as_view(), name="household-taggings"),
    path("household-people/<int:pk>/change/", households.PersonChangeView.as_view(), name="household-person-change"),
    path("household-people/<int:pk>/end/", households.PersonEndView.as_view(), name="household-person-end"),
    path("household-taggings/<int:pk>/end/", households.TaggingEndView.as_view(), name="household-tagging-end"),
    path("buildings/<int:pk>/matrix/", households.MatrixView.as_view(), name="building-matrix"),
    path("household-tags/", district.TagListView.as_view(), name="household-tags"),
    path("household-tags/<int:pk>/change/", district.TagChangeView.as_view(), name="household-tag-change"),
    path("household-tags/<int:pk>/retire/", district.TagRetireView.as_view(), name="household-tag-retire"),
    path("service-roles/", district.RolesView.as_view(), name="service-roles"),
    path("base-figures/", district.FiguresView.as_view(), name="base-figures"),
    path("grid-elements/", district.ElementListView.as_view(), name="grid-elements"),
    path("grid-elements/<int:pk>/change/", district.ElementChangeView.as_view(), name="grid-element-change"),
    path("grid-elements/<int:pk>/end/", district.ElementEndView.as_view(), name="grid-element-end"),
]
