from __future__ import annotations

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import FilterSet

from governance.kernel.api.filters import IdFilter
from grids.models import Area, Building, Level, Organization


class AreaFilter(FilterSet):
    level = django_filters.ChoiceFilter(choices=Level.choices, label=_("层级"))
    parent = IdFilter(field_name="parent_id", label=_("上级区域编号"))
    code = django_filters.CharFilter(max_length=20, label=_("区划代码"))

    class Meta:
        model = Area
        fields: list[str] = []


class OrganizationFilter(FilterSet):
    level = django_filters.ChoiceFilter(choices=Level.choices, label=_("层级"))
    kind = django_filters.ChoiceFilter(choices=Organization.Kind.choices, label=_("类型"))
    area = IdFilter(field_name="area_id", label=_("区域编号"))

    class Meta:
        model = Organization
        fields: list[str] = []


class BuildingFilter(FilterSet):
    q = django_filters.CharFilter(method="having_words", max_length=60, label=_("楼名、楼号或地址，空格分开几个词"))
    grid = IdFilter(field_name="grid_id", label=_("网格编号"))

    class Meta:
        model = Building
        fields: list[str] = []

    def having_words(self, buildings: QuerySet[Building], name: str, value: str) -> QuerySet[Building]:
        """All words, each in the name or the address. A district has some thousand buildings: they are simply read."""
        for word in value.split():
            buildings = buildings.filter(Q(name__icontains=word) | Q(address__icontains=word))
        return buildings
