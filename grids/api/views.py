"""Reading the territory of one's district. All staff may: who answers where is no secret inside a district."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.accounts.queries import staff_names
from governance.kernel.api.pagination import ReferencePagination
from governance.kernel.tenancy.context import current_district
from grids.api.filters import AreaFilter, BuildingFilter, OrganizationFilter
from grids.api.serializers import AreaSerializer, BuildingSerializer, MeSerializer, OrganizationSerializer
from grids.middleware import actor_of
from grids.models import Area, Building, Organization

TAG = "基础数据"


@extend_schema_view(get=extend_schema(operation_id="areas_list", summary=_("区域：区、街道、社区、网格"), tags=[TAG]))
class AreaListView(generics.ListAPIView[Area]):
    serializer_class = AreaSerializer
    filterset_class = AreaFilter
    pagination_class = ReferencePagination

    def get_queryset(self) -> QuerySet[Area]:
        return Area.objects.filter(ended_on=None)


@extend_schema_view(get=extend_schema(operation_id="organizations_list", summary=_("单位"), tags=[TAG]))
class OrganizationListView(generics.ListAPIView[Organization]):
    serializer_class = OrganizationSerializer
    filterset_class = OrganizationFilter
    pagination_class = ReferencePagination

    def get_queryset(self) -> QuerySet[Organization]:
        return Organization.objects.filter(ended_on=None)


@extend_schema_view(get=extend_schema(operation_id="buildings_list", summary=_("查找楼栋"), tags=[TAG]))
class BuildingListView(generics.ListAPIView[Building]):
    serializer_class = BuildingSerializer
    filterset_class = BuildingFilter
    pagination_class = ReferencePagination

    def get_queryset(self) -> QuerySet[Building]:
        return Building.objects.filter(ended_on=None).select_related("compound")


class MeView(APIView):
    @extend_schema(operation_id="me_read", summary=_("我是谁，任什么岗"), tags=[TAG], responses=MeSerializer)
    def get(self, request: Request) -> Response:
        membership: Any = request._request.membership  # type: ignore[attr-defined]
        row = {
            "membership": membership.pk,
            "kind": membership.kind,
            "handle": request.user.get_username(),
            "name": staff_names([membership.pk]).get(membership.pk, ""),
            "district": current_district(),
            "actor": actor_of(request._request),
        }
        return Response(MeSerializer(row).data)
