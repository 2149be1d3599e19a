"""The addresses of the register, the same on phone and desk."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from grids.households.models import GridElement
from grids.households.views import acts, grid, register
from grids.households.views.surface import Surface

Sort = GridElement.Sort


def addresses(surface: Surface) -> list[URLPattern]:
    here = {"surface": surface}
    field = r"(?P<field>name|phone)"
    return [
        path("", register.index, here, name="index"),
        path("find/", register.find, here, name="find"),
        path("buildings/<int:pk>/", register.building, here, name="building"),
        path("buildings/<int:pk>/new/", acts.new, here, name="new"),
        path("places/", grid.elements, {**here, "sort": Sort.PLACE.value}, name="places"),
        path("things/", grid.elements, {**here, "sort": Sort.THING.value}, name="things"),
        path("organizations/", grid.organizations, here, name="organizations"),
        re_path(r"^elements/(?P<sort>place|thing)/new/$", grid.element_new, here, name="element_new"),
        path("elements/<int:pk>/", grid.element_edit, here, name="element_edit"),
        path("elements/<int:pk>/end/", grid.element_end, here, name="element_end"),
        path("people/<int:pk>/", acts.person_edit, here, name="person_edit"),
        path("people/<int:pk>/end/", acts.person_end, here, name="person_end"),
        re_path(rf"^people/(?P<pk>\d+)/open/{field}/$", acts.open_person, here, name="open_person"),
        path("taggings/<int:pk>/end/", acts.tagging_end, here, name="tagging_end"),
        path("taggings/<int:pk>/open/", acts.open_tag, here, name="open_tag"),
        path("<int:pk>/", register.household, here, name="household"),
        path("<int:pk>/edit/", acts.edit, here, name="edit"),
        path("<int:pk>/move/", acts.move, here, name="move"),
        path("<int:pk>/end/", acts.end, here, name="end"),
        path("<int:pk>/people/", acts.person_new, here, name="person_new"),
        path("<int:pk>/tags/", acts.tag, here, name="tag"),
        re_path(rf"^(?P<pk>\d+)/open/{field}/$", acts.open_contact, here, name="open_contact"),
    ]
