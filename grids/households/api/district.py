"""Tags, roles, base figures and grid elements for programs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from governance.accounts.policies import require_administrator
from governance.kernel.api.lists import paged, read_query
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.errors import NotAllowed
from grids.api.serializers import AreaField
from grids.households.actions.elements import ElementDetails, add_element, edit_element, end_element, find_element
from grids.households.actions.figures import MOST_HOUSEHOLDS, MOST_PEOPLE, Declared, declare_figure
from grids.households.actions.tags import (
    LONGEST_INTERVAL,
    TagDetails,
    change_tag,
    define_tag,
    retire_tag,
    set_service_roles,
)
from grids.households.figures import compared
from grids.households.models import GridElement, HouseholdTag, ServiceRole
from grids.households.policies import HouseholdPolicy, figure_communities, require_keeper
from grids.households.reference import service_roles, tags_in_use
from grids.middleware import actor_of

TAG = "住户登记"
PER_PAGE = 50


# ---------------------------------------------------------------- tags and roles
class TagSerializer(serializers.ModelSerializer[HouseholdTag]):
    readers = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = HouseholdTag
        fields = ["id", "name", "mark", "colour", "meaning", "visit_every", "is_sensitive", "readers"]
        read_only_fields = fields


class TagInput(StrictSerializer):
    name = serializers.CharField(max_length=12)
    mark = serializers.CharField(max_length=1, help_text=_("一个字，格子里和颜色一起认"))
    colour = serializers.ChoiceField(HouseholdTag.Colour.choices)
    meaning = serializers.CharField(max_length=120)
    visit_every = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=LONGEST_INTERVAL
    )
    is_sensitive = serializers.BooleanField(required=False, default=False)
    readers = serializers.ListField(
        child=serializers.CharField(max_length=30), required=False, default=list, max_length=10
    )


class RetiredSerializer(serializers.Serializer):
    count = serializers.IntegerField(help_text=_("去掉了几户的标签"))


def _found(pk: int) -> HouseholdTag:
    row = HouseholdTag.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


class TagListView(WriteView):
    input_class = TagInput

    @extend_schema(
        operation_id="household_tags_list", summary=_("住户标签"), tags=[TAG], responses=TagSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        return Response(TagSerializer(tags_in_use(), many=True).data)

    @extend_schema(
        operation_id="household_tags_create", summary=_("设一种住户标签"), tags=[TAG], request=TagInput,
        responses={201: TagSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_administrator(actor)
        said = self.read(request)

        def act() -> Any:
            return TagSerializer(define_tag(TagDetails(**said), actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=201)


class TagChangeView(WriteView):
    input_class = TagInput

    @extend_schema(
        operation_id="household_tags_change", summary=_("改住户标签"), tags=[TAG], request=TagInput,
        responses=TagSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        require_administrator(actor)
        row, said = _found(pk), self.read(request)

        def act() -> Any:
            return TagSerializer(change_tag(row, TagDetails(**said), actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


class TagRetireView(WriteView):
    @extend_schema(
        operation_id="household_tags_retire", summary=_("停用住户标签"), tags=[TAG], request=StrictSerializer,
        responses=RetiredSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        require_administrator(actor)
        row, said = _found(pk), self.read(request)

        def act() -> dict[str, Any]:
            return {"count": retire_tag(row, actor=actor)}

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


class RoleSerializer(serializers.ModelSerializer[ServiceRole]):
    class Meta:
        model = ServiceRole
        fields = ["name", "duty"]
        read_only_fields = fields


class RoleInput(StrictSerializer):
    name = serializers.CharField(max_length=12)
    duty = serializers.CharField(max_length=120)


class RolesInput(StrictSerializer):
    entries = RoleInput(many=True)


class RolesView(WriteView):
    input_class = RolesInput

    @extend_schema(
        operation_id="service_roles_list", summary=_("八员"), tags=[TAG], responses=RoleSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        return Response(RoleSerializer(service_roles(), many=True).data)

    @extend_schema(
        operation_id="service_roles_set", summary=_("设八员"), tags=[TAG], request=RolesInput,
        responses=RoleSerializer(many=True),
    )  # fmt: skip
    def put(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_administrator(actor)
        said = self.read(request)

        def act() -> Any:
            rows = set_service_roles([(row["name"], row["duty"]) for row in said["entries"]], actor=actor)
            return RoleSerializer(rows, many=True).data

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


# ---------------------------------------------------------------- base figures
class FigureSerializer(serializers.Serializer):
    """Declared beside registered; ``gap`` = registered − declared, null where nothing is declared."""

    community = AreaField()
    declared_on = serializers.DateField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    declared = serializers.IntegerField(allow_null=True)
    registered = serializers.IntegerField()
    people = serializers.IntegerField()
    gap = serializers.IntegerField(allow_null=True)


class FigureInput(StrictSerializer):
    community = IdField()
    on = serializers.DateField()
    source = serializers.CharField(max_length=60)  # type: ignore[assignment]
    households = serializers.IntegerField(min_value=0, max_value=MOST_HOUSEHOLDS)
    people = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=MOST_PEOPLE)
    floor_area = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=100_000_000
    )
    groups = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=0, max_value=1_000)


class NewFigureSerializer(serializers.Serializer):
    id = serializers.IntegerField()


class FiguresView(WriteView):
    refuses_readers = True
    input_class = FigureInput

    @extend_schema(
        operation_id="base_figures_list", summary=_("户数对照"), tags=[TAG], responses=FigureSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        communities = figure_communities(actor_of(request._request))
        if not communities:
            raise NotAllowed("no_figures", str(_("您的岗位不看户数对照。")))
        found = compared([area.id for area in communities])
        rows = [
            {
                "community": pk, "declared_on": each.declared.on if each.declared else None,
                "source": each.declared.source if each.declared else "",
                "declared": each.declared.households if each.declared else None,
                "registered": each.register.households, "people": each.register.people, "gap": each.gap,
            }
            for pk, each in found.items()
        ]  # fmt: skip
        return Response(FigureSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="base_figures_declare", summary=_("登记基数"), tags=[TAG], request=FigureInput,
        responses={201: NewFigureSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        if not figure_communities(actor):
            raise NotAllowed("no_figures", str(_("您的岗位不看户数对照。")))
        said = self.read(request)

        def act() -> dict[str, Any]:
            figure = Declared(**{name: value for name, value in said.items() if name != "community"})
            return {"id": declare_figure(said["community"], figure, actor=actor).pk}

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=201)


# ---------------------------------------------------------------- places and things
class ElementSerializer(serializers.ModelSerializer[GridElement]):
    grid = AreaField(source="grid_id", read_only=True)

    class Meta:
        model = GridElement
        fields = ["id", "grid", "sort", "kind", "name", "code", "address", "lng", "lat", "since", "ended_on"]
        read_only_fields = fields


class FoundElementsSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = ElementSerializer(many=True)


class ElementQuery(StrictSerializer):
    sort = serializers.ChoiceField(GridElement.Sort.choices, required=False)
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000)


class ElementInput(StrictSerializer):
    kind = serializers.ChoiceField(GridElement.Kind.choices)
    name = serializers.CharField(max_length=60)
    code = serializers.CharField(required=False, allow_blank=True, default="", max_length=30)
    address = serializers.CharField(required=False, allow_blank=True, default="", max_length=120)
    lng = serializers.FloatField(required=False, allow_null=True, default=None)
    lat = serializers.FloatField(required=False, allow_null=True, default=None)


class NewElementInput(ElementInput):
    grid = IdField()


class ElementListView(WriteView):
    refuses_readers = True
    input_class = NewElementInput

    @extend_schema(
        operation_id="grid_elements_list", summary=_("网格里的场所和部件"), tags=[TAG], parameters=[ElementQuery],
        responses=FoundElementsSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        asked = read_query(request, ElementQuery)
        rows = HouseholdPolicy.elements(actor).filter(ended_on=None).order_by("pk")
        if "sort" in asked:
            rows = rows.filter(sort=asked["sort"])
        count, found = paged(rows, asked["page"], PER_PAGE)
        return Response(FoundElementsSerializer({"count": count, "results": found}).data)

    @extend_schema(
        operation_id="grid_elements_create", summary=_("登记场所或部件"), tags=[TAG], request=NewElementInput,
        responses={201: ElementSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        said = self.read(request)

        def act() -> Any:
            details = ElementDetails(**{name: value for name, value in said.items() if name != "grid"})
            return ElementSerializer(add_element(said["grid"], details, actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=201)


class ElementChangeView(WriteView):
    input_class = ElementInput

    @extend_schema(
        operation_id="grid_elements_change", summary=_("改场所或部件"), tags=[TAG], request=ElementInput,
        responses=ElementSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        row, said = find_element(actor, pk), self.read(request)

        def act() -> Any:
            return ElementSerializer(edit_element(row, ElementDetails(**said), actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


class ElementEndView(WriteView):
    @extend_schema(
        operation_id="grid_elements_end", summary=_("停用场所或部件"), tags=[TAG], request=StrictSerializer,
        responses=ElementSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        row, said = find_element(actor, pk), self.read(request)

        def act() -> Any:
            return ElementSerializer(end_element(row, actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=said, act=act)
