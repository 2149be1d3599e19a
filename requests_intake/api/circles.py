"""网格圈 for programs of the staff: reading a circle, answering, hiding, turning a message into a ticket."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from grids.middleware import actor_of
from requests_intake.actions.grid_messages import (
    TEXT_LENGTH,
    answer_message,
    find_message,
    hide_message,
    require_serving,
    show_message,
    turn_into_ticket,
)
from requests_intake.actions.submit import CONTENT_LENGTH, Report
from requests_intake.api.inputs import EmptyInput
from requests_intake.api.serializers import MovedSerializer
from requests_intake.grid_circle import page_of
from requests_intake.models import GridMessage

TAG = "网格圈"


class AnswerOfCircleSerializer(serializers.Serializer):
    """``who`` is masked; ``flags``: how many residents say that it should not stand there."""

    id = serializers.IntegerField()
    who = serializers.CharField()
    text = serializers.CharField()
    number = serializers.CharField(help_text=_("转成的工单编号"))
    hidden = serializers.CharField(help_text=_("隐藏的原因"))
    flags = serializers.IntegerField()


class CircleMessageSerializer(AnswerOfCircleSerializer):
    answers = AnswerOfCircleSerializer(many=True)


class CircleTextInput(StrictSerializer):
    text = serializers.CharField(max_length=TEXT_LENGTH, help_text=_("答复，居民都看得到"))


class CircleHideInput(StrictSerializer):
    reason = serializers.ChoiceField(GridMessage.Hidden.choices, help_text=_("为什么隐藏"))


class CircleTicketInput(StrictSerializer):
    content = serializers.CharField(max_length=CONTENT_LENGTH, help_text=_("居民的原话"))
    building = IdField(required=False, allow_null=True, default=None, help_text=_("楼栋编号，见 /buildings/"))
    address = serializers.CharField(max_length=200, required=False, allow_blank=True, default="", help_text=_("地址"))
    community = IdField(required=False, allow_null=True, default=None, help_text=_("社区编号，见 /areas/"))


class CircleStateSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    hidden = serializers.BooleanField()


def _state(row: GridMessage) -> dict[str, Any]:
    return {"id": row.pk, "hidden": row.hidden_at is not None}


class CircleView(APIView):
    refuses_readers = True

    @extend_schema(
        operation_id="circle_read", summary=_("一个网格圈里最新的话"), tags=[TAG],
        responses=CircleMessageSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        require_serving(actor_of(request._request), pk)
        _page, lines = page_of(pk, 1)
        return Response(CircleMessageSerializer(lines, many=True).data)


class CircleAnswerView(WriteView):
    input_class = CircleTextInput

    @extend_schema(
        operation_id="circle_answer", summary=_("答复网格圈"), tags=[TAG], request=CircleTextInput,
        responses={201: CircleStateSerializer},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        message = find_message(pk, actor=actor)
        data = self.read(request)

        def act() -> dict[str, Any]:
            return _state(answer_message(message, text=data["text"], actor=actor))

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)


class CircleHideView(WriteView):
    input_class = CircleHideInput

    @extend_schema(
        operation_id="circle_hide", summary=_("隐藏一条"), tags=[TAG], request=CircleHideInput,
        responses=CircleStateSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        message = find_message(pk, actor=actor)
        data = self.read(request)

        def act() -> dict[str, Any]:
            return _state(hide_message(message, reason=data["reason"], actor=actor))

        return self.answer_once(request, principal=actor.principal, body=data, act=act)


class CircleShowView(WriteView):
    input_class = EmptyInput

    @extend_schema(
        operation_id="circle_show", summary=_("把隐藏的放回来"), tags=[TAG], request=EmptyInput,
        responses=CircleStateSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        message = find_message(pk, actor=actor)
        data = self.read(request)
        return self.answer_once(
            request, principal=actor.principal, body=data, act=lambda: _state(show_message(message, actor=actor))
        )


class CircleTicketView(WriteView):
    """Asked again it is refused with ``turned_already`` (409) and the number of the ticket there is."""

    input_class = CircleTicketInput

    @extend_schema(
        operation_id="circle_ticket", summary=_("转工单"), tags=[TAG], request=CircleTicketInput,
        responses={201: MovedSerializer},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        message = find_message(pk, actor=actor)
        data = self.read(request)
        report = Report(
            content=data["content"], building_id=data["building"], address=data["address"],
            community_id=data["community"],
        )  # fmt: skip

        def act() -> Any:
            return MovedSerializer(turn_into_ticket(message, report, actor=actor).ticket).data

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)
