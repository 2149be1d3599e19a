"""Tickets one may see as GeoJSON: gathered into heaps where they are many."""

from __future__ import annotations

import hashlib
import json

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.kernel.api.lists import read_query
from grids.api.maps import TAG, BoundsInput, FeaturesSerializer, answer, is_known, read_bounds
from grids.middleware import actor_of
from requests_intake.ticket_map import QUEUES_SHOWN, heaps


class TicketMapInput(BoundsInput):
    zoom = serializers.IntegerField(min_value=0, max_value=22, help_text=_("放大级别，越大分得越细"))
    queue = serializers.ChoiceField(
        [(each, each) for each in QUEUES_SHOWN],
        required=False,
        default="open",
        help_text=_("open 没办完、over 超期、soon 临期"),
    )


class TicketMapSerializer(FeaturesSerializer):
    total = serializers.IntegerField(help_text=_("范围内一共几件"))
    is_named = serializers.BooleanField(help_text=_("是否逐件列出；太多时只给数量"))


class TicketMapView(APIView):
    @extend_schema(
        operation_id="map_tickets", summary=_("范围内没办完的诉求（GeoJSON）"), tags=[TAG], parameters=[TicketMapInput],
        responses=TicketMapSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        said = read_query(request, TicketMapInput)
        actor = actor_of(request._request)
        body = heaps(actor, read_bounds(said), said["zoom"], queue=said["queue"], datum=said["datum"])
        tag = f'"{hashlib.sha256(json.dumps(body).encode()).hexdigest()[:24]}"'
        return answer(None if is_known(request, tag) else body, tag)
