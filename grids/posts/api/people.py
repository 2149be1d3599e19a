"""Business lines, nominations and law buildings for programs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.accounts.policies import require_administrator
from governance.kernel.api.lists import paged, read_query
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.errors import NotFound
from governance.kernel.masking import refuse_masked
from grids.api.serializers import AreaField
from grids.households.policies import HouseholdPolicy, find_building, find_household, require_keeper
from grids.households.views.surface import actor_of
from grids.posts.actions.law import check_law_building
from grids.posts.actions.lines import LENGTH, MOST, require_line_writer, set_business_lines, set_line_matrix
from grids.posts.actions.nominations import (
    Nominee,
    call_off_nomination,
    confirm_nomination,
    open_nomination,
    record_vote,
    require_confirmer,
)
from grids.posts.law import checklist
from grids.posts.lines import lines, matrices
from grids.posts.models import Candidate, LawBuilding, NominationRound
from grids.posts.nominations import find_round, tally, visible_rounds
from grids.posts.policies import COVERAGE_READERS, places_below, require_coverage_reader
from grids.views.manage_people import suggest_handle

TAG = "岗位和力量"
PER_PAGE = 50


# ---------------------------------------------------------------- lines
class LinesInput(StrictSerializer):
    names = serializers.ListField(child=serializers.CharField(max_length=LENGTH), max_length=MOST)


class LineSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class BusinessLinesView(WriteView):
    input_class = LinesInput

    @extend_schema(
        operation_id="business_lines_list", summary=_("业务条线"), tags=[TAG], responses=LineSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        return Response([{"id": row.pk, "name": row.name} for row in lines()])

    @extend_schema(
        operation_id="business_lines_set", summary=_("定业务条线"), tags=[TAG], request=LinesInput,
        responses=LineSerializer(many=True),
    )  # fmt: skip
    def put(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_administrator(actor)
        said = self.read(request)

        def act() -> Any:
            return [{"id": row.pk, "name": row.name} for row in set_business_lines(said["names"], actor=actor)]

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


class OwnersInput(StrictSerializer):
    line = IdField()
    members = serializers.ListField(child=IdField(), required=False, default=list, max_length=100)
    is_shared = serializers.BooleanField(required=False, default=False, help_text=_("兼管：没有专人，书记照看"))


class MatrixInput(StrictSerializer):
    rows = OwnersInput(many=True)


class OwnersSerializer(serializers.Serializer):
    line = LineSerializer()
    members = serializers.ListField(child=serializers.IntegerField())
    is_shared = serializers.BooleanField()


class LineMatrixView(WriteView):
    refuses_readers = True
    input_class = MatrixInput

    @extend_schema(
        operation_id="line_matrix", summary=_("社区的条线分工"), tags=[TAG], responses=OwnersSerializer(many=True)
    )
    def get(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        require_coverage_reader(actor)
        if pk not in {area.id for area in places_below(actor, COVERAGE_READERS, "community")}:
            raise NotFound("no_community", str(_("没有这个社区，或者不在您的辖区。")))
        return Response(_matrix(pk))

    @extend_schema(
        operation_id="line_matrix_set", summary=_("分条线"), tags=[TAG], request=MatrixInput,
        responses=OwnersSerializer(many=True),
    )  # fmt: skip
    def put(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        require_line_writer(actor, pk)
        said = self.read(request)

        def act() -> Any:
            owners = {row["line"]: row["members"] for row in said["rows"]}
            shared = [row["line"] for row in said["rows"] if row["is_shared"]]
            set_line_matrix(pk, owners, shared=shared, actor=actor)
            return _matrix(pk)

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


def _matrix(pk: int) -> list[dict[str, Any]]:
    return [
        {
            "line": {"id": row.line.pk, "name": row.line.name}, "members": sorted(row.owners),
            "is_shared": row.is_shared,
        }
        for row in matrices([pk])[pk].rows
    ]  # fmt: skip


# ---------------------------------------------------------------- nominations
class NomineeInput(StrictSerializer):
    name = serializers.CharField(max_length=40, validators=[refuse_masked])
    phone = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=20, validators=[refuse_masked]
    )
    says = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)


class RoundInput(StrictSerializer):
    building = IdField()
    unit = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=99)
    confirm_by = serializers.DateField()
    nominees = NomineeInput(many=True)


class SupportSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    says = serializers.CharField()
    households = serializers.IntegerField(help_text=_("几户支持"))
    is_chosen = serializers.BooleanField()


class RoundSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    building = serializers.IntegerField()
    unit = serializers.IntegerField(allow_null=True)
    state = serializers.CharField()
    confirm_by = serializers.DateField()
    voted = serializers.IntegerField()
    voters = serializers.IntegerField()
    candidates = SupportSerializer(many=True)


class RoundLineSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    building = serializers.IntegerField()
    unit = serializers.IntegerField(allow_null=True)
    state = serializers.CharField()
    confirm_by = serializers.DateField()


class FoundRoundsSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = RoundLineSerializer(many=True)


class RoundQuery(StrictSerializer):
    state = serializers.ChoiceField(NominationRound.State.choices, required=False)
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000)


def _plain(row: NominationRound) -> dict[str, Any]:
    return {
        "id": row.pk, "building": row.building_id, "unit": row.unit, "state": str(row.state),
        "confirm_by": row.confirm_by.isoformat(),
    }  # fmt: skip


def _round(row: NominationRound) -> dict[str, Any]:
    found = tally(row)

    def support(each: Candidate, count: int) -> dict[str, Any]:
        return {
            "id": each.pk, "name": each.name, "says": each.says, "households": count, "is_chosen": each.is_chosen,
        }  # fmt: skip

    people = [support(each, count) for each, count in found.support]
    return {**_plain(row), "voted": found.voted, "voters": found.voters, "candidates": people}


class NominationListView(WriteView):
    refuses_readers = True
    input_class = RoundInput

    @extend_schema(
        operation_id="nominations_list", summary=_("推选楼栋长"), tags=[TAG], parameters=[RoundQuery],
        responses=FoundRoundsSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        asked, rows = read_query(request, RoundQuery), visible_rounds(actor)
        if "state" in asked:
            rows = rows.filter(state=asked["state"])
        count, found = paged(rows, asked["page"], PER_PAGE)
        return Response({"count": count, "results": [_plain(row) for row in found]})

    @extend_schema(
        operation_id="nominations_create", summary=_("发起推选"), tags=[TAG], request=RoundInput,
        responses={201: RoundSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        said = self.read(request)

        def act() -> Any:
            nominees = [Nominee(row["name"], row["phone"], row["says"]) for row in said["nominees"]]
            building = find_building(actor, said["building"])
            row = open_nomination(building, nominees, unit=said["unit"], confirm_by=said["confirm_by"], actor=actor)
            return _round(row)

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=201)


class NominationView(WriteView):
    refuses_readers = True
    http_method_names = ["get", "head", "options"]
    is_write = False

    @extend_schema(operation_id="nominations_read", summary=_("一次推选"), tags=[TAG], responses=RoundSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_round(find_round(actor_of(request._request), pk)))


class VoteInput(StrictSerializer):
    household = IdField()
    candidate = IdField()


class VoteSerializer(serializers.Serializer):
    id = serializers.IntegerField()


class NominationVoteView(WriteView):
    input_class = VoteInput

    @extend_schema(
        operation_id="nominations_vote", summary=_("代记一票"), tags=[TAG], request=VoteInput,
        responses={201: VoteSerializer},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        row, said = find_round(actor, pk), self.read(request)

        def act() -> dict[str, Any]:
            home = find_household(actor, said["household"])
            return {"id": record_vote(row, home, said["candidate"], actor=actor).pk}

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=201)


class ConfirmInput(StrictSerializer):
    candidate = IdField()


class ConfirmedSerializer(RoundSerializer):
    invitation = serializers.CharField(help_text=_("没有账号的人的一次性邀请码，只给这一次；有账号为空"))


class NominationConfirmView(WriteView):
    input_class = ConfirmInput

    @extend_schema(
        operation_id="nominations_confirm", summary=_("确认推选结果"), tags=[TAG], request=ConfirmInput,
        responses=ConfirmedSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        row = find_round(actor, pk)
        require_confirmer(row, actor)
        said = self.read(request)

        def act() -> dict[str, Any]:
            handle = suggest_handle(request._request.district)  # type: ignore[attr-defined]
            _held, token = confirm_nomination(row, said["candidate"], actor=actor, handle=handle)
            row.refresh_from_db()
            return {**_round(row), "invitation": token}

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


class NominationCallOffView(WriteView):
    @extend_schema(
        operation_id="nominations_call_off", summary=_("取消推选"), tags=[TAG], request=StrictSerializer,
        responses=RoundSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        row, said = find_round(actor, pk), self.read(request)

        def act() -> dict[str, Any]:
            return _round(call_off_nomination(row, actor=actor))

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


# ---------------------------------------------------------------- 法治楼栋
class LawSerializer(serializers.Serializer):
    building = serializers.IntegerField()
    state = serializers.CharField()
    since = serializers.DateField()
    grid = AreaField()


class FoundLawSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = LawSerializer(many=True)


class LawQuery(StrictSerializer):
    state = serializers.ChoiceField(LawBuilding.State.choices, required=False)
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000)


class LawInput(StrictSerializer):
    passed = serializers.ListField(
        child=serializers.ChoiceField(list(checklist().items())), max_length=20, help_text=_("做到了的项")
    )


def _law(row: LawBuilding) -> dict[str, Any]:
    return LawSerializer(
        {"building": row.building_id, "state": row.state, "since": row.since, "grid": row.building.grid_id}
    ).data


class LawBuildingsView(WriteView):
    refuses_readers = True
    http_method_names = ["get", "head", "options"]
    is_write = False

    @extend_schema(
        operation_id="law_buildings_list", summary=_("法治楼栋"), tags=[TAG], parameters=[LawQuery],
        responses=FoundLawSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        asked = read_query(request, LawQuery)
        rows = LawBuilding.objects.filter(building__in=HouseholdPolicy.buildings(actor).values("pk"))
        if "state" in asked:
            rows = rows.filter(state=asked["state"])
        count, found = paged(rows.select_related("building").order_by("pk"), asked["page"], PER_PAGE)
        return Response({"count": count, "results": [_law(row) for row in found]})


class LawCheckView(WriteView):
    input_class = LawInput

    @extend_schema(
        operation_id="law_buildings_check", summary=_("查法治楼栋"), tags=[TAG], request=LawInput,
        responses=LawSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        building, said = find_building(actor, pk), self.read(request)

        def act() -> Any:
            return _law(check_law_building(building, said["passed"], actor=actor))

        return self.answer_once(request, principal=actor.principal, body=said, act=act)
