"""One's own inbox for programs: reading it and marking it read."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.accounts.actions.notices import read_notices
from governance.accounts.models import Notice
from governance.accounts.queries import inbox
from governance.kernel.api.pagination import CursorPagination
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from grids.middleware import actor_of

TAG = "消息"


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    class Meta:
        model = Notice
        fields = ["id", "kind", "text", "path", "is_critical", "created_at", "read_at"]
        read_only_fields = fields


class NoticeFilter(django_filters.FilterSet):
    unread = django_filters.BooleanFilter(field_name="read_at", lookup_expr="isnull", label=_("是否还没读"))
    is_critical = django_filters.BooleanFilter(label=_("是否特急"))

    class Meta:
        model = Notice
        fields: list[str] = []


class NoticePagination(CursorPagination):
    ordering = ("-created_at", "-id")


@extend_schema_view(get=extend_schema(operation_id="notices_list", summary=_("自己的消息，新的在前"), tags=[TAG]))
class NoticeListView(generics.ListAPIView[Notice]):
    serializer_class = NoticeSerializer
    filterset_class = NoticeFilter
    pagination_class = NoticePagination

    def get_queryset(self) -> QuerySet[Notice]:
        if getattr(self, "swagger_fake_view", False):
            return Notice.objects.none()
        return inbox(actor_of(self.request._request), "all")


class ReadInput(StrictSerializer):
    notice = IdField(required=False, help_text=_("哪一条；不写就是全部"))


class ReadNoticesSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(help_text=_("标成已读的有几条"))


class ReadNoticesView(WriteView):
    input_class = ReadInput

    @extend_schema(
        operation_id="notices_read", summary=_("把自己的消息标成已读"), tags=[TAG], request=ReadInput,
        responses=ReadNoticesSerializer,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor, data = actor_of(request._request), self.read(request)

        def act() -> dict[str, Any]:
            return {"count": len(read_notices(actor=actor, notice_id=data.get("notice")))}

        return self.answer_once(request, principal=actor.principal, body=data, act=act)
