"""Changes of grids, borders of a community's grids and references from older grids, for programs."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.accounts.policies import require_administrator
from governance.kernel.api.lists import read_query
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.errors import Invalid, NotFound
from grids.coordinates import DATUMS, WGS84, geometry_to_wgs
from grids.geometry import border_problem
from grids.middleware import actor_of
from grids.models import Area
from grids.territory.actions.borders import save_border_set
from grids.territory.actions.decide import approve_change, refuse_change
from grids.territory.actions.legacy import remove_reference
from grids.territory.actions.propose import (
    APART_LENGTH,
    NAME_LENGTH,
    REASON_LENGTH,
    propose_merge,
    propose_split,
    withdraw_change,
)
from grids.territory.legacy import references
from grids.territory.models import GridChange, LegacyGridRef
from grids.territory.policies import find_change, find_grid, require_decider, require_proposer, require_reader, visible

TAG = "网格调整"
PER_PAGE = 50
MOST_BUILDINGS = 2_000


class GridNameSerializer(serializers.ModelSerializer[Area]):
    """Named also where the grid has ended."""

    class Meta:
        model = Area
        fields = ["id", "code", "name", "ended_on"]
        read_only_fields = fields


class GridChangeSerializer(serializers.ModelSerializer[GridChange]):
    grid = GridNameSerializer(read_only=True)
    target = GridNameSerializer(read_only=True, allow_null=True)
    moved = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = GridChange
        fields = [
            "id", "kind", "state", "community", "grid", "target", "reason", "apart_reason", "proposed_at", "decided_at",
            "decision", "moved",
        ]  # fmt: skip
        read_only_fields = fields


class FoundChangesSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = GridChangeSerializer(many=True)


class PageQuery(StrictSerializer):
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000)


class ReasonInput(StrictSerializer):
    grid = IdField(help_text=gettext_lazy("要调整的网格"))
    reason = serializers.CharField(max_length=REASON_LENGTH, help_text=gettext_lazy("为什么调整"))
    apart_reason = serializers.CharField(
        max_length=APART_LENGTH, required=False, allow_blank=True, default="", help_text=gettext_lazy("不连片的原因")
    )


class GridPartInput(StrictSerializer):
    name = serializers.CharField(max_length=NAME_LENGTH)
    buildings = serializers.ListField(child=IdField(), max_length=MOST_BUILDINGS)


class GridSplitInput(ReasonInput):
    parts = GridPartInput(many=True, help_text=gettext_lazy("各片和它的楼栋，第一片沿用原网格"))


class GridMergeInput(ReasonInput):
    target = IdField(help_text=gettext_lazy("并入哪个网格"))


class GridDecisionInput(StrictSerializer):
    decision = serializers.CharField(
        max_length=REASON_LENGTH, required=False, allow_blank=True, default="", help_text=gettext_lazy("意见")
    )


class _ChangeView(WriteView):
    refuses_readers = True

    def answered(self, request: Request, said: dict[str, Any], act: Any, status: int = 200) -> Response:
        principal = actor_of(request._request).principal
        return self.answer_once(
            request, principal=principal, body=said, act=lambda: GridChangeSerializer(act()).data, status=status
        )


class ChangeListView(_ChangeView):
    @extend_schema(
        operation_id="grid_changes_list", summary=gettext_lazy("网格调整"), tags=[TAG], parameters=[PageQuery],
        responses=FoundChangesSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_reader(actor)
        rows = visible(actor).select_related("grid", "target").order_by("-pk")
        page = Paginator(rows, PER_PAGE).get_page(read_query(request, PageQuery)["page"])
        results = GridChangeSerializer(list(page.object_list), many=True).data
        return Response({"count": page.paginator.count, "results": results})


class SplitView(_ChangeView):
    input_class = GridSplitInput

    @extend_schema(
        operation_id="grid_changes_split", summary=gettext_lazy("提出拆分网格"), tags=[TAG], request=GridSplitInput,
        responses={201: GridChangeSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_proposer(actor)
        said = self.read(request)

        def act() -> GridChange:
            choice: dict[int, int] = {}
            for number, part in enumerate(said["parts"]):
                for pk in part["buildings"]:
                    if choice.setdefault(pk, number) != number:
                        words = _("一栋楼只能归一片。")
                        raise Invalid("building_twice", words, fields={"parts": [words]})
            return propose_split(
                find_grid(actor, said["grid"]), names=[part["name"] for part in said["parts"]], choice=choice,
                reason=said["reason"], apart_reason=said["apart_reason"], actor=actor,
            )  # fmt: skip

        return self.answered(request, said, act, 201)


class MergeView(_ChangeView):
    input_class = GridMergeInput

    @extend_schema(
        operation_id="grid_changes_merge", summary=gettext_lazy("提出合并网格"), tags=[TAG], request=GridMergeInput,
        responses={201: GridChangeSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_proposer(actor)
        said = self.read(request)

        def act() -> GridChange:
            return propose_merge(
                find_grid(actor, said["grid"]), into=find_grid(actor, said["target"]), reason=said["reason"],
                apart_reason=said["apart_reason"], actor=actor,
            )  # fmt: skip

        return self.answered(request, said, act, 201)


class ApproveView(_ChangeView):
    input_class = GridDecisionInput

    @extend_schema(
        operation_id="grid_changes_approve", summary=gettext_lazy("同意网格调整"), tags=[TAG],
        request=GridDecisionInput, responses=GridChangeSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        found = find_change(actor, pk)
        require_decider(actor, found)
        said = self.read(request)
        return self.answered(request, said, lambda: approve_change(found, note=said["decision"], actor=actor))


class RefuseView(_ChangeView):
    input_class = GridDecisionInput

    @extend_schema(
        operation_id="grid_changes_refuse", summary=gettext_lazy("不同意网格调整"), tags=[TAG],
        request=GridDecisionInput, responses=GridChangeSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        found = find_change(actor, pk)
        require_decider(actor, found)
        said = self.read(request)
        return self.answered(request, said, lambda: refuse_change(found, reason=said["decision"], actor=actor))


class WithdrawChangeView(_ChangeView):
    @extend_schema(
        operation_id="grid_changes_withdraw", summary=gettext_lazy("撤回网格调整"), tags=[TAG], request=None,
        responses=GridChangeSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        found = find_change(actor, pk)
        self.read(request)
        return self.answered(request, {}, lambda: withdraw_change(found, actor=actor))


# ---------------------------------------------------------------- borders
class GridBorderInput(StrictSerializer):
    grid = IdField()
    geometry = serializers.DictField(help_text=gettext_lazy("GeoJSON Polygon 或 MultiPolygon"))


class BorderSetInput(StrictSerializer):
    borders = GridBorderInput(many=True, help_text=gettext_lazy("社区的全部网格，每个一条边界"))
    datum = serializers.ChoiceField([(each, each) for each in DATUMS], required=False, default=WGS84)
    apart_reason = serializers.CharField(max_length=APART_LENGTH, required=False, allow_blank=True, default="")
    buildings_follow = serializers.BooleanField(required=False, default=False)


class ChangedSerializer(serializers.Serializer):
    changed = serializers.IntegerField(help_text=gettext_lazy("改了几条边界"))


class BorderSetView(WriteView):
    refuses_readers = True
    input_class = BorderSetInput

    @extend_schema(
        operation_id="community_borders_save", summary=gettext_lazy("一次保存社区各网格的边界"), tags=[TAG],
        request=BorderSetInput, responses=ChangedSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        require_administrator(actor)
        community = Area.objects.filter(pk=pk, level="community", ended_on=None).first()
        if community is None:
            raise NotFound("no_community", _("没有这个社区。"))
        said = self.read(request)

        def act() -> dict[str, Any]:
            borders = {row["grid"]: _in_wgs(row["geometry"], said["datum"]) for row in said["borders"]}
            count = save_border_set(
                community, borders=borders, apart_reason=said["apart_reason"],
                buildings_follow=said["buildings_follow"], actor=actor,
            )  # fmt: skip
            return {"changed": count}

        return self.answer_once(request, principal=actor.principal, body=said, act=act)


def _in_wgs(geometry: dict[str, Any], datum: str) -> dict[str, Any]:
    problem = border_problem(geometry)
    if problem:
        raise Invalid("wrong_borders", f"{problem}。", fields={"borders": [f"{problem}。"]})
    return geometry_to_wgs({"type": geometry["type"], "coordinates": geometry["coordinates"]}, datum)


# ---------------------------------------------------------------- older grids
class LegacyGridSerializer(serializers.ModelSerializer[LegacyGridRef]):
    grid = GridNameSerializer(read_only=True)

    class Meta:
        model = LegacyGridRef
        fields = ["id", "system", "code", "name", "grid"]
        read_only_fields = fields


class FoundLegacySerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = LegacyGridSerializer(many=True)


class LegacyQuery(PageQuery):
    system = serializers.CharField(max_length=30, required=False, default="")
    code = serializers.CharField(max_length=40, required=False, default="")


class LegacyListView(APIView):
    refuses_readers = True

    @extend_schema(
        operation_id="legacy_grids_list", summary=gettext_lazy("旧网格对照"), tags=[TAG], parameters=[LegacyQuery],
        responses=FoundLegacySerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        require_administrator(actor_of(request._request))
        said = read_query(request, LegacyQuery)
        rows = references(said["system"])
        if said["code"]:
            rows = rows.filter(code=said["code"].upper())
        page = Paginator(rows, PER_PAGE).get_page(said["page"])
        results = LegacyGridSerializer(list(page.object_list), many=True).data
        return Response({"count": page.paginator.count, "results": results})


class LegacyRemoveView(WriteView):
    refuses_readers = True

    @extend_schema(
        operation_id="legacy_grids_remove", summary=gettext_lazy("去掉一条旧网格对照"), tags=[TAG], request=None,
        responses=ChangedSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        require_administrator(actor)
        self.read(request)

        def act() -> dict[str, Any]:
            remove_reference(pk, actor=actor)
            return {"changed": 1}

        return self.answer_once(request, principal=actor.principal, body={"id": pk}, act=act)
