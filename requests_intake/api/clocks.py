"""Why the deadlines of a ticket are when they are, for programs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from grids.middleware import actor_of
from requests_intake.policies import find_visible
from requests_intake.presentation.clock_stories import clock_stories


class CountedDaySerializer(serializers.Serializer[object]):
    date = serializers.DateField()
    kind = serializers.CharField(help_text=_("working、makeup、weekend、holiday、first"))
    hours = serializers.CharField(allow_blank=True)


class LedgerLineSerializer(serializers.Serializer[object]):
    kind = serializers.CharField(help_text=_("start、pause、resume、extension、transfer、stop、continue、taken_over"))
    at = serializers.DateTimeField(source="moment")
    words = serializers.ListField(child=serializers.CharField())
    granted = serializers.CharField(allow_blank=True)
    due_at = serializers.DateTimeField(help_text=_("重算的期限"))
    agrees = serializers.BooleanField(help_text=_("存的期限是否等于重算的"))
    days = CountedDaySerializer(many=True)


class ClockStorySerializer(serializers.Serializer[object]):
    title = serializers.CharField()
    limit = serializers.CharField(allow_blank=True)
    due_at = serializers.DateTimeField()
    state = serializers.CharField()
    agrees = serializers.BooleanField()
    lines = LedgerLineSerializer(many=True)


class ClocksView(APIView):
    @extend_schema(
        operation_id="tickets_clocks",
        summary=_("为什么是这个时间：每个钟的台账，当场重算"),
        tags=["诉求"],
        responses=ClockStorySerializer(many=True),
    )
    def get(self, request: Request, number: str) -> Response:
        ticket = find_visible(actor_of(request._request), number)
        return Response(ClockStorySerializer(clock_stories(ticket), many=True).data)
