"""调解 for programs: a mediator's cases, what is done with one, and the figures of whoever reads them.

Whoever is outside a case gets 404, as if there were none. Reading one is written down, as on the pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.kernel.actors import Actor
from governance.kernel.api.pagination import CursorPagination
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.errors import NotAllowed
from governance.kernel.masking import refuse_masked
from governance.kernel.templatetags.ui import masked_phone
from grids.api.acts import ActionView, described
from grids.middleware import actor_of
from requests_intake import mediation, mediation_figures
from requests_intake.actions import mediation as actions
from requests_intake.actions import mediation_end as ends
from requests_intake.actions.restricted import record_opening
from requests_intake.api import inputs
from requests_intake.api.moves import MoveView, endpoint
from requests_intake.models import (
    MediationCase,
    MediationKind,
    MediationMember,
    MediationMode,
    MediationParty,
    MediationVisit,
    Ticket,
    VisitChannel,
)

TAG = "调解"
ENDS = (("failed", _("调解不成")), ("withdrawn", _("当事人撤回")), ("referred", _("移送")))
HEAVIER = (("big", _("大")), ("hard", _("疑难")))
WAYS = tuple(row for row in VisitChannel.choices if row[0] in ends.VISIT_WAYS)


def _text(label: Any, length: int = actions.TEXT_LENGTH, *, required: bool = True) -> serializers.CharField:
    more: dict[str, Any] = {} if required else {"required": False, "allow_blank": True, "default": ""}
    return serializers.CharField(max_length=length, help_text=label, **more)


def _ids(label: Any) -> serializers.ListField:
    return serializers.ListField(child=IdField(), required=False, default=list, max_length=20, help_text=label)


def _day(label: Any, *, required: bool = True) -> serializers.DateField:
    more: dict[str, Any] = {} if required else {"required": False, "allow_null": True, "default": None}
    return serializers.DateField(help_text=label, **more)


# ---------------------------------------------------------------- what comes in
class PartyInput(StrictSerializer):
    name = serializers.CharField(max_length=40, validators=[refuse_masked], help_text=_("姓名"))
    phone = serializers.CharField(
        max_length=30, required=False, allow_blank=True, default="", validators=[refuse_masked], help_text=_("电话")
    )


class CaseInput(StrictSerializer):
    kind = serializers.ChoiceField(MediationKind.choices, help_text=_("调解类型"))
    dispute = serializers.ChoiceField(MediationCase.Dispute.choices, help_text=_("纠纷类别"))
    severity = serializers.ChoiceField(MediationCase.Severity.choices, help_text=_("轻重"))
    mode = serializers.ChoiceField(MediationMode.choices, help_text=_("诊法；疑难的用 joint"))
    facts = _text(_("纠纷事由"))
    parties = PartyInput(many=True, help_text=_("当事人，两人以上"))
    mediators = _ids(_("调解员的成员编号；自己登记的不用写自己"))

    @staticmethod
    def case_of(data: dict[str, Any]) -> actions.NewCase:
        parties = [actions.Party(row["name"], row["phone"]) for row in data["parties"]]
        return actions.NewCase(**{**data, "parties": parties})


class SessionInput(StrictSerializer):
    held_at = serializers.DateTimeField(help_text=_("时间"))
    mode = serializers.ChoiceField(MediationMode.choices, help_text=_("诊法"))
    place = _text(_("地点"), 200, required=False)
    present = _text(_("到场的人"))
    minutes = _text(_("笔录"))


class SettleInput(StrictSerializer):
    text = _text(_("协议内容"))
    performance_due = _day(_("履行期限"))
    follow_up_on = _day(_("复诊日期；不写就是三十天后"), required=False)


class OutcomeInput(StrictSerializer):
    outcome = _text(_("结果说明"))


class EndInput(OutcomeInput):
    state = serializers.ChoiceField(ENDS, help_text=_("不成、撤回、移送"))
    ticket_done = serializers.BooleanField(default=False, help_text=_("转来的诉求随之办结；否则承办单位接着办"))
    referral_kind = serializers.ChoiceField(
        [row for row in MediationKind.choices if row[0] in ends.REFERRED_TO], required=False, allow_blank=True,
        default="", help_text=_("移送时：转为"),
    )  # fmt: skip
    referred_to = _text(_("移送时：单位"), 80, required=False)
    referred_on = _day(_("移送时：日期"), required=False)


class ReceiptInput(StrictSerializer):
    receipt_number = _text(_("回执编号"), 40)
    receipt_by = _text(_("接收人"), 40)
    receipt_on = _day(_("回执日期"))


class ExtendInput(StrictSerializer):
    until = _day(_("延长到"))
    agreed = _ids(_("同意的当事人编号，每一方都要"))


class RaiseInput(StrictSerializer):
    severity = serializers.ChoiceField(HEAVIER, help_text=_("现在算"))
    mediators = _ids(_("加入的调解员的成员编号"))


class PerformanceInput(StrictSerializer):
    performed = serializers.BooleanField(help_text=_("履行了吗"))
    finding = _text(_("看到的情况"))
    again_on = _day(_("没有履行：下次复诊"), required=False)


class VisitInput(StrictSerializer):
    party = IdField(help_text=_("当事人编号"))
    channel = serializers.ChoiceField(WAYS)
    was_reached = serializers.BooleanField(help_text=_("联系上了吗"))
    satisfaction = serializers.ChoiceField(
        MediationVisit.Satisfaction.choices, required=False, allow_blank=True, default="", help_text=_("满意度")
    )
    words = _text(_("说了什么"), required=False)


class CaseMemberInput(StrictSerializer):
    member = IdField(help_text=_("成员编号"))
    role = serializers.ChoiceField(MediationMember.Role.choices, help_text=_("身份"))


class LeaveInput(StrictSerializer):
    member = IdField(help_text=_("成员编号"))


# ---------------------------------------------------------------- what goes out
class PartySerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    phone = serializers.SerializerMethodField(help_text=_("脱敏显示"))

    def get_phone(self, row: MediationParty) -> str:
        return masked_phone(row.phone) if row.phone else ""


class SessionSerializer(serializers.Serializer):
    held_at = serializers.DateTimeField()
    mode = serializers.CharField()
    place = serializers.CharField()
    present = serializers.CharField()
    minutes = serializers.CharField()


class AgreementSerializer(serializers.Serializer):
    text = serializers.CharField()
    signed_on = serializers.DateField()
    performance_due = serializers.DateField()
    follow_up_on = serializers.DateField()
    performed = serializers.BooleanField(allow_null=True, help_text=_("false 是履行异常"))
    finding = serializers.CharField()


class CaseLineSerializer(serializers.ModelSerializer[MediationCase]):
    class Meta:
        model = MediationCase
        fields = [
            "number", "state", "kind", "dispute", "severity", "mode", "opened_at", "first_session_due_at",
            "first_session_at", "due_at", "ended_at", "visit_due_at", "visited_at",
        ]  # fmt: skip
        read_only_fields = fields


class CaseSerializer(CaseLineSerializer):
    parties = PartySerializer(many=True)
    sessions = SessionSerializer(many=True)
    agreements = AgreementSerializer(many=True)

    class Meta(CaseLineSerializer.Meta):
        fields = [
            *CaseLineSerializer.Meta.fields, "facts", "outcome", "referral_kind", "referred_to", "referred_on",
            "receipt_number", "receipt_by", "receipt_on", "parties", "sessions", "agreements",
        ]  # fmt: skip
        read_only_fields = fields


class FigureLineSerializer(serializers.Serializer):
    """Numbers as text: fewer than five are not shown."""

    label = serializers.CharField()  # type: ignore[assignment]
    settled = serializers.CharField()
    failed = serializers.CharField()
    referred = serializers.CharField()
    rate = serializers.CharField(help_text=_("调解成功率"))
    withdrawn = serializers.CharField(help_text=_("撤回，不计入"))
    declined = serializers.CharField(help_text=_("不予受理，不计入"))
    visit_rate = serializers.CharField(help_text=_("重大纠纷回访率"))
    satisfaction = serializers.CharField(help_text=_("满意率"))


class FiguresSerializer(serializers.Serializer):
    whole = FigureLineSerializer()
    kinds = FigureLineSerializer(many=True)
    disputes = FigureLineSerializer(many=True)
    places = FigureLineSerializer(many=True)


class FiguresQuery(StrictSerializer):
    period = serializers.ChoiceField(list(mediation_figures.PERIODS), required=False, default="year")
    street = IdField(required=False, default=None, help_text=_("街道编号，见 /areas/"))


class CaseQuery(StrictSerializer):
    show = serializers.ChoiceField([name for name in mediation.SHOWS if name], required=False, default="")
    kind = serializers.ChoiceField(MediationKind.choices, required=False, default="")
    q = serializers.CharField(max_length=30, required=False, default="", help_text=_("编号，或当事人的完整电话"))
    cursor = serializers.CharField(required=False)
    page_size = serializers.CharField(required=False)


# ---------------------------------------------------------------- reading
class CasePagination(CursorPagination):
    ordering = ("-opened_at", "-id")


@extend_schema_view(
    get=extend_schema(
        operation_id="mediation_list", summary=_("您参与的调解，最新的在前"), tags=[TAG], parameters=[CaseQuery]
    ),
    post=extend_schema(
        operation_id="mediation_open", summary=_("登记调解"), tags=[TAG], request=CaseInput,
        responses={201: CaseLineSerializer},
    ),
)  # fmt: skip
class CaseListView(WriteView, generics.ListAPIView[MediationCase]):
    input_class = CaseInput
    serializer_class = CaseLineSerializer
    pagination_class = CasePagination
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[MediationCase]:
        wanted = CaseQuery(data=self.request.query_params)
        wanted.is_valid(raise_exception=True)
        found = mediation.CaseFilter.read(wanted.validated_data)
        return mediation.cases_of(actor_of(self.request._request), found).order_by("-opened_at", "-pk")

    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        data = self.read(request)

        def act() -> Any:
            return CaseLineSerializer(actions.open_case(CaseInput.case_of(data), actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)


class CaseView(APIView):
    @extend_schema(operation_id="mediation_read", summary=_("一件调解"), tags=[TAG], responses=CaseSerializer)
    def get(self, request: Request, number: str) -> Response:
        actor = actor_of(request._request)
        case = mediation.find_case(actor, number)
        record_opening("mediation", case.pk, actor=actor, page="api:mediation-case")
        return Response(CaseSerializer(case).data)


class FiguresView(APIView):
    refuses_readers = True

    @extend_schema(
        operation_id="mediation_figures", summary=_("调解统计"), tags=[TAG], parameters=[FiguresQuery],
        responses=FiguresSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        wanted = FiguresQuery(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        scope = mediation_figures.scope_of(actor_of(request._request))
        if scope is None:
            raise NotAllowed("no_figures", _now("您的岗位不看调解统计。"))
        given = wanted.validated_data
        found = mediation_figures.report(scope, period=given["period"], street=given["street"])
        return Response(FiguresSerializer(asdict(found)).data)


# ---------------------------------------------------------------- writing
class CaseActView(ActionView):
    """Something done with a case (404 outside). The answer has no word of the file."""

    def find(self, actor: Actor, *, number: str) -> MediationCase:
        return mediation.find_case(actor, number)

    def answer(self, done: MediationCase) -> dict[str, Any]:
        return dict(CaseLineSerializer(MediationCase.objects.get(pk=done.pk)).data)


def _act(
    verb: str, summary: Any, body: type[StrictSerializer], action: Callable[..., Any], **renamed: str
) -> type[CaseActView]:
    class View(CaseActView):
        def act(self, row: MediationCase, said: dict[str, Any], actor: Actor) -> MediationCase:
            return super().act(row, {renamed.get(name, name): value for name, value in said.items()}, actor)

    View.action = staticmethod(action)
    return described(f"mediation_{verb}", summary, tag=TAG, body=body, answer=CaseLineSerializer)(View)


ACTS = {
    "session": _act("session", _("记一次调解"), SessionInput, actions.record_session),
    "settle": _act("settle", _("达成协议"), SettleInput, ends.settle_case),
    "decline": _act("decline", _("不予受理"), OutcomeInput, ends.decline_case),
    "end": _act("end", _("调解不成、撤回或移送"), EndInput, ends.end_case),
    "receipt": _act("receipt", _("登记移送回执"), ReceiptInput, ends.record_receipt),
    "extend": _act("extend", _("延长调解期限"), ExtendInput, actions.extend_case),
    "raise": _act("raise", _("上报或会诊"), RaiseInput, actions.raise_case),
    "follow-up": _act("follow_up", _("复诊"), PerformanceInput, ends.record_performance),
    "visit": _act("visit", _("回访"), VisitInput, ends.record_visit),
    "name": _act("name", _("请人加入"), CaseMemberInput, actions.name_member, member="membership_id"),
    "leave": _act("leave", _("请人退出"), LeaveInput, actions.end_member, member="membership_id"),
}


class TakeOverView(WriteView):
    """A case of one's own organization none of whose mediators is in post any more."""

    input_class = inputs.EmptyInput

    @extend_schema(
        operation_id="mediation_take_over", summary=_("接手没有调解员的调解"), tags=[TAG], request=inputs.EmptyInput,
        responses=CaseLineSerializer,
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        actor = actor_of(request._request)
        data = self.read(request)

        def act() -> Any:
            return CaseLineSerializer(actions.take_over(number, actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=data, act=act)


@endpoint("mediate", CaseInput)
class MediateView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return actions.mediate_ticket(ticket, CaseInput.case_of(data), actor=actor)
