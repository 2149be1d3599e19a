"""What comes after the handling, for programs: looks and visits to be made, draws with their seeds, claiming a call."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.kernel.actors import Actor
from governance.kernel.api.lists import read_query
from governance.kernel.api.writes import StrictSerializer, WriteView
from governance.kernel.errors import NotAllowed
from grids.middleware import actor_of
from requests_intake import follow_ups, workflow
from requests_intake.actions.draw import disclosed_seed, is_open
from requests_intake.actions.visits import claim_visit, release_visit
from requests_intake.api.inputs import EmptyInput
from requests_intake.draws import draws_of, month_of, seeds
from requests_intake.follow_ups import CHECK_VIEWS, VISIT_VIEWS, FollowUpFilter
from requests_intake.models import SampleDraw
from requests_intake.policies import find_visible

TAG = "办结以后"
PER_PAGE = 50


class FollowUpQuery(StrictSerializer):
    view = serializers.CharField(required=False, default="", max_length=10, help_text=_("页面上的分段：over 过期 等"))
    area = serializers.IntegerField(required=False, min_value=1, max_value=2**31, help_text=_("区域编号"))
    organization = serializers.IntegerField(required=False, min_value=1, max_value=2**31, help_text=_("承办单位编号"))
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=1000, help_text=_("第几页"))


class FollowUpSerializer(serializers.Serializer):
    """A ticket that waits for a look or a visit: by when; of a look whose turn, of a visit how often in vain."""

    number = serializers.CharField()
    title = serializers.CharField()
    organization = serializers.IntegerField(source="organization_id")
    resolved_at = serializers.DateTimeField(allow_null=True)
    due_at = serializers.DateTimeField(source="task_due", allow_null=True)
    level = serializers.CharField(source="task_level", allow_null=True)
    attempts = serializers.IntegerField(source="tries", default=0)


class FollowUpsSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = FollowUpSerializer(many=True)


class _ListView(APIView):
    move: str
    views: Any
    refuses_readers = True

    def rows(self, actor: Actor, wanted: FollowUpFilter) -> Any:
        raise NotImplementedError

    def found(self, request: Request) -> Response:
        actor = actor_of(request._request)
        if not actor.role_kinds & {kind for kind, _relation in workflow.ALLOWED[self.move]}:
            raise NotAllowed("not_allowed", str(_("您的岗位不做这件事，没有这份名单。")))
        asked = read_query(request, FollowUpQuery)
        wanted = FollowUpFilter.from_query({**asked, "page": ""}, self.views)
        page = Paginator(self.rows(actor, wanted), PER_PAGE).get_page(asked["page"])
        return Response(FollowUpsSerializer({"count": page.paginator.count, "results": page.object_list}).data)


class CheckListView(_ListView):
    move, views = "verify", CHECK_VIEWS

    def rows(self, actor: Actor, wanted: FollowUpFilter) -> Any:
        return follow_ups.checks_of(actor, wanted)

    @extend_schema(
        operation_id="checks_list", summary=_("待核查"), tags=[TAG], parameters=[FollowUpQuery],
        responses=FollowUpsSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return self.found(request)


class VisitListView(_ListView):
    move, views = "return_visit", VISIT_VIEWS

    def rows(self, actor: Actor, wanted: FollowUpFilter) -> Any:
        return follow_ups.visits_of(actor, wanted)

    @extend_schema(
        operation_id="visits_list", summary=_("回访名单"), tags=[TAG], parameters=[FollowUpQuery],
        responses=FollowUpsSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return self.found(request)


class ClaimedSerializer(serializers.Serializer):
    number = serializers.CharField()
    claimed_until = serializers.DateTimeField(allow_null=True)


class ClaimView(WriteView):
    """我来打: for ten minutes nobody else calls this person."""

    input_class = EmptyInput

    @extend_schema(
        operation_id="visit_claim", summary=_("我来打"), tags=[TAG], request=EmptyInput, responses=ClaimedSerializer
    )
    def post(self, request: Request, number: str) -> Response:
        actor = actor_of(request._request)
        ticket = find_visible(actor, number)
        data = self.read(request)

        def act() -> dict[str, Any]:
            task = claim_visit(ticket, actor=actor)
            return dict(ClaimedSerializer({"number": ticket.number, "claimed_until": task.claimed_until}).data)

        return self.answer_once(request, principal=actor.principal, body=data, act=act)


class ReleaseView(WriteView):
    """先不打: others may call."""

    input_class = EmptyInput

    @extend_schema(
        operation_id="visit_release", summary=_("先不打"), tags=[TAG], request=EmptyInput, responses=ClaimedSerializer
    )
    def post(self, request: Request, number: str) -> Response:
        actor = actor_of(request._request)
        ticket = find_visible(actor, number)
        data = self.read(request)

        def act() -> dict[str, Any]:
            release_visit(ticket, actor=actor)
            return dict(ClaimedSerializer({"number": ticket.number, "claimed_until": None}).data)

        return self.answer_once(request, principal=actor.principal, body=data, act=act)


class DrawQuery(StrictSerializer):
    month = serializers.RegexField(
        r"^[0-9]{4}-(0[1-9]|1[0-2])$", required=False, default="", help_text=_("月份，如 2026-11；不写就是最近一个月")
    )
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=1000, help_text=_("第几页"))


class DrawSerializer(serializers.ModelSerializer):
    """``value`` is below ``percent`` exactly where somebody looks; null where the rule left nothing to draw."""

    number = serializers.CharField(source="ticket.number")

    class Meta:
        model = SampleDraw
        fields = ("number", "turn", "rule", "percent", "value", "chosen", "drawn_at")


class DrawsSerializer(serializers.Serializer):
    """``seed`` is empty until its month is over; its SHA-256 is the ``commitment``."""

    month = serializers.CharField()
    commitment = serializers.CharField()
    seed = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField()
    results = DrawSerializer(many=True)


class DrawListView(APIView):
    refuses_readers = True

    @extend_schema(
        operation_id="draws_list", summary=_("抽查记录"), tags=[TAG], parameters=[DrawQuery], responses=DrawsSerializer
    )
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        if not actor.role_kinds & follow_ups.DRAW_READERS:
            raise NotAllowed("not_allowed", str(_("抽查记录由督查、街道和区里看。")))
        asked = read_query(request, DrawQuery)
        months = seeds()
        wanted = month_of(asked["month"]) if asked["month"] else months[0].month if months else None
        seed = next((row for row in months if row.month == wanted), None)
        page = Paginator(draws_of(actor, wanted), PER_PAGE).get_page(asked["page"])
        found = {
            "month": f"{wanted:%Y-%m}" if wanted else "",
            "commitment": seed.commitment if seed else "",
            "seed": disclosed_seed(seed) if seed is not None and is_open(seed) else "",
            "count": page.paginator.count,
            "results": page.object_list,
        }
        return Response(DrawsSerializer(found).data)
