"""Lists of applications and of pressure from above for programs, and the issues of what is published (SLA D.4–D.8)."""

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
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.errors import NotAllowed
from grids.middleware import actor_of
from requests_intake import workflow
from requests_intake.actions.circulars import MOST_LINES, Line, publish_circular, withdraw_circular
from requests_intake.api.inputs import NeededNoteInput
from requests_intake.circulars import find_issue
from requests_intake.models import Application, Supervision, TicketTransition
from requests_intake.policies import TicketPolicy
from requests_intake.urges import UrgeFilter, urges_of

TAG = "申请和督办"
PER_PAGE = 50
READERS = workflow.READERS - {"grid_worker"}
"""Who has the pages of these lists."""
_PRESSING = [("urge", _("催办")), ("supervision", _("督办")), ("circular", _("通报"))]


def _id(words: Any) -> serializers.IntegerField:
    return serializers.IntegerField(required=False, min_value=1, max_value=2**31, help_text=words)


class _PageQuery(StrictSerializer):
    organization = _id(_("承办单位编号"))
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=1000, help_text=_("第几页"))


class ApplicationQuery(_PageQuery):
    kind = serializers.ChoiceField(Application.Kind.choices, required=False, help_text=_("哪一种申请；不写就是全部"))
    state = serializers.ChoiceField(Application.State.choices, required=False, help_text=_("asked 待答复 等"))
    decider = _id(_("由哪个单位答复"))


class ApplicationSerializer(serializers.ModelSerializer):
    """``until``: expected end of a pause, target date of a suspension; ``ended_at``: when it really ended."""

    number = serializers.CharField(source="ticket.number")

    class Meta:
        model = Application
        fields = (
            "id", "number", "kind", "state", "reason", "organization", "asked_at", "decider", "decide_by",
            "is_arbitration", "decided_at", "lapse_reason", "limit_value", "limit_unit", "until", "suggested", "clause",
            "ended_at", "reviewed_at",
        )  # fmt: skip


class ApplicationPageSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = ApplicationSerializer(many=True)


class PressureQuery(_PageQuery):
    kind = serializers.ChoiceField(
        _PRESSING, required=False, default="supervision", help_text=_("urge 催办，supervision 督办，circular 通报")
    )
    answered = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text=_("有没有回应、回复；通报的是有没有定")
    )


class PressureSerializer(serializers.Serializer):
    """``issuer`` is null for what the clock has issued; ``answered_at`` null while nothing came back."""

    kind = serializers.ChoiceField(_PRESSING)
    number = serializers.CharField()
    state = serializers.CharField()
    organization = serializers.IntegerField()
    issuer = serializers.IntegerField(allow_null=True)
    at = serializers.DateTimeField()
    reply_by = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    circular = serializers.IntegerField(allow_null=True)
    id = serializers.IntegerField(allow_null=True)


class PressurePageSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = PressureSerializer(many=True)


def _reader(request: Request) -> Actor:
    actor = actor_of(request._request)
    if not actor.role_kinds & READERS:
        raise NotAllowed("not_allowed", str(_("您的岗位没有这份名单。")))
    return actor


class ApplicationListView(APIView):
    """The newest first, fifty a page; of tickets the caller may see."""

    refuses_readers = True

    @extend_schema(
        operation_id="applications_list", summary=_("退单、延期、暂停、挂账的申请"), tags=[TAG],
        parameters=[ApplicationQuery], responses=ApplicationPageSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = _reader(request)
        asked = dict(read_query(request, ApplicationQuery))
        number = asked.pop("page")
        rows = Application.objects.filter(**asked, ticket__in=TicketPolicy.visible(actor)).select_related("ticket")
        page = Paginator(rows.order_by("-asked_at", "-pk"), PER_PAGE).get_page(number)
        return Response(ApplicationPageSerializer({"count": page.paginator.count, "results": page.object_list}).data)


class SupervisionListView(APIView):
    """The newest first, fifty a page; of tickets the caller may see. Drafts only for who decides on them."""

    refuses_readers = True

    @extend_schema(
        operation_id="supervisions_list", summary=_("催办、督办、通报"), tags=[TAG], parameters=[PressureQuery],
        responses=PressurePageSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = _reader(request)
        asked = read_query(request, PressureQuery)
        found = _urges(actor, asked) if asked["kind"] == "urge" else _supervisions(actor, asked)
        page = Paginator(found, PER_PAGE).get_page(asked["page"])
        results = [_of_urge(row) if asked["kind"] == "urge" else _of_supervision(row) for row in page.object_list]
        return Response(PressurePageSerializer({"count": page.paginator.count, "results": results}).data)


def _urges(actor: Actor, asked: dict[str, Any]) -> Any:
    view = {None: "all", True: "answered", False: "open"}[asked["answered"]]
    return urges_of(actor, UrgeFilter(view=view, organization_id=asked.get("organization")))


def _supervisions(actor: Actor, asked: dict[str, Any]) -> Any:
    is_circular = asked["kind"] == "circular"
    kind = Supervision.Kind.CIRCULAR if is_circular else Supervision.Kind.ORDER
    rows = Supervision.objects.filter(kind=kind, ticket__in=TicketPolicy.visible(actor)).select_related("ticket")
    if is_circular and not actor.role_kinds & {kind for kind, _relation in workflow.ALLOWED["publish_circular"]}:
        rows = rows.exclude(circular=None)
    if "organization" in asked:
        rows = rows.filter(organization=asked["organization"])
    if asked["answered"] is not None:
        rows = rows.filter(ended_at__isnull=not asked["answered"])
    return rows.order_by("-issued_at", "-pk")


def _of_urge(row: TicketTransition) -> dict[str, Any]:
    order, answered_at = row.work_order, row.answered_at  # type: ignore[attr-defined]
    assert order is not None
    over = order.ended_at is not None or order.resolved_at is not None
    return {
        "kind": "urge", "number": row.ticket.number, "organization": order.organization_id, "at": row.at,
        "state": "answered" if answered_at else "ended" if over else "open", "issuer": None, "reply_by": None,
        "answered_at": answered_at, "circular": None, "id": None,
    }  # fmt: skip


def _of_supervision(row: Supervision) -> dict[str, Any]:
    return {
        "kind": "circular" if row.kind == Supervision.Kind.CIRCULAR else "supervision", "id": row.pk,
        "number": row.ticket.number, "state": row.state, "organization": row.organization_id,
        "issuer": row.issuer_id if row.issued_by_id else None, "at": row.issued_at, "reply_by": row.reply_by,
        "answered_at": row.ended_at, "circular": row.circular_id,
    }  # fmt: skip


class CircularLineInput(StrictSerializer):
    draft = IdField(help_text=_("拟通报的编号，见 /supervisions/?kind=circular"))
    note = serializers.CharField(max_length=300, help_text=_("通报意见"))


class CircularInput(StrictSerializer):
    lines = serializers.ListField(child=CircularLineInput(), min_length=1, max_length=MOST_LINES)


class SkippedSerializer(serializers.Serializer):
    number = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class CircularSerializer(serializers.Serializer):
    """``circular``: the issue, null where every line was skipped."""

    circular = serializers.IntegerField(allow_null=True)
    published = serializers.ListField(child=serializers.CharField())
    skipped = SkippedSerializer(many=True)


class CircularsView(WriteView):
    input_class = CircularInput

    @extend_schema(
        operation_id="circular_publish", summary=_("发一期通报"), tags=[TAG], request=CircularInput,
        responses={201: CircularSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        if not actor.role_kinds & {kind for kind, _relation in workflow.ALLOWED["publish_circular"]}:
            raise NotAllowed("not_allowed", str(_("您的岗位不能发通报。")))
        data = self.read(request)

        def act() -> dict[str, Any]:
            done = publish_circular([Line(line["draft"], line["note"]) for line in data["lines"]], actor=actor)
            return {
                "circular": done.circular.pk if done.circular else None,
                "published": [row.ticket.number for row in done.lines],
                "skipped": [
                    {"number": number, "code": error.code, "message": str(error.message)}
                    for number, error in done.skipped
                ],
            }

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)


class WithdrawnSerializer(serializers.Serializer):
    circular = serializers.IntegerField()


class CircularWithdrawView(WriteView):
    input_class = NeededNoteInput

    @extend_schema(
        operation_id="circular_withdraw", summary=_("撤回一期通报"), tags=[TAG], request=NeededNoteInput,
        responses=WithdrawnSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        found = find_issue(pk, actor=actor)
        data = self.read(request)

        def act() -> dict[str, Any]:
            return {"circular": withdraw_circular(found, note=data["note"], actor=actor).pk}

        return self.answer_once(request, principal=actor.principal, body=data, act=act)
