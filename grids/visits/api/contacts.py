"""联系党员、包保楼栋、中心户 for programs: public names alone."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel.actors import Actor
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.errors import NotFound
from governance.kernel.masking import refuse_masked
from grids.households.models import Household
from grids.households.policies import find_building, find_household, require_keeper
from grids.middleware import actor_of
from grids.models import Building
from grids.visits.actions import contacts as acts
from grids.visits.api.acts import ActView, described
from grids.visits.contacts import buildings_with_sponsor, coverage, members_of
from grids.visits.models import BuildingSponsor, ContactLink, ContactMember, ContactMessage, PartyHub
from grids.visits.policies import find_contact, find_hub, find_message, find_sponsor

MEMBERS, SPONSORS = "联系党员", "包保楼栋"


class ContactMemberSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    public_name = serializers.CharField()
    grid = serializers.IntegerField(source="grid_id")
    households = serializers.IntegerField(source="homes")


class CoverageSerializer(serializers.Serializer):
    """``percent``: null where there is no building."""

    buildings = serializers.IntegerField()
    sponsored = serializers.IntegerField()
    percent = serializers.IntegerField(allow_null=True)
    without = serializers.ListField(child=serializers.IntegerField())


class ContactMemberChangeInput(StrictSerializer):
    full_name = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=40, validators=[refuse_masked]
    )
    public_name = serializers.CharField(required=False, allow_blank=True, default="", max_length=20)
    phone = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=20, validators=[refuse_masked]
    )


class ContactMemberInput(ContactMemberChangeInput):
    grid = IdField()
    agrees = serializers.BooleanField()


class HouseholdsInput(StrictSerializer):
    households = serializers.ListField(child=IdField(), min_length=1, max_length=acts.MOST_HOUSEHOLDS)


class ContactWordsInput(StrictSerializer):
    words = serializers.CharField(max_length=acts.WORDS)


class PassInput(StrictSerializer):
    reply = serializers.CharField(required=False, allow_blank=True, default="", max_length=acts.WORDS)


class SponsorInput(StrictSerializer):
    member = IdField()


class HelpInput(StrictSerializer):
    on = serializers.DateField()
    words = serializers.CharField(max_length=acts.WORDS)
    household = IdField(required=False, allow_null=True, default=None)


class HubInput(StrictSerializer):
    buildings = serializers.ListField(child=IdField(), required=False, default=list, max_length=50)
    agrees = serializers.BooleanField()


class HubEndInput(StrictSerializer):
    successor = IdField(required=False, allow_null=True, default=None)


@described("contact_members_name", lazy("登记联系党员"), MEMBERS, ContactMemberInput, 201)
class MembersView(ActView):
    refuses_readers = True

    @extend_schema(
        operation_id="contact_members_list", summary=lazy("联系党员"), tags=[MEMBERS],
        responses=ContactMemberSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        return Response(ContactMemberSerializer(members_of(actor)[:500], many=True).data)

    def act(self, row: None, said: dict[str, Any], actor: Actor) -> int:
        details = acts.MemberDetails(said["full_name"], said["public_name"], said["phone"], said["agrees"])
        return acts.name_member(said["grid"], details, actor=actor).pk


class _OfMember(ActView):
    def find(self, actor: Actor, *, pk: int) -> ContactMember:
        return find_contact(actor, pk)


@described("contact_members_change", lazy("改联系党员"), MEMBERS, ContactMemberChangeInput)
class MemberChangeView(_OfMember):
    def act(self, row: ContactMember, said: dict[str, Any], actor: Actor) -> int:
        return acts.change_member(row, acts.MemberDetails(**said, agrees=True), actor=actor).pk


@described("contact_members_end", lazy("不再当联系党员"), MEMBERS, StrictSerializer)
class MemberEndView(_OfMember):
    def act(self, row: ContactMember, said: dict[str, Any], actor: Actor) -> int:
        return acts.end_member(row, actor=actor).pk


@described("contact_members_link", lazy("联系住户"), MEMBERS, HouseholdsInput)
class MemberLinkView(_OfMember):
    def act(self, row: ContactMember, said: dict[str, Any], actor: Actor) -> int:
        homes = list(Household.objects.filter(pk__in=said["households"]))
        if len(homes) != len(set(said["households"])):
            raise NotFound("no_household", _("有的住户不在您的辖区，或者已经迁出。"))
        acts.link_households(row, homes, actor=actor)
        return row.pk


class _OfLink(ActView):
    def find(self, actor: Actor, *, pk: int) -> ContactLink:
        row = ContactLink.objects.filter(pk=pk).first()
        if row is None:
            raise NotFound("no_link", _("没有这一条，或者不在您的辖区。"))
        row.member = find_contact(actor, row.member_id)
        return row


@described("contact_links_end", lazy("不再联系一户"), MEMBERS, StrictSerializer)
class LinkEndView(_OfLink):
    def act(self, row: ContactLink, said: dict[str, Any], actor: Actor) -> int:
        return acts.end_link(row, actor=actor).pk


@described("contact_links_write", lazy("替联系党员带话"), MEMBERS, ContactWordsInput, 201)
class LinkWriteView(_OfLink):
    def act(self, row: ContactLink, said: dict[str, Any], actor: Actor) -> int:
        return acts.write_to_household(row, said["words"], actor=actor).pk


@described("contact_messages_pass", lazy("转给联系党员"), MEMBERS, PassInput)
class PassView(ActView):
    def find(self, actor: Actor, *, pk: int) -> ContactMessage:
        return find_message(actor, pk)

    def act(self, row: ContactMessage, said: dict[str, Any], actor: Actor) -> int:
        return acts.pass_on(row, reply=said["reply"], actor=actor).pk


@described("building_sponsors_name", lazy("请人包楼"), SPONSORS, SponsorInput, 201)
class SponsorNameView(ActView):
    def find(self, actor: Actor, *, pk: int) -> Building:
        return find_building(actor, pk)

    def act(self, row: Building, said: dict[str, Any], actor: Actor) -> int:
        return acts.name_sponsor(row, find_contact(actor, said["member"]), actor=actor).pk


class _OfSponsor(ActView):
    def find(self, actor: Actor, *, pk: int) -> BuildingSponsor:
        return find_sponsor(actor, pk)


@described("building_sponsors_end", lazy("不再包楼"), SPONSORS, StrictSerializer)
class SponsorEndView(_OfSponsor):
    def act(self, row: BuildingSponsor, said: dict[str, Any], actor: Actor) -> int:
        return acts.end_sponsor(row, actor=actor).pk


@described("building_sponsors_help", lazy("记包楼的帮助"), SPONSORS, HelpInput, 201)
class SponsorHelpView(_OfSponsor):
    def act(self, row: BuildingSponsor, said: dict[str, Any], actor: Actor) -> int:
        home = find_household(actor, said["household"]) if said["household"] else None
        return acts.record_help(row, on=said["on"], words=said["words"], household=home, actor=actor).pk


class CoverageView(WriteView):
    is_write = False
    refuses_readers = True

    @extend_schema(
        operation_id="building_sponsors_coverage", summary=lazy("包保了多少楼"), tags=[SPONSORS],
        responses=CoverageSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        rows = buildings_with_sponsor(actor)
        found = coverage(rows)
        without = list(rows.filter(is_sponsored=False).values_list("pk", flat=True)[:500])
        said = {
            "buildings": found.buildings, "sponsored": found.sponsored, "percent": found.percent, "without": without,
        }  # fmt: skip
        return Response(said)


@described("party_hubs_name", lazy("设党员中心户"), MEMBERS, HubInput, 201)
class HubNameView(ActView):
    def find(self, actor: Actor, *, pk: int) -> Household:
        return find_household(actor, pk)

    def act(self, row: Household, said: dict[str, Any], actor: Actor) -> int:
        wanted = [find_building(actor, pk) for pk in said["buildings"]]
        return acts.name_hub(row, wanted, agrees=said["agrees"], actor=actor).pk


@described("party_hubs_end", lazy("中心户接替、结束"), MEMBERS, HubEndInput)
class HubEndView(ActView):
    def find(self, actor: Actor, *, pk: int) -> PartyHub:
        return find_hub(actor, pk)

    def act(self, row: PartyHub, said: dict[str, Any], actor: Actor) -> int:
        successor = find_household(actor, said["successor"]) if said["successor"] else None
        made = acts.end_hub(row, successor=successor, actor=actor)
        return made.pk if made else row.pk
