"""Routing rules for programs of the district's administrator: read, set, and try out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance.accounts.policies import require_administrator
from governance.kernel import clock
from governance.kernel.api.writes import IdField, StrictSerializer, WriteView
from governance.kernel.errors import Invalid
from grids.middleware import actor_of
from requests_intake import sla
from requests_intake.actions.routing_rules import checked, current_rules, problem_sentence, set_routing_rules
from requests_intake.actions.settings import policy_sentence
from requests_intake.actions.submit import CONTENT_LENGTH, Report
from requests_intake.models import Channel, RequestType
from requests_intake.reference import rules as reference
from requests_intake.routing_effect import RoutingEffect, Simulation, effect_of_rules, simulate
from requests_intake.routing_reading import document_of
from requests_intake.rulings import RuleSet

TAG = "派单规则"


class RulesSerializer(serializers.Serializer):
    version = serializers.IntegerField(help_text=_("现在有效的版本；0 是还没有规则"))
    document = serializers.JSONField(help_text=_('{"version": 1, "rules": […]}，从前往后问，第一条符合的说了算'))


class RulesInput(StrictSerializer):
    document = serializers.JSONField(help_text=_("整套规则"))
    based_on = serializers.IntegerField(min_value=0, max_value=2**31 - 1, help_text=_("改之前看到的版本"))
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=100, help_text=_("为什么改"))


class MatterInput(StrictSerializer):
    content = serializers.CharField(max_length=CONTENT_LENGTH, help_text=_("居民怎么说"))
    title = serializers.CharField(required=False, default="", allow_blank=True, max_length=120)
    category = serializers.CharField(required=False, default="", allow_blank=True, max_length=8)
    request_type = serializers.ChoiceField(choices=RequestType.choices, required=False, default="", allow_blank=True)
    channel = serializers.CharField(required=False, default=Channel.WEB, max_length=20, help_text=_("渠道代码"))
    building = IdField(required=False, allow_null=True, default=None)
    community = IdField(required=False, allow_null=True, default=None)
    address = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    at = serializers.DateTimeField(required=False, allow_null=True, default=None, help_text=_("不写就是现在"))
    is_anonymous = serializers.BooleanField(required=False, default=False)
    is_proactive = serializers.BooleanField(required=False, default=False)

    def validate_channel(self, channel: str) -> str:
        if channel not in Channel.values:
            raise serializers.ValidationError(_("没有这个渠道。"))
        return channel

    def validate_at(self, at: datetime | None) -> datetime | None:
        if at is not None and not 2004 <= at.year <= clock.today().year + 5:
            raise serializers.ValidationError(_("请选近几年里的时间。"))
        return at


class SimulateInput(StrictSerializer):
    matter = MatterInput(required=False, help_text=_("要试的一件事"))
    document = serializers.JSONField(required=False, help_text=_("另一套规则；不写就是现在这一套"))
    policy = serializers.JSONField(required=False, help_text=_("另一份办理时限；不写就是现在这一份"))


class TrialSerializer(serializers.Serializer):
    key = serializers.CharField()
    name = serializers.CharField()
    fires = serializers.BooleanField()
    is_out = serializers.BooleanField(help_text=_("停用或不在有效期"))
    matches = serializers.ListField(child=serializers.DictField())


class MatterSerializer(serializers.Serializer):
    rule = serializers.CharField(allow_blank=True, help_text=_("说了算的规则；空的是照平常走"))
    failed = serializers.CharField(allow_blank=True)
    organization = serializers.IntegerField()
    level = serializers.CharField()
    waits = serializers.CharField(allow_blank=True)
    category = serializers.CharField(allow_blank=True)
    request_type = serializers.CharField()
    urgency = serializers.CharField()
    sign_due_at = serializers.DateTimeField()
    resolve_due_at = serializers.DateTimeField()
    promise_due_at = serializers.DateTimeField()
    trials = TrialSerializer(many=True)


class OrganizationEffectSerializer(serializers.Serializer):
    name = serializers.CharField()
    before = serializers.IntegerField()
    after = serializers.IntegerField()


class EffectSerializer(serializers.Serializer):
    counted = serializers.IntegerField()
    moved = serializers.IntegerField()
    longer = serializers.IntegerField()
    shorter = serializers.IntegerField()
    restricted = serializers.IntegerField()
    failing = serializers.IntegerField()
    is_cut = serializers.BooleanField()
    organizations = OrganizationEffectSerializer(many=True)
    examples = serializers.ListField(child=serializers.DictField())
    warnings = serializers.ListField(child=serializers.CharField())


class SimulatedSerializer(serializers.Serializer):
    matter = MatterSerializer(allow_null=True)
    effect = EffectSerializer(allow_null=True)


class RulesView(WriteView):
    input_class = RulesInput
    refuses_readers = True

    @extend_schema(
        operation_id="routing_rules_read", summary=_("现在的派单规则"), tags=[TAG], responses=RulesSerializer
    )
    def get(self, request: Request) -> Response:
        require_administrator(actor_of(request._request))
        return Response(_rules())

    @extend_schema(
        operation_id="routing_rules_set",
        summary=_("换一整套派单规则，记为新的一版"),
        tags=[TAG],
        request=RulesInput,
        responses=RulesSerializer,
    )
    def put(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_administrator(actor)
        data = self.read(request)

        def act() -> dict[str, Any]:
            set_routing_rules(data["document"], based_on=data["based_on"], note=data["note"], actor=actor)
            return _rules()

        return self.answer_once(request, principal=actor.principal, body=data, act=act)


def _rules() -> dict[str, Any]:
    found = current_rules()
    return {"version": found.version, "document": document_of(found.rules or ())}


class SimulateView(WriteView):
    """Looks and writes nothing: there is nothing to repeat."""

    input_class = SimulateInput
    is_write = False

    @extend_schema(
        operation_id="routing_simulate",
        summary=_("试一试：一件事会派给谁；另一套规则或时限，最近 90 天会有什么不同"),
        tags=[TAG],
        request=SimulateInput,
        responses=SimulatedSerializer,
    )
    def post(self, request: Request) -> Response:
        actor = actor_of(request._request)
        require_administrator(actor)
        data = self.read(request)
        now = current_rules()
        rules, warnings, policy = now.rules or (), [], None
        if "document" in data:
            rules, found = checked(data["document"], rules)
            warnings = [problem_sentence(row) for row in found]
        if "policy" in data:
            policy = _policy(data["policy"])
        matter = None
        if "matter" in data:
            asked = RuleSet(now.version, clock.now(), rules) if "document" in data else None
            report = _report(data["matter"])
            matter = _matter(simulate(report, at=data["matter"]["at"], rule_set_=asked, policy=policy))
        effect = None
        if "document" in data or policy is not None:
            looked = effect_of_rules(now.rules or (), rules, actor=actor, new_policy=policy)
            effect = {**_effect(looked), "warnings": warnings}
        return Response({"matter": matter, "effect": effect})


def _policy(document: object) -> sla.Policy:
    try:
        return sla.Policy.from_json(document)
    except sla.PolicyError as error:
        sentence = policy_sentence(error)
        raise Invalid("bad_policy", __("时限里有不对的地方。"), fields={f"policy.{error.path}": [sentence]}) from error


def _report(data: dict[str, Any]) -> Report:
    if data["category"] and data["category"] not in reference().by_code:
        raise Invalid("invalid_report", __("没有这个分类。"), fields={"matter.category": [__("没有这个分类。")]})
    return Report(
        content=data["content"],
        title=data["title"],
        category_code=data["category"],
        request_type=data["request_type"],
        channel=data["channel"],
        building_id=data["building"],
        community_id=data["community"],
        address=data["address"],
        is_anonymous=data["is_anonymous"],
        is_proactive=data["is_proactive"],
    )


def _matter(found: Simulation) -> dict[str, Any]:
    rule = found.ruling.rule
    return MatterSerializer(
        {
            "rule": rule.key if rule else "",
            "failed": found.ruling.code,
            "organization": found.organization.id,
            "level": found.organization.level,
            "waits": found.waits,
            "category": found.category.code if found.category else "",
            "request_type": found.request_type,
            "urgency": found.raised_to,
            "sign_due_at": found.sign_due,
            "resolve_due_at": found.resolve_due,
            "promise_due_at": found.promise_due,
            "trials": [
                {
                    "key": trial.rule.key,
                    "name": trial.rule.name,
                    "fires": trial.fires,
                    "is_out": trial.is_out,
                    "matches": [
                        {"condition": match.condition, "value": match.value, "holds": match.holds}
                        for match in trial.matches
                    ],
                }
                for trial in found.trials
            ],
        }
    ).data


def _effect(found: RoutingEffect) -> dict[str, Any]:
    counts = {
        name: getattr(found, name)
        for name in ("counted", "moved", "longer", "shorter", "restricted", "failing", "is_cut")
    }
    return {
        **counts,
        "organizations": [{"name": name, "before": was, "after": then} for name, was, then in found.organizations],
        "examples": [
            {"number": row.number, "category": row.category, "rule": row.rule, "before": row.before, "after": row.after,
             "promise_before": row.due_before, "promise_after": row.due_after}
            for row in found.examples
        ],
    }  # fmt: skip
