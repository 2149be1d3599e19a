"""专项 for programs: the list, keeping one, labelling tickets, reporting a batch."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from grids.middleware import actor_of
from requests_intake.actions.campaigns import (
    DESCRIPTION_LENGTH,
    MOST_AT_ONCE,
    NAME_LENGTH,
    CampaignSaid,
    find_campaign,
    is_running,
    label_tickets,
    report_batch,
    save_campaign,
)
from requests_intake.api.serializers import OrganizationField
from requests_intake.campaigns import visible_counts
from requests_intake.models import BatchReport, Campaign
from requests_intake.policies import TicketPolicy, find_visible

TAG = "专项"


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    """``tickets``: how many of them the caller may see."""

    owner = OrganizationField(source="owner_id", read_only=True)
    is_running = serializers.SerializerMethodField()
    tickets = serializers.SerializerMethodField()

    class Meta:
        model = Campaign
        fields = ["id", "name", "description", "owner", "since", "until", "is_active", "is_running", "tickets"]
        read_only_fields = fields

    def get_is_running(self, row: Campaign) -> bool:
        return is_running(row)

    def get_tickets(self, row: Campaign) -> int:
        return int(self.context["counts"].get(row.pk, 0))


class CampaignInput(StrictSerializer):
    name = serializers.CharField(max_length=NAME_LENGTH, help_text=_("名称"))
    since = serializers.DateField(help_text=_("从哪天"))
    until = serializers.DateField(required=False, allow_null=True, default=None, help_text=_("到哪天"))
    description = serializers.CharField(
        max_length=DESCRIPTION_LENGTH, required=False, allow_blank=True, default="", help_text=_("说明")
    )
    is_active = serializers.BooleanField(required=False, default=True, help_text=_("在用"))


class NumbersInput(StrictSerializer):
    tickets = serializers.ListField(
        child=serializers.CharField(max_length=20), allow_empty=False, max_length=MOST_AT_ONCE, help_text=_("诉求编号")
    )


class BatchInput(NumbersInput):
    organization = IdField(help_text=_("报给哪个单位，见 /organizations/"))


class LabelledSerializer(serializers.Serializer):
    labelled = serializers.IntegerField(help_text=_("新贴上标签的件数"))


class BatchReportSerializer(serializers.ModelSerializer[BatchReport]):
    sender = OrganizationField(source="sender_id", read_only=True)
    organization = OrganizationField(source="organization_id", read_only=True)
    tickets = serializers.IntegerField(source="number", read_only=True)

    class Meta:
        model = BatchReport
        fields = ["id", "campaign", "sender", "organization", "reported_at", "tickets"]
        read_only_fields = fields


def _ids(numbers: list[str], actor: Any) -> list[int]:
    """Ids of tickets by their numbers, all of which the caller must see."""
    found = dict(TicketPolicy.visible(actor).filter(number__in=numbers).values_list("number", "pk"))
    for number in numbers:
        if number not in found:
            find_visible(actor, number)
    return [found[number] for number in numbers]


class CampaignListView(WriteView):
    input_class = CampaignInput

    @extend_schema(
        operation_id="campaigns_list", summary=_("专项"), tags=[TAG], responses=CampaignSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        context = {"counts": visible_counts(actor_of(request._request))}
        rows = Campaign.objects.order_by("-is_active", "-since", "-pk")
        return Response(CampaignSerializer(rows, many=True, context=context).data)

    @extend_schema(
        operation_id="campaigns_create", summary=_("开一个专项"), tags=[TAG], request=CampaignInput,
        responses={201: CampaignSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor, data = actor_of(request._request), self.read(request)

        def act() -> Any:
            row = save_campaign(None, CampaignSaid(**data), actor=actor)
            return CampaignSerializer(row, context={"counts": {}}).data

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)


class CampaignTicketsView(WriteView):
    input_class = NumbersInput

    @extend_schema(
        operation_id="campaign_label", summary=_("给诉求贴专项标签"), tags=[TAG], request=NumbersInput,
        responses=LabelledSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        campaign, actor = find_campaign(pk), actor_of(request._request)
        data = self.read(request)

        def act() -> dict[str, Any]:
            return {"labelled": label_tickets(campaign, _ids(data["tickets"], actor), actor=actor)}

        return self.answer_once(request, principal=actor.principal, body=data, act=act)


class CampaignReportView(WriteView):
    input_class = BatchInput

    @extend_schema(
        operation_id="campaign_report", summary=_("把专项的诉求报送单位"), tags=[TAG], request=BatchInput,
        responses={201: BatchReportSerializer},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        campaign, actor = find_campaign(pk), actor_of(request._request)
        data = self.read(request)

        def act() -> Any:
            ids = _ids(data["tickets"], actor)
            report = report_batch(campaign, ids, organization_id=data["organization"], actor=actor)
            return BatchReportSerializer(report).data

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)
