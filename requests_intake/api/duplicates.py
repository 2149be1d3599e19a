"""Merging, taking out again, splitting; and what may be the same matter."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.kernel.actors import Actor
from governance.kernel.api.writes import WriteView
from grids.middleware import actor_of
from requests_intake import duplicates
from requests_intake.actions.merge import merge_ticket, unmerge_ticket
from requests_intake.actions.split import MOST, Part, split_ticket
from requests_intake.actions.submit import CONTENT_LENGTH
from requests_intake.api import inputs
from requests_intake.api.moves import MoveView, endpoint
from requests_intake.api.serializers import MovedSerializer
from requests_intake.models import Ticket
from requests_intake.policies import find_visible

TAG = "办理"


class MergeInput(inputs.NoteInput):
    into = serializers.CharField(max_length=20, help_text=_("主件的编号"))


@endpoint("merge", MergeInput)
class MergeView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return merge_ticket(ticket, into=find_visible(actor, data["into"]), actor=actor, note=data["note"])


@endpoint("unmerge", inputs.NeededNoteInput)
class UnmergeView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return unmerge_ticket(ticket, actor=actor, note=data["note"])


class PartInput(inputs.PlaceInput):
    """One matter to take out; without a place of its own it lies where the original does."""

    content = serializers.CharField(max_length=CONTENT_LENGTH, help_text=_("这一件是什么事"))
    category = serializers.CharField(
        max_length=8, required=False, allow_blank=True, default="", help_text=_("事项分类代码；不填则由系统判断")
    )


class SplitInput(inputs.NoteInput):
    parts = serializers.ListField(child=PartInput(), min_length=1, max_length=MOST, help_text=_("要拆出来的事"))


class SplitSerializer(MovedSerializer):
    """The original as it stays, and its parts."""

    parts = MovedSerializer(many=True)

    class Meta(MovedSerializer.Meta):
        fields = [*MovedSerializer.Meta.fields, "parts"]


class SplitView(WriteView):
    """The original keeps its number; each part gets its own."""

    input_class = SplitInput

    @extend_schema(
        operation_id="ticket_split", summary=_("拆分"), tags=[TAG], request=SplitInput, responses=SplitSerializer
    )
    def post(self, request: Request, number: str) -> Response:
        actor = actor_of(request._request)
        ticket = find_visible(actor, number)
        data = self.read(request)

        def act() -> dict[str, Any]:
            parts = [_part(part, ticket) for part in data["parts"]]
            fresh = split_ticket(ticket, parts=parts, actor=actor, note=data["note"])
            return {**MovedSerializer(ticket).data, "parts": MovedSerializer(fresh, many=True).data}

        return self.answer_once(request, principal=actor.principal, body=data, act=act)


def _part(data: dict[str, Any], original: Ticket) -> Part:
    placed = data["building"] or data["address"] or data["community"]
    return Part(
        content=data["content"],
        category_code=data["category"],
        building_id=data["building"] if placed else original.building_id,
        address=data["address"] if placed else original.address_text,
        community_id=data["community"] if placed else original.community_id,
    )


class DuplicateSerializer(serializers.Serializer):
    """A ticket that may be the same matter; ``likeness`` of the words, 0 to 1; ``is_open``: it can take others in."""

    number = serializers.CharField(source="ticket.number")
    title = serializers.CharField(source="ticket.title")
    reason = serializers.CharField()
    likeness = serializers.FloatField(source="match.words")
    is_open = serializers.BooleanField()


class DuplicatesView(APIView):
    """At most five, the likeliest first; only what the caller may see."""

    @extend_schema(
        operation_id="ticket_duplicates",
        summary=_("疑似重复：七天内同一地点的同类诉求"),
        tags=[TAG],
        responses=DuplicateSerializer(many=True),
    )
    def get(self, request: Request, number: str) -> Response:
        actor = actor_of(request._request)
        found = duplicates.suggestions(duplicates.probe_of(find_visible(actor, number)), actor)
        return Response(DuplicateSerializer(found, many=True).data)
