"""Whistles and evaluations for programs: the same actions as the pages, one endpoint for each verb."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.kernel.actors import Actor
from governance.kernel.api.lists import read_query
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.errors import NotAllowed
from grids.api.acts import ActView, described
from grids.middleware import actor_of
from requests_intake import evaluations, whistle_queries
from requests_intake import whistle_workflow as workflow
from requests_intake.actions import evaluation, whistle, whistle_respond
from requests_intake.models import Whistle, WhistleKind, WhistleTarget
from requests_intake.whistle_policies import READERS, find_target, find_whistle, organizations_of

TAG = "吹哨和互评"


# ---------------------------------------------------------------- what goes out
class TargetSerializer(serializers.ModelSerializer):
    """One organization called."""

    class Meta:
        model = WhistleTarget
        fields = (
            "id", "organization", "is_lead", "state", "accept_by", "arrive_by", "accepted_at", "arrived_at",
            "handled_at", "refusal", "clause", "suggested", "decide_by", "ruling", "is_late_accept", "is_late_arrival",
        )  # fmt: skip


class WhistleSerializer(serializers.ModelSerializer):
    targets = serializers.SerializerMethodField()

    class Meta:
        model = Whistle
        fields = (
            "number", "kind", "state", "caller", "asker", "area", "address_text", "summary", "lamp", "created_at",
            "blown_at", "handled_at", "closed_at", "score", "targets",
        )  # fmt: skip

    def get_targets(self, row: Whistle) -> list[dict[str, Any]]:
        known = self.context.get("targets")
        rows = known[row.pk] if known is not None else whistle_queries.targets_of([row])[row.pk]
        return [dict(TargetSerializer(target).data) for target in rows]


class WhistlePageSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = WhistleSerializer(many=True)


# ---------------------------------------------------------------- what comes in
class WhistleQuery(StrictSerializer):
    view = serializers.ChoiceField(
        choices=[name for name in whistle_queries.VIEWS if name], required=False, default="",
        help_text=_("waiting 等我的，running 进行中，over 超时的，ended 结束的；不写就是全部"),
    )  # fmt: skip
    kind = serializers.ChoiceField(choices=WhistleKind.choices, required=False, default="")
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=1000, help_text=_("第几页"))


class CallInput(StrictSerializer):
    kind = serializers.ChoiceField(choices=WhistleKind.choices)
    summary = serializers.CharField(max_length=whistle.SUMMARY_LENGTH)
    place = serializers.CharField(max_length=whistle.PLACE_LENGTH)
    organizations = serializers.ListField(child=IdField(), min_length=1, max_length=whistle.MOST_ORGANIZATIONS)
    lead = IdField(required=False)
    building = IdField(required=False)
    arrive_by = serializers.DateTimeField(required=False)
    tickets = serializers.ListField(
        child=serializers.CharField(max_length=20), required=False, max_length=whistle.MOST_TICKETS
    )
    blow = serializers.BooleanField(default=True, help_text=_("街道：写完马上吹；否则先存成草稿。社区的总是请求街道"))


class EmptyWhistleInput(StrictSerializer):
    pass


class WhistleNoteInput(StrictSerializer):
    note = serializers.CharField(max_length=500)


class AnotherInput(StrictSerializer):
    organization = IdField()


class RefuseInput(StrictSerializer):
    reason = serializers.ChoiceField(choices=WhistleTarget.Refusal.choices)
    clause = serializers.CharField(max_length=whistle_respond.CLAUSE_LENGTH)
    suggested = IdField()
    note = serializers.CharField(max_length=500)


class ArriveInput(StrictSerializer):
    place = serializers.CharField(max_length=whistle_respond.PLACE_LENGTH, required=False, default="", allow_blank=True)
    note = serializers.CharField(max_length=whistle_respond.NOTE_LENGTH, required=False, default="", allow_blank=True)


def _star() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=5)


class ScoresInput(StrictSerializer):
    speed = _star()
    result = _star()
    attitude = _star()
    comment = serializers.CharField(max_length=evaluation.COMMENT_LENGTH, required=False, default="", allow_blank=True)


# ---------------------------------------------------------------- whistles
class WhistleListView(WriteView):
    """The newest first, 20 a page; POST blows, drafts or asks."""

    input_class = CallInput
    refuses_readers = True

    @extend_schema(
        operation_id="whistles_list", summary=_("查吹哨"), tags=[TAG], parameters=[WhistleQuery],
        responses=WhistlePageSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = _reader(request)
        asked = read_query(request, WhistleQuery)
        rows = whistle_queries.listed(actor, asked["view"], asked["kind"])
        first = (asked["page"] - 1) * whistle_queries.PER_PAGE
        shown = list(rows[first : first + whistle_queries.PER_PAGE])
        context = {"targets": whistle_queries.targets_of(shown)}
        results = WhistleSerializer(shown, many=True, context=context).data
        return Response({"count": rows.count(), "results": results})

    @extend_schema(
        operation_id="whistle_create", summary=_("吹哨，或请街道吹哨"), tags=[TAG], request=CallInput,
        responses={201: WhistleSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = _reader(request)
        data = self.read(request)
        given = dict(data)
        blow, building = given.pop("blow"), given.pop("building", None)
        call = whistle.Call(building_id=building, **given)

        def act() -> dict[str, Any]:
            if organizations_of(actor, *workflow.STREET) or not organizations_of(actor, *workflow.COMMUNITY):
                made = (whistle.blow_now if blow else whistle.draft_whistle)(call, actor=actor)
            else:
                made = whistle.ask_whistle(call, actor=actor)
            return dict(WhistleSerializer(made).data)

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)


def _require_reader(actor: Actor) -> None:
    if not actor.role_kinds & READERS:
        raise NotAllowed("not_allowed", str(_("您的岗位看不到吹哨。")))


def _reader(request: Request) -> Actor:
    actor = actor_of(request._request)
    _require_reader(actor)
    return actor


class WhistleView(APIView):
    refuses_readers = True

    @extend_schema(operation_id="whistles_read", summary=_("一次吹哨"), tags=[TAG], responses=WhistleSerializer)
    def get(self, request: Request, number: int) -> Response:
        return Response(WhistleSerializer(find_whistle(_reader(request), number)).data)


class WhistleMoveView(ActView):
    """A move of a whistle (404 outside the caller's rows), or where the address names one, of an organization in it."""

    action: Callable[..., Whistle]

    def admit(self, actor: Actor) -> None:
        _require_reader(actor)

    def find(self, actor: Actor, *, number: int, pk: int | None = None) -> Whistle | WhistleTarget:
        return find_whistle(actor, number) if pk is None else find_target(actor, number, pk)[1]

    def act(self, row: Whistle | WhistleTarget, said: dict[str, Any], actor: Actor) -> Whistle:
        return self.action(row, actor=actor, **said)

    def answer(self, done: Whistle) -> dict[str, Any]:
        return dict(WhistleSerializer(done).data)


def _endpoint(
    name: str, body: type[StrictSerializer], act: Callable[..., Whistle], *, summary: Any = ""
) -> type[WhistleMoveView]:
    """The view of one move: ``act(whistle or target, actor=…, **body)``."""

    class View(WhistleMoveView):
        pass

    View.action = staticmethod(act)
    known = name.replace("-", "_")
    words = summary or _(workflow.MOVES[known].label)
    return described(f"whistle_{known}", words, tag=TAG, body=body, answer=WhistleSerializer)(View)


def _rate(target: WhistleTarget, *, actor: Actor, comment: str, **scores: int) -> Whistle:
    return evaluation.evaluate_target(target, scores=evaluation.Scores(**scores), comment=comment, actor=actor)


def _rate_caller(target: WhistleTarget, *, actor: Actor, comment: str, **scores: int) -> Whistle:
    evaluation.evaluate_caller(target, scores=evaluation.Scores(**scores), comment=comment, actor=actor)
    return target.whistle


def _refuse(target: WhistleTarget, *, suggested: int, **given: Any) -> Whistle:
    return whistle_respond.refuse_whistle(target, suggested_id=suggested, **given)


def _call(found: Whistle, *, organization: int, actor: Actor) -> Whistle:
    return whistle.call_another(found, organization_id=organization, actor=actor)


def _decide(must_come: bool) -> Callable[..., Whistle]:
    def act(target: WhistleTarget, *, note: str, actor: Actor) -> Whistle:
        return whistle_respond.arbitrate_refusal(target, must_come=must_come, note=note, actor=actor)

    return act


WHISTLE_MOVES = {
    "approve": _endpoint("approve", EmptyWhistleInput, whistle.approve_whistle),
    "decline": _endpoint("decline", WhistleNoteInput, whistle.decline_whistle),
    "withdraw": _endpoint("withdraw", EmptyWhistleInput, whistle.withdraw_whistle),
    "blow": _endpoint("blow", EmptyWhistleInput, whistle.blow_whistle),
    "call": _endpoint("call", AnotherInput, _call),
    "cancel": _endpoint("cancel", WhistleNoteInput, whistle.cancel_whistle),
    "close": _endpoint("close", EmptyWhistleInput, whistle.close_whistle),
}
TARGET_MOVES = {
    "accept": _endpoint("accept", EmptyWhistleInput, whistle_respond.accept_whistle),
    "refuse": _endpoint("refuse", RefuseInput, _refuse),
    "must-come": _endpoint("must-come", WhistleNoteInput, _decide(True)),
    "release": _endpoint("release", WhistleNoteInput, _decide(False)),
    "dismiss": _endpoint("dismiss", WhistleNoteInput, whistle.dismiss_target),
    "arrive": _endpoint("arrive", ArriveInput, whistle_respond.report_in),
    "handle": _endpoint("handle", WhistleNoteInput, whistle_respond.handle_whistle),
    "evaluate": _endpoint("evaluate", ScoresInput, _rate),
    "evaluate-caller": _endpoint("evaluate-caller", ScoresInput, _rate_caller, summary=_("评吹哨的一方")),
}


# ---------------------------------------------------------------- evaluations
class RateableSerializer(serializers.Serializer):
    """Something that may still be rated."""

    subject = serializers.ChoiceField(choices=["whistle", "order"])
    id = serializers.IntegerField(source="pk")
    side = serializers.ChoiceField(choices=["caller", "responder"])
    other = serializers.IntegerField(source="other_id", help_text=_("被评的单位"))
    title = serializers.CharField()
    number = serializers.CharField()
    until = serializers.DateTimeField()


class ReceivedSerializer(serializers.Serializer):
    """An ended month with enough entries; nothing says who gave them."""

    organization = serializers.IntegerField(source="ratee_id")
    month = serializers.DateField()
    rater_kind = serializers.CharField()
    count = serializers.IntegerField()
    speed = serializers.FloatField()
    result = serializers.FloatField()
    attitude = serializers.FloatField()
    comments = serializers.ListField(child=serializers.CharField())


def _rater(request: Request) -> Actor:
    actor = actor_of(request._request)
    if not actor.role_kinds & evaluation.RATERS:
        raise NotAllowed("not_allowed", str(_("您的岗位不参加单位之间的评价。")))
    return actor


class EvaluationListView(APIView):
    refuses_readers = True

    @extend_schema(
        operation_id="evaluations_list", summary=_("还可以评的"), tags=[TAG], responses=RateableSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        return Response(RateableSerializer(evaluations.to_rate(_rater(request)), many=True).data)


class ReceivedView(APIView):
    refuses_readers = True

    @extend_schema(
        operation_id="evaluations_received", summary=_("收到的评价"), tags=[TAG],
        responses=ReceivedSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = _rater(request)
        own = organizations_of(actor, *evaluation.RATERS)
        return Response(ReceivedSerializer(evaluations.received_by(own), many=True).data)


class GivenSerializer(serializers.Serializer):
    subject = serializers.CharField()
    id = serializers.IntegerField()


class EvaluateOrderView(WriteView):
    input_class = ScoresInput

    @extend_schema(
        operation_id="evaluate_order", summary=_("评转来或承办工单的单位"), tags=[TAG], request=ScoresInput,
        responses=GivenSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = _rater(request)
        matter = evaluations.find_matter(actor, "order", pk)
        data = self.read(request)

        def act() -> dict[str, Any]:
            given = dict(data)
            comment = given.pop("comment")
            return evaluation.evaluate_matter(
                "order", pk, matter.side, scores=evaluation.Scores(**given), comment=comment, actor=actor
            )

        return self.answer_once(request, principal=actor.principal, body=data, act=act)
