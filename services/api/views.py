"""公告 for programs: what residents read, without an account."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel.api.lists import paged, read_query
from governance.kernel.api.writes import IdField, PublicView, StrictSerializer
from grids.api.serializers import OrganizationField
from services.models import Announcement
from services.policies import AnnouncementPolicy
from services.queries import place_of, place_of_area, public_announcements
from services.views.cards import audiences, to_words

TAG = "居民（不需账号）"
PER_PAGE = 20


class AnnouncementQuery(StrictSerializer):
    area = IdField(required=False, help_text=gettext_lazy("区域编号：发给它、它的上级和它里面的都在内"))
    building = IdField(required=False, help_text=gettext_lazy("楼栋编号：发给这栋楼和它所在区域的"))
    past = serializers.BooleanField(
        required=False, default=False, help_text=gettext_lazy("true 是已过期的，不写是有效的")
    )
    page = serializers.IntegerField(
        required=False, default=1, min_value=1, max_value=1000, help_text=gettext_lazy("第几页，每页 20 条")
    )

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if "area" in given and "building" in given:
            raise ValidationError({"building": [_("区域和楼栋只能选一个。")]})
        return given


class AnnouncementSerializer(serializers.ModelSerializer[Announcement]):
    """A published announcement. ``version`` above 1: it was corrected. A withdrawn one has neither text nor title."""

    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    organization = OrganizationField(source="organization_id")
    to = serializers.SerializerMethodField(help_text=gettext_lazy("发给哪里，用文字说"))
    state = serializers.ChoiceField(choices=[("published", _("已发布")), ("withdrawn", _("已撤回"))])

    class Meta:
        model = Announcement
        fields = [
            "number", "kind", "state", "title", "text", "version", "organization", "to", "is_pinned", "published_at",
            "corrected_at", "visible_until", "withdrawn_at", "withdrawal",
        ]  # fmt: skip
        read_only_fields = fields

    def get_title(self, row: Announcement) -> str:
        return "" if row.state == Announcement.State.WITHDRAWN else row.title

    def get_text(self, row: Announcement) -> str:
        return "" if row.state == Announcement.State.WITHDRAWN else row.text

    def get_to(self, row: Announcement) -> str:
        words: dict[int, str] = self.context["to"]
        return words[row.pk]


class FoundAnnouncementsSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = AnnouncementSerializer(many=True)


def _told(rows: Iterable[Announcement]) -> dict[str, Any]:
    return {"to": {pk: to_words(audience) for pk, audience in audiences(rows).items()}}


class AnnouncementListView(PublicView):
    """Pinned and newest first, 20 a page; what was withdrawn is not among them."""

    is_write = False

    @extend_schema(
        operation_id="public_announcements_list",
        summary=gettext_lazy("公告"),
        tags=[TAG],
        parameters=[AnnouncementQuery],
        responses=FoundAnnouncementsSerializer,
    )
    def get(self, request: Request) -> Response:
        asked = read_query(request, AnnouncementQuery)
        place = None
        if "building" in asked:
            place = place_of(f"b{asked['building']}")
        elif "area" in asked:
            place = place_of_area(asked["area"])
        if place is None and ("building" in asked or "area" in asked):
            return Response({"count": 0, "results": []})
        count, rows = paged(public_announcements(place, over=asked["past"]), asked["page"], PER_PAGE)
        found = {"count": count, "results": rows}
        return Response(FoundAnnouncementsSerializer(found, context=_told(rows)).data)


class AnnouncementView(PublicView):
    is_write = False

    @extend_schema(
        operation_id="public_announcements_read",
        summary=gettext_lazy("一条公告"),
        tags=[TAG],
        responses=AnnouncementSerializer,
    )
    def get(self, request: Request, number: int) -> Response:
        row = AnnouncementPolicy.public().filter(number=number).first()
        if row is None:
            raise NotFound
        return Response(AnnouncementSerializer(row, context=_told([row])).data)
