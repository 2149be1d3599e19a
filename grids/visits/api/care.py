"""关爱台账 and 必到必访 for programs: no name, no number, no words; these are opened by people with a reason."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel.actors import Actor
from governance.kernel.api.lists import paged, read_query
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.errors import Invalid, NotFound
from governance.kernel.masking import refuse_masked
from grids.households.models import Household, HouseholdTag, Person
from grids.households.policies import find_household, require_keeper
from grids.middleware import actor_of
from grids.visits.actions import care as acts
from grids.visits.actions import must as duties
from grids.visits.api.acts import ActView, described
from grids.visits.care import care_of, with_contact
from grids.visits.models import CareBenefit, CareContact, CareLink, CareObject, MustVisit, MustVisitRule
from grids.visits.must import open_tasks
from grids.visits.policies import find_care, find_must

CARE, MUST, PER_PAGE = "关爱台账", "必到必访", 50


class PageQuery(StrictSerializer):
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=10_000)


class CareSerializer(serializers.Serializer):
    """``next_at``: until when somebody is to be in contact."""

    id = serializers.IntegerField(source="pk")
    household = serializers.IntegerField(source="household_id")
    category = serializers.ChoiceField(CareObject.Category.choices)
    level = serializers.ChoiceField(CareObject.Level.choices)
    every = serializers.IntegerField()
    last_at = serializers.DateTimeField(allow_null=True)
    next_at = serializers.DateTimeField()


class MustVisitSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    rule = serializers.CharField(source="rule.name")
    kind = serializers.ChoiceField(MustVisitRule.Kind.choices, source="rule.kind")
    household = serializers.IntegerField(source="household_id", allow_null=True)
    grid = serializers.IntegerField(source="grid_id")
    due_at = serializers.DateTimeField()


class _Words(StrictSerializer):
    words = serializers.CharField(max_length=acts.WORDS)


class _Helper(StrictSerializer):
    kind = serializers.ChoiceField(CareLink.Kind.choices)
    member = IdField(required=False, allow_null=True, default=None, help_text=lazy("同事的编号；不是同事就写称呼"))
    name = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=40, validators=[refuse_masked]
    )
    phone = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=20, validators=[refuse_masked]
    )


class CareInput(StrictSerializer):
    category = serializers.ChoiceField(CareObject.Category.choices)
    level = serializers.ChoiceField(CareObject.Level.choices, required=False, default=CareObject.Level.USUAL)
    every = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1, max_value=acts.LONGEST)
    needs = serializers.CharField(required=False, allow_blank=True, default="", max_length=acts.WORDS)


class NewCareInput(CareInput):
    person = IdField(required=False, allow_null=True, default=None)
    helper = _Helper()


class CareEndInput(StrictSerializer):
    reason = serializers.ChoiceField(CareObject.EndReason.choices)


class CareContactInput(StrictSerializer):
    how = serializers.ChoiceField(CareContact.How.choices)
    words = serializers.CharField(required=False, allow_blank=True, default="", max_length=acts.WORDS)
    at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class BenefitInput(StrictSerializer):
    what = serializers.CharField(max_length=30)
    recheck_on = serializers.DateField()


class RecheckInput(StrictSerializer):
    again_on = serializers.DateField(required=False, allow_null=True, default=None)


class EventInput(_Words):
    rule = IdField()
    household = IdField(required=False, allow_null=True, default=None)
    grid = IdField(required=False, allow_null=True, default=None)
    place = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)


class MustVisitRuleInput(StrictSerializer):
    kind = serializers.ChoiceField(MustVisitRule.Kind.choices)
    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=20)
    tag = IdField(required=False, allow_null=True, default=None)
    days = serializers.IntegerField(required=False, allow_null=True, default=None)
    hours = serializers.IntegerField(required=False, allow_null=True, default=None)


def _helper(said: dict[str, Any]) -> acts.HelperDetails:
    return acts.HelperDetails(said["kind"], said["member"], said["name"], said["phone"])


class CareListView(WriteView):
    is_write = False
    refuses_readers = True

    @extend_schema(
        operation_id="care_list", summary=lazy("关爱台账"), tags=[CARE], parameters=[PageQuery],
        responses=CareSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        return Response(CareSerializer(_page(request, with_contact(care_of(actor))), many=True).data)


def _page(request: Request, rows: Any) -> list[Any]:
    return paged(rows, read_query(request, PageQuery)["page"], PER_PAGE)[1]


@described("care_begin", lazy("写进关爱台账"), CARE, NewCareInput, 201)
class CareBeginView(ActView):
    def find(self, actor: Actor, *, pk: int) -> Household:
        return find_household(actor, pk)

    def act(self, row: Household, said: dict[str, Any], actor: Actor) -> int:
        person = Person.objects.filter(pk=said["person"]).first() if said["person"] else None
        if said["person"] and person is None:
            words = _("请选这一户里的人。")
            raise Invalid("no_person", words, fields={"person": [words]})
        details = acts.CareDetails(said["category"], said["level"], said["every"], said["needs"], person)
        return acts.begin_care(row, details, _helper(said["helper"]), actor=actor).pk


class _OfCare(ActView):
    def find(self, actor: Actor, *, pk: int) -> CareObject:
        return find_care(actor, pk)


class _OfLink(ActView):
    def find(self, actor: Actor, *, pk: int) -> CareLink:
        row = CareLink.objects.filter(pk=pk).first()
        if row is None:
            raise NotFound("no_link", _("没有这一对，或者不在您的辖区。"))
        row.care = find_care(actor, row.care_id)
        return row


@described("care_change", lazy("改关爱台账"), CARE, CareInput)
class CareChangeView(_OfCare):
    def act(self, row: CareObject, said: dict[str, Any], actor: Actor) -> int:
        return acts.change_care(row, acts.CareDetails(**said), actor=actor).pk


@described("care_end", lazy("不再列入台账"), CARE, CareEndInput)
class CareEndView(_OfCare):
    def act(self, row: CareObject, said: dict[str, Any], actor: Actor) -> int:
        return acts.end_care(row, reason=said["reason"], actor=actor).pk


@described("care_add_helper", lazy("加结对的人"), CARE, _Helper, 201)
class CareHelperView(_OfCare):
    def act(self, row: CareObject, said: dict[str, Any], actor: Actor) -> int:
        return acts.add_helper(row, _helper(said), actor=actor).pk


@described("care_add_benefit", lazy("记一项待遇"), CARE, BenefitInput, 201)
class CareBenefitView(_OfCare):
    def act(self, row: CareObject, said: dict[str, Any], actor: Actor) -> int:
        return acts.add_benefit(row, what=said["what"], recheck_on=said["recheck_on"], actor=actor).pk


@described("care_recheck", lazy("复核待遇"), CARE, RecheckInput)
class RecheckView(ActView):
    def find(self, actor: Actor, *, pk: int) -> CareBenefit:
        row = CareBenefit.objects.filter(pk=pk).first()
        if row is None:
            raise NotFound("no_benefit", _("没有这一项，或者不在您的辖区。"))
        row.care = find_care(actor, row.care_id)
        return row

    def act(self, row: CareBenefit, said: dict[str, Any], actor: Actor) -> int:
        return acts.recheck_benefit(row, again_on=said["again_on"], actor=actor).pk


@described("care_hand_over", lazy("交接结对"), CARE, _Helper, 201)
class HandoverView(_OfLink):
    def act(self, row: CareLink, said: dict[str, Any], actor: Actor) -> int:
        return acts.hand_over(row, _helper(said), actor=actor).pk


@described("care_contact", lazy("记一次联系"), CARE, CareContactInput, 201)
class ContactView(_OfLink):
    def act(self, row: CareLink, said: dict[str, Any], actor: Actor) -> int:
        return acts.record_contact(row, how=said["how"], words=said["words"], at=said["at"], actor=actor).pk


@described("must_visits_report", lazy("请书记到场"), MUST, EventInput, 201)
class MustVisitListView(ActView):
    refuses_readers = True

    @extend_schema(
        operation_id="must_visits_list", summary=lazy("等着去的必到必访"), tags=[MUST], parameters=[PageQuery],
        responses=MustVisitSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_keeper(actor)
        return Response(MustVisitSerializer(_page(request, open_tasks(actor)), many=True).data)

    def act(self, row: None, said: dict[str, Any], actor: Actor) -> int:
        rule = MustVisitRule.objects.filter(pk=said["rule"]).first()
        if rule is None:
            words = _("请选是什么事。")
            raise Invalid("no_rule", words, fields={"rule": [words]})
        home = find_household(actor, said["household"]) if said["household"] else None
        return duties.report_event(
            rule, actor=actor, words=said["words"], household=home, grid_id=said["grid"], place=said["place"]
        ).pk


@described("must_visits_arrive", lazy("书记到场"), MUST, _Words)
class ArriveView(ActView):
    def find(self, actor: Actor, *, pk: int) -> MustVisit:
        return find_must(actor, pk)

    def act(self, row: MustVisit, said: dict[str, Any], actor: Actor) -> int:
        return duties.arrive(row, words=said["words"], actor=actor).pk


class _RuleAct(ActView):
    """The district administrator's, who keeps no household: the act itself says who may."""

    def admit(self, actor: Actor) -> None:
        return

    def find(self, actor: Actor, *, pk: int = 0) -> int:
        return pk


@described("must_visit_rules_define", lazy("定必到必访的规则"), MUST, MustVisitRuleInput, 201)
class RuleView(_RuleAct):
    def act(self, row: int, said: dict[str, Any], actor: Actor) -> int:
        tag = HouseholdTag.objects.filter(pk=said["tag"]).first() if said["tag"] else None
        details = duties.RuleDetails(said["kind"], said["name"], tag, said["days"], said["hours"])
        return duties.define_rule(details, actor=actor).pk


@described("must_visit_rules_retire", lazy("停用必到必访的规则"), MUST, StrictSerializer)
class RuleRetireView(_RuleAct):
    def act(self, row: int, said: dict[str, Any], actor: Actor) -> int:
        rule = MustVisitRule.objects.filter(pk=row).first()
        if rule is None:
            raise NotFound("no_rule", _("没有这条规则。"))
        return duties.retire_rule(rule, actor=actor).pk
