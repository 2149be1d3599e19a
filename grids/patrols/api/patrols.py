"""Patrols for programs: plans, figures by grid, and each verb of a patrol."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.api.lists import read_query
from governance.kernel.api.pagination import CursorPagination
from governance.kernel.api.writes import HourField, IdField, StrictSerializer, WriteView
from governance.kernel.errors import NotAllowed, NotFound
from grids.api.acts import ActionView, described
from grids.api.serializers import AreaField
from grids.middleware import actor_of
from grids.patrols.actions import patrols as actions
from grids.patrols.actions.patrols import MOST_OF_A_ROLE, NOTE_LENGTH, PatrolSaid
from grids.patrols.actions.plans import MOST_POINTS, POINT_LENGTH, PlanSaid, end_plan, set_plan
from grids.patrols.compliance import walked
from grids.patrols.models import Patrol, PatrolCrew, PatrolPlan, PatrolPoint, PatrolShift
from grids.patrols.months import last_day, month_asked
from grids.patrols.policies import read_grids, require_reader, walked_grids
from grids.patrols.queries import patrols_of

TAG = "巡查"


# ---------------------------------------------------------------- patrols
class PatrolCrewSerializer(serializers.ModelSerializer[PatrolCrew]):
    people = serializers.IntegerField(source="number")

    class Meta:
        model = PatrolCrew
        fields = ["role", "people"]
        read_only_fields = fields


class PatrolSerializer(serializers.ModelSerializer[Patrol]):
    """Without the words about it: they are read on the page of who wrote them, and of who answers for the place."""

    grid = AreaField(source="grid_id", read_only=True)
    crew = PatrolCrewSerializer(many=True, read_only=True)
    result = serializers.CharField(read_only=True, help_text=_("normal 正常，findings 有发现；没结束的为空"))

    class Meta:
        model = Patrol
        fields = [
            "client_id", "grid", "shift", "day", "state", "result", "started_at", "ended_at", "find_count", "crew",
        ]  # fmt: skip
        read_only_fields = fields


class PatrolCrewInput(StrictSerializer):
    role = serializers.ChoiceField(PatrolCrew.Role.choices)
    people = serializers.IntegerField(min_value=1, max_value=MOST_OF_A_ROLE, help_text=_("几个人"))


class PatrolMomentInput(StrictSerializer):
    at = serializers.DateTimeField(
        required=False, allow_null=True, default=None,
        help_text=_("发生的时间；三天以前的、比现在晚的不采用，按收到的时间记"),
    )  # fmt: skip


class PatrolStartInput(PatrolMomentInput):
    client_id = serializers.UUIDField(help_text=_("由发起的一方生成，同一个编号只记一次"))
    grid = IdField()
    crew = PatrolCrewInput(many=True, required=False, default=list, help_text=_("联防：一起去的人，只记身份和人数"))


class PatrolFinishInput(PatrolMomentInput):
    result = serializers.ChoiceField(Patrol.Result.choices, required=False, default="")
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=NOTE_LENGTH)


class PatrolPointInput(PatrolMomentInput):
    point = IdField()


class NewestPagination(CursorPagination):
    ordering = ("-started_at", "-id")


def _answer(request: Request, client_id: UUID) -> Any:
    return PatrolSerializer(patrols_of(actor_of(request._request)).get(client_id=client_id)).data


@extend_schema_view(
    get=extend_schema(operation_id="patrols_list", summary=_("巡查：您范围内的，最新的在前"), tags=[TAG])
)
class _PatrolList(generics.ListAPIView[Patrol]):
    serializer_class = PatrolSerializer
    pagination_class = NewestPagination
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Patrol]:
        actor = actor_of(self.request._request)
        require_reader(actor)
        return patrols_of(actor)


class PatrolListView(_PatrolList, WriteView):
    refuses_readers = True
    input_class = PatrolStartInput

    @extend_schema(
        operation_id="patrols_start", summary=_("开始巡查"), tags=[TAG], request=PatrolStartInput,
        responses={201: PatrolSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        if not walked_grids(actor):
            raise NotAllowed("walkers_only", str(_("巡查由网格员和网格长来做，您的岗位不巡查。")))
        said = self.read(request)
        crew = {each["role"]: each["people"] for each in said["crew"]}

        def act() -> Any:
            row = actions.start_patrol(PatrolSaid(said["client_id"], said["grid"], said["at"], crew), actor=actor)
            return _answer(request, row.client_id)

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=201)


class PatrolView(generics.RetrieveAPIView[Patrol]):
    serializer_class = PatrolSerializer

    @extend_schema(operation_id="patrols_read", summary=_("一次巡查"), tags=[TAG])
    def get(self, request: Request, client_id: UUID) -> Response:
        row = patrols_of(actor_of(request._request)).filter(client_id=client_id).first()
        if row is None:
            raise NotFound("no_patrol", str(_("没有这次巡查，或者不在您的范围。")))
        return Response(PatrolSerializer(row).data)


class PatrolMoveView(ActionView):
    """A move of the caller's own patrol (404 otherwise)."""

    def find(self, actor: Actor, *, client_id: UUID) -> Patrol:
        return actions.find_own(actor, client_id)

    def answer(self, done: Patrol) -> dict[str, Any]:
        return dict(PatrolSerializer(Patrol.objects.prefetch_related("crew").get(pk=done.pk)).data)


def _endpoint(verb: str, summary: Any, body: type[StrictSerializer], action: Any) -> type[PatrolMoveView]:
    class View(PatrolMoveView):
        pass

    View.action = staticmethod(action)
    return described(f"patrols_{verb}", summary, tag=TAG, body=body, answer=PatrolSerializer)(View)


def _check_point(patrol: Patrol, *, point: int, **said: Any) -> Any:
    return actions.check_point(patrol, point, **said)


MOVES = {
    "finish": _endpoint("finish", _("结束巡查"), PatrolFinishInput, actions.finish_patrol),
    "withdraw": _endpoint("withdraw", _("撤回刚开始的巡查"), StrictSerializer, actions.withdraw_patrol),
    "resume": _endpoint("resume", _("接着巡刚结束的巡查"), StrictSerializer, actions.resume_patrol),
    "point": _endpoint("point", _("到点"), PatrolPointInput, _check_point),
}


# ---------------------------------------------------------------- plans
class PatrolShiftSerializer(serializers.ModelSerializer[PatrolShift]):
    opens_at = HourField()
    closes_at = HourField()

    class Meta:
        model = PatrolShift
        fields = ["code", "opens_at", "closes_at"]
        read_only_fields = fields


class PatrolPointSerializer(serializers.ModelSerializer[PatrolPoint]):
    class Meta:
        model = PatrolPoint
        fields = ["id", "title"]
        read_only_fields = fields


class PatrolPlanSerializer(serializers.ModelSerializer[PatrolPlan]):
    grid = AreaField(source="grid_id", read_only=True)
    weekdays = serializers.ListField(child=serializers.IntegerField(), read_only=True, help_text=_("1 周一，7 周日"))
    shifts = PatrolShiftSerializer(many=True, read_only=True)
    points = PatrolPointSerializer(many=True, read_only=True)

    class Meta:
        model = PatrolPlan
        fields = ["id", "grid", "kind", "weekdays", "on_days_off", "starts_on", "ended_on", "shifts", "points"]
        read_only_fields = fields


class PatrolShiftInput(StrictSerializer):
    code = serializers.ChoiceField(PatrolShift.Code.choices)
    opens_at = HourField()
    closes_at = HourField()


class PatrolPlanInput(StrictSerializer):
    grids = serializers.ListField(child=IdField(), min_length=1, max_length=200)
    kind = serializers.ChoiceField(PatrolPlan.Kind.choices, required=False, default="routine")
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7), required=False, default=[1, 2, 3, 4, 5], max_length=7
    )
    on_days_off = serializers.BooleanField(required=False, default=False)
    shifts = PatrolShiftInput(many=True)
    points = serializers.ListField(
        child=serializers.CharField(max_length=POINT_LENGTH), required=False, default=list, max_length=MOST_POINTS
    )


class PatrolPlanEndInput(StrictSerializer):
    grid = IdField()
    kind = serializers.ChoiceField(PatrolPlan.Kind.choices)


def _plans(grids: list[int]) -> QuerySet[PatrolPlan]:
    rows = PatrolPlan.objects.filter(grid_id__in=grids, ended_on=None).order_by("grid_id", "kind")
    return rows.prefetch_related("shifts", "points")


class PlanListView(WriteView):
    refuses_readers = True
    input_class = PatrolPlanInput

    @extend_schema(
        operation_id="patrol_plans_list",
        summary=_("在用的巡查计划"),
        tags=[TAG],
        responses=PatrolPlanSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_reader(actor)
        grids = [grid.id for grid in (*read_grids(actor), *walked_grids(actor))]
        return Response(PatrolPlanSerializer(_plans(grids), many=True).data)

    @extend_schema(
        operation_id="patrol_plans_set", summary=_("定巡查计划"), tags=[TAG], request=PatrolPlanInput,
        responses={201: PatrolPlanSerializer(many=True)},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_reader(actor)
        said = self.read(request)
        shifts = {each["code"]: (each["opens_at"], each["closes_at"]) for each in said["shifts"]}
        plan = PlanSaid(shifts, said["weekdays"], said["on_days_off"], said["points"])

        def act() -> Any:
            rows = set_plan(said["grids"], said["kind"], plan, actor=actor)
            return PatrolPlanSerializer(_plans([row.grid_id for row in rows]).filter(kind=said["kind"]), many=True).data

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=201)


class PlanEndView(WriteView):
    input_class = PatrolPlanEndInput

    @extend_schema(
        operation_id="patrol_plans_end", summary=_("从明天起不再排"), tags=[TAG], request=PatrolPlanEndInput,
        responses=PatrolPlanEndInput,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_reader(actor)
        said = self.read(request)

        def act() -> Any:
            end_plan(said["grid"], said["kind"], actor=actor)
            return dict(said)

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


# ---------------------------------------------------------------- figures
class WalkedSerializer(serializers.Serializer):
    grid = AreaField(source="grid_id", read_only=True)
    planned = serializers.IntegerField(help_text=_("到今天为止排的班次"))
    due = serializers.IntegerField(help_text=_("其中到了时间的"))
    done = serializers.IntegerField(help_text=_("巡完的"))
    unfinished = serializers.IntegerField(help_text=_("没有按结束的巡查"))
    extra = serializers.IntegerField(help_text=_("计划以外的巡查"))
    finds = serializers.IntegerField(help_text=_("巡查中报的事"))


class MonthQuery(StrictSerializer):
    month = serializers.RegexField(r"^20\d\d-(0[1-9]|1[0-2])$", required=False, default="", help_text="2026-11")


class PatrolFiguresView(WriteView):
    refuses_readers = True

    @extend_schema(
        operation_id="patrol_figures", summary=_("巡查达标：各网格一个月排的和巡完的班次"), tags=[TAG],
        parameters=[MonthQuery], responses=WalkedSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_reader(actor)
        month = month_asked(read_query(request, MonthQuery)["month"])
        grids = list(dict.fromkeys(grid.id for grid in (*read_grids(actor), *walked_grids(actor))))
        found = walked(grids, month, min(last_day(month), clock.today()))
        rows = [
            {
                "grid_id": pk, "planned": each.planned, "due": each.due, "done": each.done,
                "unfinished": each.unfinished, "extra": each.extra, "finds": each.finds,
            }
            for pk, each in found.items()
        ]  # fmt: skip
        return Response(WalkedSerializer(rows, many=True).data)
