"""走访 for programs. What somebody wrote down at a visit is opened by people with a reason, never by a program."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel import clock
from governance.kernel.api.lists import paged, read_query
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.errors import Invalid
from grids.households.policies import HouseholdPolicy, find_household, kept_grids, require_keeper
from grids.households.queries import search
from grids.middleware import actor_of
from grids.visits.actions.outcomes import MOST_OUTCOMES, set_outcomes
from grids.visits.actions.plans import MOST, set_target
from grids.visits.actions.visits import WORDS, VisitDetails, log_visit, withdraw_visit
from grids.visits.due import LISTS, to_visit
from grids.visits.models import Visit
from grids.visits.months import month_of
from grids.visits.plans import progress
from grids.visits.policies import find_visit
from grids.visits.presentation.visits import waiting_lines
from grids.visits.reference import outcomes, outcomes_in_use

TAG = "走访"
PER_PAGE = 50
_MONTH = gettext_lazy("月份，如 2026-11；默认本月")


class ReasonSerializer(serializers.Serializer):
    kind = serializers.CharField()
    words = serializers.CharField()


class WaitingHouseholdSerializer(serializers.Serializer):
    """A household that waits for a visit."""

    id = serializers.IntegerField(source="pk")
    place = serializers.CharField()
    people = serializers.IntegerField()
    reasons = ReasonSerializer(many=True)
    last = serializers.CharField()


class WaitingSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = WaitingHouseholdSerializer(many=True)


class HomeVisitSerializer(serializers.Serializer[Visit]):
    """A visit without its words."""

    id = serializers.IntegerField(source="pk")
    household = serializers.IntegerField(source="household_id")
    at = serializers.DateTimeField()
    met = serializers.ChoiceField(Visit.Met.choices)
    purpose = serializers.ChoiceField(Visit.Purpose.choices)
    outcome = serializers.IntegerField(source="outcome_id", allow_null=True)
    next_visit_on = serializers.DateField(allow_null=True)
    is_withdrawn = serializers.SerializerMethodField()
    has_words = serializers.SerializerMethodField()

    def get_is_withdrawn(self, row: Visit) -> bool:
        return row.withdrawn_at is not None

    def get_has_words(self, row: Visit) -> bool:
        return bool(row.findings)


class VisitIdSerializer(serializers.Serializer):
    id = serializers.IntegerField()


class VisitProgressSerializer(serializers.Serializer):
    """How far a grid is with a month."""

    grid = serializers.IntegerField()
    target = serializers.IntegerField()
    households = serializers.IntegerField()
    planned = serializers.IntegerField()
    met = serializers.IntegerField()
    tried = serializers.IntegerField()
    left = serializers.IntegerField()
    not_this_year = serializers.IntegerField()
    is_reached = serializers.BooleanField()


class VisitOutcomeSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    offers_mediation = serializers.BooleanField()


class WaitingQuery(StrictSerializer):
    list = serializers.ChoiceField(list(LISTS), required=False, default="month", help_text=gettext_lazy("哪一张单子"))
    grid = IdField(required=False, help_text=gettext_lazy("网格编号"))
    q = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000)


class PageQuery(StrictSerializer):
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000)


class MonthQuery(StrictSerializer):
    month = serializers.CharField(required=False, default="", allow_blank=True, max_length=7, help_text=_MONTH)


class HomeVisitInput(StrictSerializer):
    met = serializers.ChoiceField(Visit.Met.choices)
    purpose = serializers.ChoiceField(Visit.Purpose.choices, required=False, default=Visit.Purpose.ROUTINE)
    outcome = IdField(required=False, allow_null=True, default=None, help_text=gettext_lazy("见 /visit-outcomes/"))
    findings = serializers.CharField(required=False, allow_blank=True, default="", max_length=WORDS)
    next_visit_on = serializers.DateField(required=False, allow_null=True, default=None)
    at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class VisitPlanInput(StrictSerializer):
    grid = IdField()
    month = serializers.CharField(max_length=7, help_text=_MONTH)
    target = serializers.IntegerField(min_value=1, max_value=MOST)


class VisitOutcomeInput(StrictSerializer):
    name = serializers.CharField(max_length=12)
    offers_mediation = serializers.BooleanField(required=False, default=False)


class VisitOutcomesInput(StrictSerializer):
    outcomes = serializers.ListField(child=VisitOutcomeInput(), max_length=MOST_OUTCOMES)


def _month(text: str) -> Any:
    if not text:
        return clock.today()
    found = month_of(text)
    if found is None:
        words = _("请写成 2026-11 这样的月份。")
        raise Invalid("wrong_month", words, fields={"month": [words]})
    return found


class WaitingView(WriteView):
    is_write = False
    refuses_readers = True

    @extend_schema(
        operation_id="home_visits_waiting", summary=gettext_lazy("该走访的住户"), tags=[TAG], parameters=[WaitingQuery],
        responses=WaitingSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        asked = read_query(request, WaitingQuery)
        rows = search(HouseholdPolicy.visible(actor).filter(ended_on=None), actor, asked["q"])
        if "grid" in asked:
            rows = rows.filter(building__grid_id=asked["grid"])
        count, found = paged(to_visit(rows, asked["list"]), asked["page"], PER_PAGE)
        return Response(WaitingSerializer({"count": count, "results": waiting_lines(found, actor)}).data)


class HouseholdVisitsView(WriteView):
    refuses_readers = True
    input_class = HomeVisitInput

    @extend_schema(
        operation_id="household_visits_list", summary=gettext_lazy("一户的走访"), tags=[TAG], parameters=[PageQuery],
        responses=HomeVisitSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        home = find_household(actor, pk)
        first = (read_query(request, PageQuery)["page"] - 1) * PER_PAGE
        rows = Visit.objects.filter(household=home).order_by("-at", "-pk")[first : first + PER_PAGE]
        return Response(HomeVisitSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="household_visits_create", summary=gettext_lazy("记一次走访"), tags=[TAG], request=HomeVisitInput,
        responses={201: VisitIdSerializer},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        home = find_household(actor, pk)
        said = self.read(request)
        asked = said["outcome"]
        outcome = outcomes().get(asked) if asked else None
        if asked and outcome is None:
            words = _("没有这种走访成果。")
            raise Invalid("no_outcome", words, fields={"outcome": [words]})

        def act() -> dict[str, Any]:
            at: datetime | None = said["at"]
            details = VisitDetails(
                said["met"], said["purpose"], outcome, said["findings"], said["next_visit_on"], at
            )  # fmt: skip
            return {"id": log_visit(home, details, actor=actor).pk}

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=201)


class VisitWithdrawView(WriteView):
    input_class = StrictSerializer

    @extend_schema(
        operation_id="home_visits_withdraw", summary=gettext_lazy("撤回一次走访"), tags=[TAG], request=StrictSerializer,
        responses={200: VisitIdSerializer},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        row = find_visit(actor, pk)
        said = self.read(request)

        def act() -> dict[str, Any]:
            return {"id": withdraw_visit(row, actor=actor).pk}

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=200)


class VisitPlansView(WriteView):
    refuses_readers = True
    input_class = VisitPlanInput

    @extend_schema(
        operation_id="visit_plans_list", summary=gettext_lazy("各网格走访进度"), tags=[TAG], parameters=[MonthQuery],
        responses=VisitProgressSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        found = progress([grid.id for grid in kept_grids(actor)], _month(read_query(request, MonthQuery)["month"]))
        rows = [
            {
                "grid": pk, "target": row.target, "households": row.homes, "planned": row.planned, "met": row.met,
                "tried": row.tried, "left": row.left, "not_this_year": row.not_this_year, "is_reached": row.is_reached,
            }
            for pk, row in found.items()
        ]  # fmt: skip
        return Response(VisitProgressSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="visit_plans_set", summary=gettext_lazy("定每月走访户数"), tags=[TAG], request=VisitPlanInput,
        responses={200: VisitIdSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        said = self.read(request)
        month = _month(said["month"])

        def act() -> dict[str, Any]:
            return {"id": set_target(said["grid"], month, said["target"], actor=actor).pk}

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=200)


class VisitOutcomesView(WriteView):
    input_class = VisitOutcomesInput

    @extend_schema(
        operation_id="visit_outcomes_list", summary=gettext_lazy("走访成果的说法"), tags=[TAG],
        responses=VisitOutcomeSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return Response(VisitOutcomeSerializer(outcomes_in_use(), many=True).data)

    @extend_schema(
        operation_id="visit_outcomes_set", summary=gettext_lazy("设走访成果的说法"), tags=[TAG],
        request=VisitOutcomesInput, responses={200: VisitOutcomeSerializer(many=True)},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        said = self.read(request)

        def act() -> dict[str, Any]:
            rows = set_outcomes([(row["name"], row["offers_mediation"]) for row in said["outcomes"]], actor=actor)
            return {"outcomes": [dict(VisitOutcomeSerializer(row).data) for row in rows]}

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=200)
