"""Restricted matters for programs: their circle, who opened the file, letters to the secretary and their moves."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.accounts.queries import staff_names
from governance.kernel.actors import Actor
from governance.kernel.api.lists import read_query
from governance.kernel.api.writes import BoundedJSONParser, IdField, PublicView, StrictSerializer, WriteView
from governance.kernel.errors import DomainError, NotAllowed
from grids.api.serializers import NamedSerializer, OrganizationField
from grids.middleware import actor_of
from requests_intake import circle, restricted_register
from requests_intake.actions import letters
from requests_intake.actions.restricted import (
    REASON_LENGTH,
    add_case_member,
    end_case_member,
    may_name,
    openings,
)
from requests_intake.api import inputs, public
from requests_intake.api.moves import MoveView, endpoint
from requests_intake.api.serializers import SubmittedSerializer
from requests_intake.api.views import submit_once
from requests_intake.models import CaseMember, Channel, RequestType, Ticket
from requests_intake.policies import find_visible
from requests_intake.presentation.circle import by_post, member_of, opener, page_word

TAG = "限制知悉"
PER_PAGE = 50


def restricted_of(actor: Actor, number: str) -> Ticket:
    """A restricted ticket in whose circle the actor is; 404 otherwise, and for what is not restricted."""
    ticket = find_visible(actor, number)
    if not ticket.is_restricted:
        raise DomainError("not_restricted", _("这件诉求不限制知悉。"), status=404)
    return ticket


# ---------------------------------------------------------------- the circle
class CaseMemberSerializer(serializers.ModelSerializer[CaseMember]):
    """Somebody named into the circle. ``until``: since when they are outside again."""

    member = serializers.SerializerMethodField()

    class Meta:
        model = CaseMember
        fields = ["id", "member", "role", "reason", "since", "until"]
        read_only_fields = fields

    def get_member(self, row: CaseMember) -> NamedSerializer:
        return {"id": row.membership_id, "name": self.context["names"].get(row.membership_id, "")}  # type: ignore[return-value]


class InsideSerializer(serializers.Serializer):
    key = serializers.CharField()
    value = serializers.CharField()


class CircleSerializer(serializers.Serializer):
    """``by_post``: who is inside without being named. ``may_name``: whether the caller says who else may know."""

    number = serializers.CharField()
    about = OrganizationField(allow_null=True)
    by_post = InsideSerializer(many=True)
    members = CaseMemberSerializer(many=True)
    may_name = serializers.BooleanField()


class CircleMemberInput(StrictSerializer):
    member = IdField(help_text=gettext_lazy("成员编号，要在岗"))
    role = serializers.ChoiceField(CaseMember.Role.choices, help_text=gettext_lazy("以什么身份"))
    reason = serializers.CharField(max_length=REASON_LENGTH, help_text=gettext_lazy("为什么要让他知道"))


def _shown(rows: list[CaseMember]) -> list[dict[str, Any]]:
    names = staff_names({row.membership_id for row in rows})
    return list(CaseMemberSerializer(rows, many=True, context={"names": names}).data)


class CircleView(WriteView):
    """Who may know of a restricted ticket; POST names somebody."""

    input_class = CircleMemberInput

    @extend_schema(
        operation_id="ticket_circle", summary=gettext_lazy("知悉范围"), tags=[TAG], responses=CircleSerializer
    )
    def get(self, request: Request, number: str) -> Response:
        actor = actor_of(request._request)
        ticket = restricted_of(actor, number)
        rows = list(CaseMember.objects.filter(ticket=ticket).order_by("until", "-since"))
        return Response(
            {
                "number": ticket.number,
                "about": None if ticket.about_id is None else OrganizationField().to_representation(ticket.about_id),
                "by_post": by_post(ticket),
                "members": _shown(rows),
                "may_name": may_name(actor, ticket),
            }
        )

    @extend_schema(
        operation_id="ticket_circle_add", summary=gettext_lazy("加入知悉范围"), tags=[TAG], request=CircleMemberInput,
        responses={201: CaseMemberSerializer},
    )  # fmt: skip
    def post(self, request: Request, number: str) -> Response:
        actor = actor_of(request._request)
        ticket = restricted_of(actor, number)
        data = self.read(request)

        def act() -> dict[str, Any]:
            row = add_case_member(
                ticket, membership_id=data["member"], role=data["role"], reason=data["reason"], actor=actor
            )
            return _shown([row])[0]

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)


class CircleEndView(WriteView):
    """Somebody named is outside again."""

    input_class = inputs.EmptyInput

    @extend_schema(
        operation_id="ticket_circle_end", summary=gettext_lazy("移出知悉范围"), tags=[TAG],
        request=inputs.EmptyInput, responses=CaseMemberSerializer,
    )  # fmt: skip
    def post(self, request: Request, number: str, pk: int) -> Response:
        actor = actor_of(request._request)
        ticket = restricted_of(actor, number)
        data = self.read(request)

        def act() -> dict[str, Any]:
            return _shown([end_case_member(ticket, pk, actor=actor)])[0]

        return self.answer_once(request, principal=actor.principal, body=data, act=act)


# ---------------------------------------------------------------- who opened it
class PageQuery(StrictSerializer):
    page = serializers.IntegerField(
        required=False, default=1, min_value=1, max_value=1000, help_text=gettext_lazy("第几页")
    )


class OpeningSerializer(serializers.Serializer):
    """One opening of the file: when, by whom, on which page."""

    at = serializers.DateTimeField()
    by = serializers.CharField()
    page = serializers.CharField()


class OpeningsSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = OpeningSerializer(many=True)


class OpeningsView(APIView):
    @extend_schema(
        operation_id="ticket_openings", summary=gettext_lazy("谁打开过"), tags=[TAG], parameters=[PageQuery],
        responses=OpeningsSerializer,
    )  # fmt: skip
    def get(self, request: Request, number: str) -> Response:
        ticket = restricted_of(actor_of(request._request), number)
        page = Paginator(openings("ticket", ticket.pk), PER_PAGE).get_page(_page_of(request))
        rows = list(page.object_list)
        names = staff_names({pk for row in rows if (pk := member_of(row.actor)) is not None})
        found = [{"at": row.at, "by": opener(row, names), "page": page_word(row)} for row in rows]
        return Response(OpeningsSerializer({"count": page.paginator.count, "results": found}).data)


def _page_of(request: Request) -> int:
    return int(read_query(request, PageQuery)["page"])


# ---------------------------------------------------------------- letters
class LetterRowSerializer(serializers.Serializer):
    """A letter to the caller. ``due_at``: by when the first answer. ``consent``: asked, yes, no, or empty."""

    number = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(source="order_due_at", allow_null=True)
    consent = serializers.SerializerMethodField()

    def get_consent(self, row: Ticket) -> str:
        return str(self.context["consents"].get(row.pk, ""))


class LettersSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = LetterRowSerializer(many=True)


class LetterListView(APIView):
    refuses_readers = True

    @extend_schema(
        operation_id="letters_list", summary=gettext_lazy("写给书记的信：等答复的在前"), tags=[TAG],
        parameters=[PageQuery], responses=LettersSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        if circle.ADDRESSEE not in actor.role_kinds:
            raise NotAllowed("not_allowed", _("只有社区书记有这份名单。"))
        page = Paginator(restricted_register.letters_to(actor), PER_PAGE).get_page(_page_of(request))
        rows = list(page.object_list)
        context = {"consents": letters.consents_of(row.pk for row in rows)}
        results = LetterRowSerializer(rows, many=True, context=context).data
        return Response({"count": page.paginator.count, "results": results})


@endpoint("reply_letter", inputs.NeededNoteInput)
class ReplyLetterView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return letters.reply_letter(ticket, actor=actor, note=data["note"])


@endpoint("ask_consent", inputs.NoteInput)
class AskConsentView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return letters.ask_consent(ticket, actor=actor, note=data["note"])


@endpoint("convert_letter", inputs.EmptyInput)
class ConvertLetterView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return letters.convert_letter(ticket, actor=actor)


@endpoint("end_letter", inputs.NeededNoteInput)
class EndLetterView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return letters.end_letter(ticket, actor=actor, note=data["note"])


MOVES = {
    "reply-letter": ReplyLetterView,
    "ask-consent": AskConsentView,
    "convert-letter": ConvertLetterView,
    "end-letter": EndLetterView,
}


# ---------------------------------------------------------------- the author, without an account
class PublicLetterView(PublicView):
    """写信给书记: only that community's secretary will read it."""

    throttle_limit = "report"
    parser_classes = [BoundedJSONParser, MultiPartParser]
    input_class = inputs.LetterPhotosInput

    @extend_schema(
        operation_id="public_letters_create", summary=gettext_lazy("写信给社区书记"), tags=[public.TAG],
        request={"application/json": inputs.LetterInput, "multipart/form-data": inputs.LetterPhotosInput},
        responses={201: SubmittedSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        data = self.read(request)
        more = {"channel": Channel.TO_SECRETARY, "request_type": RequestType.SUGGESTION}
        return submit_once(self, request, data, actor=Actor.public(), **more)


class ConsentInput(inputs.FollowInput):
    agrees = serializers.BooleanField(help_text=gettext_lazy("是否同意转为普通诉求"))


@public.endpoint("write", gettext_lazy("给书记再写几句"), inputs.FollowNeededNoteInput)
class WriteBackView(public.FollowerMoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return letters.write_back(ticket, actor=actor, note=data["note"])


@public.endpoint("consent", gettext_lazy("是否同意把信转出去"), ConsentInput)
class AnswerConsentView(public.FollowerMoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return letters.answer_consent(ticket, actor=actor, agrees=data["agrees"])
