"""Coverage and forces for programs. A number leaves by no endpoint: people open it, with a reason."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.accounts.policies import require_administrator
from governance.kernel.actors import ADVISERS
from governance.kernel.api.lists import paged, read_query
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.masking import refuse_masked
from grids.api.serializers import AreaField, NamedSerializer
from grids.households.views.surface import actor_of
from grids.models import PostKind
from grids.posts import skills
from grids.posts.actions.forces import MOST_PEOPLE, ForceDetails, add_force, edit_force, end_force
from grids.posts.actions.seats import open_seats
from grids.posts.coverage import FILTERS, coverage, grid_rows, narrowed
from grids.posts.models import Force
from grids.posts.policies import (
    COVERAGE_READERS,
    FORCE_KEEPERS,
    LEVELS,
    ForcePolicy,
    areas_of,
    find_force,
    places_below,
    require_coverage_reader,
    require_keeper,
    require_reader,
)
from grids.posts.queries import near_first, running, skills_of, with_skill

TAG = "岗位和力量"
PER_PAGE = 50


# ---------------------------------------------------------------- coverage
class SeatSerializer(serializers.Serializer):
    kind = serializers.CharField()
    holders = serializers.IntegerField(help_text=_("在岗几人，正好一人才对"))


class GridCoverSerializer(serializers.Serializer):
    grid = AreaField()
    seats = SeatSerializer(many=True)
    households = serializers.IntegerField()
    size = serializers.CharField(help_text=_("large 超户，small 偏少，unknown 没登记，空为合适"))


class GridCoversSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = GridCoverSerializer(many=True)


class GridQuery(StrictSerializer):
    show = serializers.ChoiceField([(name, name) for name in FILTERS], required=False)
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000)


class GridCoverView(WriteView):
    refuses_readers = True
    http_method_names = ["get", "head", "options"]
    is_write = False

    @extend_schema(
        operation_id="post_grids_list", summary=_("一长一员"), tags=[TAG], parameters=[GridQuery],
        responses=GridCoversSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_coverage_reader(actor)
        asked = read_query(request, GridQuery)
        rows = narrowed(grid_rows(places_below(actor, COVERAGE_READERS, "grid")), asked.get("show", ""))
        count, found = paged(rows, asked["page"], PER_PAGE)
        results = [
            {
                "grid": row.area.id, "households": row.households, "size": row.size,
                "seats": [{"kind": seat.kind, "holders": len(seat.holders)} for seat in row.seats],
            }
            for row in found
        ]  # fmt: skip
        return Response(GridCoversSerializer({"count": count, "results": results}).data)


class CoveredSerializer(serializers.Serializer):
    kind = serializers.CharField()
    filled = serializers.IntegerField()
    places = serializers.IntegerField()
    missing = NamedSerializer(many=True)


ADVISER_KINDS = [(kind, PostKind(kind).label) for kind in sorted(ADVISERS)]


class SeatsInput(StrictSerializer):
    kind = serializers.ChoiceField(ADVISER_KINDS)


class OpenedSerializer(serializers.Serializer):
    count = serializers.IntegerField(help_text=_("新设了几个岗位"))


class CoverageView(WriteView):
    refuses_readers = True
    input_class = SeatsInput

    @extend_schema(
        operation_id="post_coverage", summary=_("一社区一警一法律顾问"), tags=[TAG],
        responses=CoveredSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_coverage_reader(actor)
        whole = any(area.level == "district" for area in areas_of(actor, COVERAGE_READERS))
        found = coverage(places_below(actor, COVERAGE_READERS, "community"), district=whole)
        rows = [
            {
                "kind": row.kind, "filled": row.filled, "places": row.places,
                "missing": [{"id": area.id, "name": area.name} for area in row.missing],
            }
            for row in found.posts
        ]  # fmt: skip
        return Response(CoveredSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="post_seats_open", summary=_("设齐一种岗位"), tags=[TAG], request=SeatsInput,
        responses=OpenedSerializer,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_administrator(actor)
        said = self.read(request)

        def act() -> dict[str, Any]:
            return {"count": open_seats(said["kind"], actor=actor)}

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


# ---------------------------------------------------------------- forces
class ForceSerializer(serializers.Serializer):
    """Without number and contact."""

    id = serializers.IntegerField(source="pk")
    area = AreaField(source="area_id")
    kind = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField()
    headcount = serializers.IntegerField()
    skills = serializers.ListField(child=serializers.CharField())
    availability = serializers.CharField()
    is_public = serializers.BooleanField()
    publishes_phone = serializers.BooleanField()
    ended_on = serializers.DateField(allow_null=True)

    def to_representation(self, instance: Force) -> dict[str, Any]:
        words = self.context.get("skills")
        found = words if words is not None else skills_of([instance])
        plain = {name: getattr(instance, name) for name in _PLAIN}
        area = AreaField().to_representation(instance.area_id)
        return {"id": instance.pk, "area": area, **plain, "skills": found.get(instance.pk, [])}


_PLAIN = ("kind", "name", "role", "headcount", "availability", "is_public", "publishes_phone", "ended_on")


class FoundForcesSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = ForceSerializer(many=True)


class ForceQuery(StrictSerializer):
    level = serializers.ChoiceField([(name, name) for name in LEVELS], required=False)
    kind = serializers.ChoiceField(Force.Kind.choices, required=False)
    skill = serializers.CharField(required=False, max_length=skills.LENGTH)
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000)


class ForceInput(StrictSerializer):
    kind = serializers.ChoiceField(Force.Kind.choices)
    name = serializers.CharField(max_length=40, validators=[refuse_masked])
    role = serializers.CharField(max_length=30)
    headcount = serializers.IntegerField(required=False, default=1, min_value=1, max_value=MOST_PEOPLE)
    contact = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=40, validators=[refuse_masked]
    )
    phone = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=20, validators=[refuse_masked]
    )
    skills = serializers.ListField(
        child=serializers.CharField(max_length=skills.LENGTH), required=False, default=list, max_length=skills.MOST
    )
    availability = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    is_public = serializers.BooleanField(required=False, default=False, help_text=_("本人同意公开姓名和身份"))
    publishes_phone = serializers.BooleanField(required=False, default=False, help_text=_("本人同意公开电话"))
    agreed_on = serializers.DateField(required=False, allow_null=True, default=None)


class NewForceInput(ForceInput):
    area = IdField()


class ForceListView(WriteView):
    refuses_readers = True
    input_class = NewForceInput

    @extend_schema(
        operation_id="forces_list", summary=_("力量清单"), tags=[TAG], parameters=[ForceQuery],
        responses=FoundForcesSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_reader(actor)
        asked = read_query(request, ForceQuery)
        rows = running(ForcePolicy.visible(actor))
        if "level" in asked:
            rows = rows.filter(area__level=asked["level"])
        if "kind" in asked:
            rows = rows.filter(kind=asked["kind"])
        if "skill" in asked:
            rows = with_skill(rows, asked["skill"])
        count, found = paged(near_first(rows), asked["page"], PER_PAGE)
        data = {"count": count, "results": found}
        return Response(FoundForcesSerializer(data, context={"skills": skills_of(found)}).data)

    @extend_schema(
        operation_id="forces_create", summary=_("登记力量"), tags=[TAG], request=NewForceInput,
        responses={201: ForceSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_reader(actor)
        if not actor.role_kinds & FORCE_KEEPERS:
            require_keeper(actor, 0)
        said = self.read(request)

        def act() -> Any:
            details = ForceDetails(**{name: value for name, value in said.items() if name != "area"})
            return ForceSerializer(add_force(said["area"], details, actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=201)


class ForceChangeView(WriteView):
    input_class = ForceInput

    @extend_schema(
        operation_id="forces_change", summary=_("改力量"), tags=[TAG], request=ForceInput, responses=ForceSerializer
    )
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        row = find_force(actor, pk)
        require_keeper(actor, row.area_id)
        said = self.read(request)

        def act() -> Any:
            return ForceSerializer(edit_force(row, ForceDetails(**said, membership=row.membership), actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


class ForceEndView(WriteView):
    @extend_schema(
        operation_id="forces_end", summary=_("力量退出清单"), tags=[TAG], request=StrictSerializer,
        responses=ForceSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        row = find_force(actor, pk)
        require_keeper(actor, row.area_id)
        said = self.read(request)

        def act() -> Any:
            return ForceSerializer(end_force(row, actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=said, act=act)
