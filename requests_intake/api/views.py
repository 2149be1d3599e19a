"""Reading tickets and recording them as a member of staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.exceptions import NotFound
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.kernel.actors import Actor
from governance.kernel.api.writes import BoundedJSONParser, WriteView
from governance.kernel.recordings import store_recording
from governance.kernel.storage import store_photos
from grids.middleware import actor_of
from requests_intake.actions.restricted import opened_ticket
from requests_intake.actions.submit import submit_ticket
from requests_intake.api.filters import TicketFilter
from requests_intake.api.inputs import StaffReportInput, StaffReportPhotosInput, report_of
from requests_intake.api.serializers import (
    CategorySerializer,
    MovedSerializer,
    SubmittedSerializer,
    TicketRowSerializer,
    TicketSerializer,
)
from requests_intake.models import Attachment, Clock, Ticket, TicketTransition, WorkOrder
from requests_intake.policies import TicketPolicy, find_visible
from requests_intake.reference import rules

TAG = "诉求"


def submit_once(view: WriteView, request: Request, data: dict[str, Any], *, actor: Actor, **more: Any) -> Response:
    """Submit what a checked body says; photos are stored only when it is not a repetition."""

    def act() -> Mapping[str, Any]:
        photos = store_photos(data.get("photos", ()))
        recordings = [store_recording(data["recording"])] if data.get("recording") else []
        submitted = submit_ticket(report_of(data, photos=photos, recordings=recordings, **more), actor=actor)
        return {**MovedSerializer(submitted.ticket).data, "follow_code": submitted.follow_code}

    return view.answer_once(request, principal=actor.principal, body=data, act=act, status=201)


@extend_schema_view(
    get=extend_schema(operation_id="tickets_list", summary=_("诉求列表：您范围内的，最新的在前"), tags=[TAG]),
    post=extend_schema(
        operation_id="tickets_create",
        summary=_("代居民登记，或登记自己发现的问题"),
        tags=[TAG],
        request={"application/json": StaffReportInput, "multipart/form-data": StaffReportPhotosInput},
        responses={201: SubmittedSerializer},
    ),
)
class TicketListView(generics.ListAPIView[Ticket], WriteView):
    parser_classes = [BoundedJSONParser, MultiPartParser]
    serializer_class = TicketRowSerializer
    filterset_class = TicketFilter
    input_class = StaffReportPhotosInput

    def get_queryset(self) -> QuerySet[Ticket]:
        return TicketPolicy.visible(actor_of(self.request._request))

    def post(self, request: Request) -> Response:
        return submit_once(self, request, self.read(request), actor=actor_of(request._request))


@extend_schema_view(
    get=extend_schema(operation_id="tickets_read", summary=_("一件诉求：原话、地点、工单、时限、经过"), tags=[TAG])
)
class TicketView(generics.RetrieveAPIView[Ticket]):
    serializer_class = TicketSerializer
    lookup_field = "number"

    def get_queryset(self) -> QuerySet[Ticket]:
        return (
            TicketPolicy.visible(actor_of(self.request._request))
            .select_related("requester")
            .prefetch_related(
                "attachments",
                "notes",
                Prefetch("work_orders", WorkOrder.objects.order_by("sequence")),
                Prefetch("clocks", Clock.objects.order_by("started_at", "id")),
                Prefetch("transitions", TicketTransition.objects.order_by("at", "id")),
            )
        )

    def get_object(self) -> Ticket:
        found = super().get_object()
        opened_ticket(found, actor=actor_of(self.request._request), page="api:ticket")
        return found

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "actor": actor_of(self.request._request)}


class PhotoRenderer(JSONRenderer):
    """A JPEG as it is; a problem as JSON."""

    media_type = "image/jpeg"
    format = "jpg"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        return data if isinstance(data, bytes) else super().render(data, *args, **kwargs)


class PhotoView(APIView):
    """The photo itself, for programs; pages have their own address for it."""

    renderer_classes = [PhotoRenderer, JSONRenderer]

    @extend_schema(
        operation_id="ticket_photo_read",
        summary=_("一张照片"),
        tags=[TAG],
        parameters=[OpenApiParameter("pk", int, OpenApiParameter.PATH)],
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, number: str, pk: int) -> Response:
        actor = actor_of(request._request)
        ticket = find_visible(actor, number)
        opened_ticket(ticket, actor=actor, page="api:photo")
        attachment = Attachment.objects.filter(ticket=ticket, pk=pk).first()
        if attachment is None or not default_storage.exists(attachment.file):
            raise NotFound
        with default_storage.open(attachment.file) as file:
            content = file.read()
        headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
        return Response(content, headers=headers, content_type=attachment.media_type)


class CategoryListView(APIView):
    """All categories in force; a few dozen, so they come on one page."""

    @extend_schema(
        operation_id="categories_list",
        summary=_("事项分类"),
        tags=["基础数据"],
        responses=CategorySerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        found = sorted(rules().categories.values(), key=lambda row: row.code)
        return Response(CategorySerializer(found, many=True).data)
