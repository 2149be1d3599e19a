"""Territory as programs see it. An area or organization inside another object is its id and its name."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.kernel.actors import Actor, Role
from grids.models import Area, Building, Organization, PostKind
from grids.reference import territory


class NamedSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


@extend_schema_field(NamedSerializer(allow_null=True))
class AreaField(serializers.Field):
    """An area by its id column, named from the district's cache: no join, no statement."""

    def to_representation(self, value: int) -> dict[str, Any]:
        return {"id": value, "name": territory().area_name(value)}


@extend_schema_field(NamedSerializer(allow_null=True))
class OrganizationField(serializers.Field):
    """An organization by its id column."""

    def to_representation(self, value: int) -> dict[str, Any]:
        return {"id": value, "name": territory().organization_name(value)}


class AreaSerializer(serializers.ModelSerializer[Area]):
    parent = AreaField(source="parent_id", read_only=True, allow_null=True)  # type: ignore[assignment]

    grid_kind = serializers.ChoiceField(Area.GridKind.choices, allow_blank=True, read_only=True)

    class Meta:
        model = Area
        fields = ["id", "level", "code", "name", "parent", "grid_kind", "household_count", "resident_count"]
        read_only_fields = fields


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    area = AreaField(source="area_id", read_only=True)
    parent = OrganizationField(source="parent_id", read_only=True, allow_null=True)  # type: ignore[assignment]

    class Meta:
        model = Organization
        fields = ["id", "name", "kind", "level", "area", "parent", "department_kind", "phone"]
        read_only_fields = fields


class BuildingSerializer(serializers.ModelSerializer[Building]):
    grid = AreaField(source="grid_id", read_only=True)
    compound = serializers.CharField(source="compound.name", default="")

    class Meta:
        model = Building
        fields = ["id", "name", "number", "address", "lng", "lat", "grid", "compound"]
        read_only_fields = fields


class PostSerializer(serializers.Serializer):
    """A post of the caller, or a grant that is as good as one."""

    kind = serializers.CharField()
    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    level = serializers.CharField()
    area = AreaField(source="area_id", allow_null=True)
    organization = OrganizationField(source="organization_id", allow_null=True)

    def get_label(self, role: Role) -> str:
        return str(PostKind(role.kind).label) if role.kind in PostKind.values else role.kind


class DistrictSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()


class MeSerializer(serializers.Serializer):
    """Who the caller is: one member of one district, and the posts held today."""

    membership = serializers.IntegerField()
    kind = serializers.CharField()
    handle = serializers.CharField()
    name = serializers.CharField()
    district = DistrictSerializer()
    posts = serializers.SerializerMethodField()

    @extend_schema_field(PostSerializer(many=True))
    def get_posts(self, row: dict[str, Any]) -> Any:
        actor: Actor = row["actor"]
        return PostSerializer(actor.roles, many=True).data
