"""住户 for programs: masked. Names and numbers are opened by people with a reason, never by a program."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel.actors import Actor
from governance.kernel.api.lists import paged, read_query
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.errors import Invalid, NotFound
from governance.kernel.masking import refuse_masked
from grids.api.acts import ActView, described
from grids.households.actions.households import (
    MOST_PEOPLE,
    HouseholdDetails,
    NewHousehold,
    Where,
    edit_household,
    end_household,
    move_household,
    register_household,
)
from grids.households.actions.persons import PersonDetails, add_person, edit_person, end_person
from grids.households.actions.tags import end_tagging, tag_household
from grids.households.matrix import matrix_of
from grids.households.models import Household, HouseholdTag, HouseholdTagging, Person
from grids.households.policies import find_building, find_household, require_keeper
from grids.households.presentation.household import lines, whole
from grids.households.queries import households_of, search, with_tag
from grids.households.tagging import TagSeen
from grids.middleware import actor_of
from grids.models import Building, Room

TAG = "住户登记"
PER_PAGE = 50


class TagSeenSerializer(serializers.Serializer[TagSeen]):
    """A tag on a household. One the caller may not read has ``is_hidden`` and a neutral colour."""

    tagging = serializers.IntegerField(source="tagging_id")
    name = serializers.CharField()
    mark = serializers.CharField()
    colour = serializers.CharField()
    is_hidden = serializers.BooleanField()


class HouseholdSerializer(serializers.Serializer):
    """A household in a list; the contact is masked."""

    id = serializers.IntegerField(source="pk")
    place = serializers.CharField()
    kind = serializers.CharField()
    people = serializers.IntegerField()
    contact = serializers.CharField()
    may_be_called = serializers.BooleanField()
    tags = TagSeenSerializer(many=True)


class FoundHouseholdsSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    results = HouseholdSerializer(many=True)


class PersonSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    phone = serializers.CharField()
    relation = serializers.CharField()
    born = serializers.IntegerField(allow_null=True)


class WholeHouseholdSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    place = serializers.CharField()
    kind = serializers.CharField()
    people_count = serializers.IntegerField()
    contact = serializers.CharField()
    phone = serializers.CharField()
    may_be_called = serializers.BooleanField()
    legacy_group = serializers.CharField(source="row.legacy_group")
    moved_in_on = serializers.DateField(source="row.moved_in_on", allow_null=True)
    ended_on = serializers.DateField(source="row.ended_on", allow_null=True)
    tags = serializers.ListField(child=TagSeenSerializer(), source="seen")
    people = PersonSerializer(many=True)


class HouseholdStateSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    ended_on = serializers.DateField(allow_null=True)


class NewIdSerializer(serializers.Serializer):
    id = serializers.IntegerField()


class HouseholdQuery(StrictSerializer):
    q = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=60, help_text=gettext_lazy("楼栋、房号")
    )
    building = IdField(required=False, help_text=gettext_lazy("楼栋编号"))
    tag = IdField(required=False, help_text=gettext_lazy("标签编号，见 /household-tags/"))
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000)


class _PlaceInput(StrictSerializer):
    building = IdField(help_text=gettext_lazy("楼栋编号，见 /buildings/"))
    room = IdField(required=False, allow_null=True, default=None, help_text=gettext_lazy("户室编号，见楼盘表"))
    place = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)


class HouseholdInput(StrictSerializer):
    """Of a change: what is left out is emptied, save name and number of the contact, which then stay."""

    kind = serializers.ChoiceField(Household.Kind.choices, required=False, default=Household.Kind.FAMILY)
    code = serializers.CharField(required=False, allow_blank=True, default="", max_length=20)
    people_count = serializers.IntegerField(min_value=0, max_value=MOST_PEOPLE)
    legacy_group = serializers.CharField(required=False, allow_blank=True, default="", max_length=40)
    contact_name = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=40, validators=[refuse_masked]
    )
    contact_phone = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=20, validators=[refuse_masked]
    )
    may_be_called = serializers.BooleanField(required=False, default=False)
    moved_in_on = serializers.DateField(required=False, allow_null=True, default=None)


class NewHouseholdInput(_PlaceInput, HouseholdInput):
    """Where, and what."""


class MoveInput(_PlaceInput):
    on = serializers.DateField()


class EndHouseholdInput(StrictSerializer):
    reason = serializers.ChoiceField(Household.EndReason.choices)
    on = serializers.DateField()


class PersonInput(StrictSerializer):
    name = serializers.CharField(max_length=40, validators=[refuse_masked])
    phone = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=20, validators=[refuse_masked]
    )
    birth_year = serializers.IntegerField(required=False, allow_null=True, default=None)
    relation = serializers.ChoiceField(Person.Relation.choices)


class ChangedPersonInput(PersonInput):
    name = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=40, validators=[refuse_masked]
    )


class EndPersonInput(StrictSerializer):
    reason = serializers.ChoiceField(Person.EndReason.choices)
    on = serializers.DateField()


class TaggingInput(StrictSerializer):
    tag = IdField()
    reason = serializers.CharField(max_length=120)
    since = serializers.DateField(required=False, allow_null=True, default=None)
    until = serializers.DateField(required=False, allow_null=True, default=None)


class CellSerializer(serializers.Serializer):
    room = serializers.IntegerField()
    number = serializers.CharField()
    use = serializers.ChoiceField(Room.Use.choices)
    households = serializers.ListField(child=serializers.IntegerField())
    people = serializers.IntegerField()
    tags = TagSeenSerializer(many=True)


class FloorSerializer(serializers.Serializer):
    floor = serializers.IntegerField()
    rooms = CellSerializer(many=True)


class EntranceSerializer(serializers.Serializer):
    unit = serializers.IntegerField()
    floors = FloorSerializer(many=True)


class MatrixSerializer(serializers.Serializer):
    """Floors from the top down."""

    building = serializers.IntegerField()
    rooms = serializers.IntegerField()
    households = serializers.IntegerField()
    units = EntranceSerializer(many=True)


def _place(said: dict[str, Any]) -> Where:
    """Objects of the ids, judged by the action; raises ``Invalid`` where they do not exist."""
    building = Building.objects.filter(pk=said["building"]).first()
    room = Room.objects.select_related("unit").filter(pk=said["room"]).first() if said["room"] else None
    if building is None:
        raise NotFound("no_building", _("没有这栋楼，或者不在您的辖区。"))
    if said["room"] and room is None:
        words = _("这栋楼没有这间房。")
        raise Invalid("wrong_room", words, fields={"room": [words]})
    return Where(building, room, said["place"])


_DETAILS = (
    "kind", "code", "people_count", "legacy_group", "contact_name", "contact_phone", "may_be_called", "moved_in_on",
)  # fmt: skip


def _state(row: Household) -> dict[str, Any]:
    return {"id": row.pk, "ended_on": row.ended_on}


class HouseholdListView(WriteView):
    """Running households of the caller's places, 50 a page."""

    refuses_readers = True
    input_class = NewHouseholdInput

    @extend_schema(
        operation_id="households_list", summary=gettext_lazy("查找住户"), tags=[TAG], parameters=[HouseholdQuery],
        responses=FoundHouseholdsSerializer,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        asked = read_query(request, HouseholdQuery)
        rows = search(households_of(actor), actor, asked["q"])
        if "building" in asked:
            rows = rows.filter(building_id=asked["building"])
        if "tag" in asked:
            rows = with_tag(rows, actor, asked["tag"])
        count, found = paged(rows, asked["page"], PER_PAGE)
        return Response(FoundHouseholdsSerializer({"count": count, "results": lines(found, actor)}).data)

    @extend_schema(
        operation_id="households_create", summary=gettext_lazy("登记一户"), tags=[TAG], request=NewHouseholdInput,
        responses={201: HouseholdStateSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        said = self.read(request)

        def act() -> dict[str, Any]:
            details = HouseholdDetails(**{name: said[name] for name in _DETAILS})
            return _state(register_household(NewHousehold(_place(said), details), actor=actor))

        return self.answer_once(request, principal=actor.principal, body=said, act=act, status=201)


class HouseholdView(WriteView):
    is_write = False
    refuses_readers = True

    @extend_schema(
        operation_id="households_read", summary=gettext_lazy("一户"), tags=[TAG], responses=WholeHouseholdSerializer
    )
    def get(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        found = whole(find_household(actor, pk), actor)
        found["seen"] = [each["tag"] for each in found["tags"]]
        return Response(WholeHouseholdSerializer(found).data)


class _HouseholdAct(ActView):
    def find(self, actor: Actor, *, pk: int) -> Any:
        return find_household(actor, pk)


_described = partial(described, tag=TAG)


@_described("households_change", gettext_lazy("改住户登记"), body=HouseholdInput, answer=HouseholdStateSerializer)
class HouseholdChangeView(_HouseholdAct):
    def act(self, row: Household, said: dict[str, Any], actor: Actor) -> dict[str, Any]:
        said = {**said, "contact_name": said["contact_name"] or row.contact_name}
        said["contact_phone"] = said["contact_phone"] or row.contact_phone
        agreed = row.agreed_on if row.may_be_called else None
        return _state(edit_household(row, HouseholdDetails(**said, agreed_on=agreed), actor=actor))


@_described("households_move", gettext_lazy("住户搬到别处"), body=MoveInput, answer=HouseholdStateSerializer)
class HouseholdMoveView(_HouseholdAct):
    def act(self, row: Household, said: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return _state(move_household(row, _place(said), on=said["on"], actor=actor))


@_described("households_end", gettext_lazy("迁出一户"), body=EndHouseholdInput, answer=HouseholdStateSerializer)
class HouseholdEndView(_HouseholdAct):
    def act(self, row: Household, said: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return _state(end_household(row, reason=said["reason"], on=said["on"], actor=actor))


@_described("households_add_person", gettext_lazy("添一口人"), body=PersonInput, answer=NewIdSerializer, status=201)
class HouseholdPersonView(_HouseholdAct):
    def act(self, row: Household, said: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return {"id": add_person(row, PersonDetails(**said), actor=actor).pk}


@_described("households_tag", gettext_lazy("给住户加标签"), body=TaggingInput, answer=NewIdSerializer, status=201)
class HouseholdTagView(_HouseholdAct):
    def act(self, row: Household, said: dict[str, Any], actor: Actor) -> dict[str, Any]:
        tag = HouseholdTag.objects.filter(pk=said["tag"]).first()
        if tag is None:
            words = _("没有这种标签。")
            raise Invalid("no_tag", words, fields={"tag": [words]})
        said = {**said, "tag": tag}
        found = tag_household(row, tag, reason=said["reason"], since=said["since"], until=said["until"], actor=actor)
        return {"id": found.pk}


class _PersonAct(_HouseholdAct):
    def find(self, actor: Actor, *, pk: int) -> Person:
        require_keeper(actor)
        row = Person.objects.select_related("household").filter(pk=pk).first()
        if row is None:
            raise NotFound("no_person", _("没有这个人，或者不在您的辖区。"))
        find_household(actor, row.household_id)
        return row


@_described("household_people_change", gettext_lazy("改住户成员"), body=ChangedPersonInput, answer=NewIdSerializer)
class PersonChangeView(_PersonAct):
    def act(self, row: Person, said: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return {"id": edit_person(row, PersonDetails(**said), actor=actor).pk}


@_described("household_people_end", gettext_lazy("住户成员离开"), body=EndPersonInput, answer=NewIdSerializer)
class PersonEndView(_PersonAct):
    def act(self, row: Person, said: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return {"id": end_person(row, reason=said["reason"], on=said["on"], actor=actor).pk}


@_described("household_taggings_end", gettext_lazy("去掉住户标签"), body=StrictSerializer, answer=NewIdSerializer)
class TaggingEndView(_HouseholdAct):
    def find(self, actor: Actor, *, pk: int) -> HouseholdTagging:
        require_keeper(actor)
        row = HouseholdTagging.objects.filter(pk=pk).first()
        if row is None:
            raise NotFound("no_tagging", _("没有这个标签，或者不在您的辖区。"))
        find_household(actor, row.household_id)
        return row

    def act(self, row: HouseholdTagging, said: dict[str, Any], actor: Actor) -> dict[str, Any]:
        return {"id": end_tagging(row, actor=actor).pk}


class MatrixView(WriteView):
    """楼盘表 of a building, in a fixed number of statements."""

    is_write = False
    refuses_readers = True

    @extend_schema(
        operation_id="buildings_matrix", summary=gettext_lazy("楼盘表"), tags=[TAG], responses=MatrixSerializer
    )
    def get(self, request: Request, pk: int) -> Response:
        actor = actor_of(request._request)
        building = find_building(actor, pk)
        matrix = matrix_of(building, actor)
        units = [
            {
                "unit": entrance.number,
                "floors": [
                    {
                        "floor": floor.number,
                        "rooms": [
                            {
                                "room": cell.room_id, "number": cell.number, "use": cell.use, "tags": cell.tags,
                                "households": [home.pk for home in cell.homes],
                                "people": sum(home.people for home in cell.homes),
                            }
                            for cell in floor.cells
                        ],
                    }
                    for floor in entrance.floors
                ],
            }
            for entrance in matrix.entrances
        ]  # fmt: skip
        said = {"building": building.pk, "rooms": matrix.rooms, "households": matrix.homes, "units": units}
        return Response(MatrixSerializer(said).data)
