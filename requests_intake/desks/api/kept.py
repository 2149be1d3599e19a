"""What a desk keeps, for programs: views with their numbers, sentences; keeping, changing and dropping them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from grids.middleware import actor_of
from requests_intake.api.serializers import OrganizationField
from requests_intake.desks.actions.keep import PHRASE_MOVES, PhraseSaid, ViewSaid, drop_kept, save_phrase, save_view
from requests_intake.desks.models import NAME_LENGTH, TEXT_LENGTH, SavedPhrase, SavedView
from requests_intake.desks.policies import find, readable, require_desk
from requests_intake.desks.queries import conditions_of, view_counts, views_of

TAG = "工作台"


class SavedViewSerializer(serializers.ModelSerializer[SavedView]):
    """``tickets``: how many it finds now; null for lists of what has ended. ``lost``: conditions long gone."""

    organization = OrganizationField(source="organization_id", read_only=True, allow_null=True)
    tickets = serializers.SerializerMethodField()
    lost = serializers.SerializerMethodField()

    class Meta:
        model = SavedView
        fields = ["id", "name", "query", "organization", "is_default", "tickets", "lost"]
        read_only_fields = fields

    def get_tickets(self, row: SavedView) -> int | None:
        found: int | None = self.context["counts"].get(row.pk)
        return found

    def get_lost(self, row: SavedView) -> list[str]:
        return conditions_of(row).lost


class SavedPhraseSerializer(serializers.ModelSerializer[SavedPhrase]):
    organization = OrganizationField(source="organization_id", read_only=True, allow_null=True)

    class Meta:
        model = SavedPhrase
        fields = ["id", "move", "text", "organization", "is_default"]
        read_only_fields = fields


class KeptInput(StrictSerializer):
    organization_id = IdField(
        required=False, allow_null=True, default=None, help_text=_("给哪个单位共用；不写就是自己用")
    )
    is_default = serializers.BooleanField(required=False, default=False, help_text=_("默认"))


class ViewInput(KeptInput):
    name = serializers.CharField(max_length=NAME_LENGTH, help_text=_("名字"))
    query = serializers.DictField(
        child=serializers.CharField(max_length=80, allow_blank=True), help_text=_("条件，与调度台地址里的参数相同")
    )


class PhraseInput(KeptInput):
    move = serializers.ChoiceField([(name, name) for name in PHRASE_MOVES], help_text=_("哪一步用"))
    text = serializers.CharField(max_length=TEXT_LENGTH, help_text=_("怎么说；{地点} 一类的词会换成这一件的"))


class NothingInput(StrictSerializer):
    """Nothing is said."""


def _view(row: SavedView, actor: Any) -> Any:
    return SavedViewSerializer(row, context={"counts": view_counts(actor, [row])}).data


class SavedViewListView(WriteView):
    input_class = ViewInput
    refuses_readers = True

    @extend_schema(
        operation_id="saved_views_list", summary=_("我存的视图"), tags=[TAG], responses=SavedViewSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        actor = require_desk(actor_of(request._request))
        rows = views_of(actor)
        return Response(SavedViewSerializer(rows, many=True, context={"counts": view_counts(actor, rows)}).data)

    @extend_schema(
        operation_id="saved_views_create", summary=_("存视图"), tags=[TAG], request=ViewInput,
        responses={201: SavedViewSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = require_desk(actor_of(request._request))
        data = self.read(request)

        def act() -> Any:
            return _view(save_view(None, ViewSaid(**data), actor=actor), actor)

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)


class SavedViewView(WriteView):
    input_class = ViewInput

    @extend_schema(
        operation_id="saved_view_change", summary=_("改视图"), tags=[TAG], request=ViewInput,
        responses=SavedViewSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = require_desk(actor_of(request._request))
        row, data = find(SavedView, pk, actor=actor), self.read(request)

        def act() -> Any:
            return _view(save_view(row, ViewSaid(**data), actor=actor), actor)

        return self.answer_once(request, principal=actor.principal, body=data, act=act)


class SavedPhraseListView(WriteView):
    input_class = PhraseInput
    refuses_readers = True

    @extend_schema(
        operation_id="saved_phrases_list", summary=_("我的常用语"), tags=[TAG],
        responses=SavedPhraseSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = require_desk(actor_of(request._request))
        return Response(SavedPhraseSerializer(readable(SavedPhrase, actor), many=True).data)

    @extend_schema(
        operation_id="saved_phrases_create", summary=_("存常用语"), tags=[TAG], request=PhraseInput,
        responses={201: SavedPhraseSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = require_desk(actor_of(request._request))
        data = self.read(request)

        def act() -> Any:
            return SavedPhraseSerializer(save_phrase(None, PhraseSaid(**data), actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)


class SavedPhraseView(WriteView):
    input_class = PhraseInput

    @extend_schema(
        operation_id="saved_phrase_change", summary=_("改常用语"), tags=[TAG], request=PhraseInput,
        responses=SavedPhraseSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        actor = require_desk(actor_of(request._request))
        row, data = find(SavedPhrase, pk, actor=actor), self.read(request)

        def act() -> Any:
            return SavedPhraseSerializer(save_phrase(row, PhraseSaid(**data), actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=data, act=act)


class _DropView(WriteView):
    input_class = NothingInput
    model: type[SavedView] | type[SavedPhrase]

    def drop(self, request: Request, pk: int) -> Response:
        actor = require_desk(actor_of(request._request))
        data = self.read(request)

        def act() -> Any:
            drop_kept(find(self.model, pk, actor=actor), actor=actor)
            return {"dropped": pk}

        return self.answer_once(request, principal=actor.principal, body=data, act=act)


class DroppedSerializer(serializers.Serializer):
    dropped = serializers.IntegerField()


class SavedViewDropView(_DropView):
    model = SavedView

    @extend_schema(
        operation_id="saved_view_drop", summary=_("删视图"), tags=[TAG], request=NothingInput,
        responses=DroppedSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return self.drop(request, pk)


class SavedPhraseDropView(_DropView):
    model = SavedPhrase

    @extend_schema(
        operation_id="saved_phrase_drop", summary=_("删常用语"), tags=[TAG], request=NothingInput,
        responses=DroppedSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return self.drop(request, pk)
