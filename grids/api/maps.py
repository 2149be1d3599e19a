"""GeoJSON of one's district for its own maps and for programs: borders, buildings, compounds."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.kernel.api.lists import read_query
from governance.kernel.api.writes import IdField, StrictSerializer
from governance.kernel.tenancy.context import current_district
from grids import maps
from grids.coordinates import DATUMS, WGS84

TAG = "地图"


class DatumInput(StrictSerializer):
    datum = serializers.ChoiceField(
        [(each, each) for each in DATUMS], required=False, default=WGS84,
        help_text=gettext_lazy("坐标系：wgs84、gcj02（高德、腾讯）或 bd09（百度）"),
    )  # fmt: skip


class AreaInput(DatumInput):
    within = IdField(help_text=gettext_lazy("区域编号：给出它和它直接的下级；网格则给出同社区的网格"))


class BoundsInput(DatumInput):
    bbox = serializers.CharField(max_length=120, help_text=gettext_lazy("西,南,东,北，按所选坐标系的经纬度"))


class FeatureSerializer(serializers.Serializer):
    type = serializers.CharField()
    geometry = serializers.DictField()
    properties = serializers.DictField()


class FeaturesSerializer(serializers.Serializer):
    """A GeoJSON FeatureCollection."""

    type = serializers.CharField()
    features = FeatureSerializer(many=True)


class PlacesSerializer(FeaturesSerializer):
    is_partial = serializers.BooleanField(help_text=gettext_lazy("范围太大，楼栋没有给全"))


def read_bounds(said: dict[str, Any]) -> maps.Bounds:
    bounds = maps.Bounds.read(said["bbox"], said["datum"])
    if bounds is None:
        raise ValidationError({"bbox": [_("请写成 西,南,东,北 四个经纬度，用逗号隔开。")]})
    return bounds


def is_known(request: Request, tag: str) -> bool:
    return tag in (request.headers.get("If-None-Match") or "")


def answer(body: dict[str, Any] | None, tag: str) -> Response:
    """``body`` None: the caller has it already (304)."""
    response = Response(body, status=200 if body is not None else 304)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def reference_tag(request: Request) -> str:
    """Borders and buildings change only with the district's reference version."""
    district = current_district()
    asked = json.dumps(sorted(request.query_params.items()))
    return f'"{hashlib.sha256(f"{district.pk}.{district.reference_version}.{asked}".encode()).hexdigest()[:24]}"'


class AreaMapView(APIView):
    @extend_schema(
        operation_id="map_areas", summary=gettext_lazy("区域边界（GeoJSON）"), tags=[TAG], parameters=[AreaInput],
        responses=FeaturesSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        said, tag = read_query(request, AreaInput), reference_tag(request)
        areas = maps.areas_within(said["within"])
        if not areas:
            raise NotFound(_("没有这个区域。"))
        if is_known(request, tag):
            return answer(None, tag)
        return answer(maps.area_features(areas, own=areas[0].id, datum=said["datum"]), tag)


class PlaceMapView(APIView):
    @extend_schema(
        operation_id="map_places", summary=gettext_lazy("范围内的楼栋和小区（GeoJSON）"), tags=[TAG],
        parameters=[BoundsInput], responses=PlacesSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        said, tag = read_query(request, BoundsInput), reference_tag(request)
        bounds = read_bounds(said)
        if is_known(request, tag):
            return answer(None, tag)
        return answer(maps.place_features(bounds, datum=said["datum"]), tag)
