"""How tickets are shown to programs. Names come from the district's caches, so that a list needs one statement."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.accounts.queries import staff_names
from governance.kernel.actors import Actor
from grids.api.serializers import AreaField, NamedSerializer, OrganizationField
from grids.models import Level
from requests_intake import workflow
from requests_intake.models import FIELD_MOVES, Attachment, Clock, Satisfaction, Ticket, TicketTransition, WorkOrder
from requests_intake.policies import TicketPolicy
from requests_intake.presentation.history import timeline
from requests_intake.presentation.people import requester_card
from requests_intake.reference import CategoryRef, rules


class CategorySerializer(serializers.Serializer):
    """A category; ``parent`` is the code of the first level (null there)."""

    code = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.SerializerMethodField()  # type: ignore[assignment]
    urgency = serializers.CharField(source="pure.urgency")
    start_level = serializers.CharField(source="pure.start_level")
    is_safety = serializers.BooleanField(source="pure.is_safety")
    is_restricted = serializers.BooleanField(source="pure.is_restricted")

    def get_parent(self, row: CategoryRef) -> str | None:
        return row.pure.parent_code or None


class CodedSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


@extend_schema_field(CodedSerializer(allow_null=True))
class CategoryField(serializers.Field):
    """A category's code and name by its id column."""

    def to_representation(self, value: int) -> dict[str, str]:
        found = rules().categories.get(value)
        return {"code": found.code if found else "", "name": found.name if found else ""}


class TicketRowSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket in a list: no person and not the resident's own words beyond the title."""

    state_label = serializers.SerializerMethodField()
    category = CategoryField(source="category_id", read_only=True, allow_null=True)
    organization = OrganizationField(source="organization_id", read_only=True)
    street = AreaField(source="street_id", read_only=True, allow_null=True)
    community = AreaField(source="community_id", read_only=True, allow_null=True)
    grid = AreaField(source="grid_id", read_only=True, allow_null=True)

    class Meta:
        model = Ticket
        fields = [
            "number", "title", "state", "state_label", "request_type", "category", "urgency", "channel", "level",
            "organization", "street", "community", "grid", "address_text", "lamp", "is_restricted", "is_proactive",
            "submitted_at", "accepted_at", "promise_due_at", "order_due_at", "resolved_at", "closed_at",
            "external_number", "external_due_at", "limit_from",
        ]  # fmt: skip
        read_only_fields = fields

    def get_state_label(self, ticket: Ticket) -> str:
        return workflow.TicketState(ticket.state).label


class MovedSerializer(serializers.ModelSerializer[Ticket]):
    """Where a ticket stands after a move. Holds nothing personal."""

    organization = OrganizationField(source="organization_id", read_only=True)

    class Meta:
        model = Ticket
        fields = ["number", "state", "level", "organization", "lamp", "promise_due_at", "order_due_at", "closed_at"]
        read_only_fields = fields


class SubmittedSerializer(MovedSerializer):
    """``follow_code`` is given once, where no phone was left: with the number it proves whose ticket it is."""

    follow_code = serializers.CharField(read_only=True)

    class Meta(MovedSerializer.Meta):
        fields = [*MovedSerializer.Meta.fields, "follow_code"]


class WorkOrderSerializer(serializers.ModelSerializer[WorkOrder]):
    organization = OrganizationField(source="organization_id", read_only=True)
    assignee = serializers.SerializerMethodField()

    class Meta:
        model = WorkOrder
        fields = [
            "sequence", "role", "state", "organization", "level", "assignee", "dispatched_at", "signed_at",
            "contacted_at", "resolved_at", "ended_at", "due_at", "limit_value", "limit_unit", "was_cut",
            "beyond_promise", "is_late_sign", "is_late_contact", "handed_over_reason", "rework_count",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(NamedSerializer(allow_null=True))
    def get_assignee(self, order: WorkOrder) -> dict[str, Any] | None:
        if order.assignee_id is None:
            return None
        return {"id": order.assignee_id, "name": self.context["names"].get(order.assignee_id, "")}


class ClockSerializer(serializers.ModelSerializer[Clock]):
    class Meta:
        model = Clock
        fields = ["kind", "started_at", "due_at", "limit_value", "limit_unit", "next_fire_at", "stopped_at"]
        read_only_fields = fields


class TimelineSerializer(serializers.ModelSerializer[TicketTransition]):
    """One move: what, when, by whom. ``by`` is the member of staff; ``role`` the post, or the part of the system."""

    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    role = serializers.CharField(source="actor_name")
    by = serializers.SerializerMethodField()
    level = serializers.SerializerMethodField()
    organization = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()
    audience = serializers.SerializerMethodField()

    class Meta:
        model = TicketTransition
        fields = [
            "move", "label", "from_state", "to_state", "at", "recorded_at", "role", "by", "level", "organization",
            "stage", "note", "audience",
        ]  # fmt: skip
        read_only_fields = fields

    def get_label(self, row: TicketTransition) -> str:
        return workflow.MOVES[row.move].label

    @extend_schema_field(NamedSerializer(allow_null=True))
    def get_by(self, row: TicketTransition) -> dict[str, Any] | None:
        if row.actor_id is None:
            return None
        return {"id": row.actor_id, "name": self.context["names"].get(row.actor_id, "")}

    def get_level(self, row: TicketTransition) -> str:
        return row.payload.get("to_level") or row.payload.get("level") or ""

    @extend_schema_field(NamedSerializer(allow_null=True))
    def get_organization(self, row: TicketTransition) -> dict[str, Any] | None:
        found = row.payload.get("to_organization") or row.payload.get("organization")
        return None if found is None else OrganizationField().to_representation(found)

    def get_note(self, row: TicketTransition) -> str:
        note = self.context["notes"].get(row.pk)
        return note.text if note else ""

    def get_audience(self, row: TicketTransition) -> str:
        note = self.context["notes"].get(row.pk)
        return note.audience if note else ""


class PhotoSerializer(serializers.ModelSerializer[Attachment]):
    class Meta:
        model = Attachment
        fields = ["id", "purpose", "media_type", "width", "height", "seconds", "size", "created_at"]
        read_only_fields = fields


class RequesterSerializer(serializers.Serializer):
    """Always masked, and nothing where it was asked for; ``note`` says why something is missing."""

    name = serializers.CharField()
    phone = serializers.CharField()
    note = serializers.CharField()


class TicketSerializer(TicketRowSerializer):
    """A ticket with all that happened to it."""

    area = AreaField(source="area_id", read_only=True)
    about = OrganizationField(source="about_id", read_only=True, allow_null=True)
    resolved_level = serializers.ChoiceField(Level.choices, allow_blank=True, read_only=True)
    first_satisfaction = serializers.ChoiceField(Satisfaction.choices, allow_blank=True, read_only=True)
    final_satisfaction = serializers.ChoiceField(Satisfaction.choices, allow_blank=True, read_only=True)
    requester = serializers.SerializerMethodField()
    photos = PhotoSerializer(source="attachments", many=True, read_only=True)
    work_orders = serializers.SerializerMethodField()
    clocks = ClockSerializer(many=True, read_only=True)
    timeline = serializers.SerializerMethodField()
    moves = serializers.SerializerMethodField()

    class Meta(TicketRowSerializer.Meta):
        fields = [
            *TicketRowSerializer.Meta.fields,
            "content", "about", "area", "lng", "lat", "located_by", "is_anonymous", "is_confidential", "requester",
            "max_level", "resolved_level", "close_reason", "needs_verification", "needs_return_visit", "needs_review",
            "first_satisfaction", "final_satisfaction", "rework_count", "reopen_count", "visit_attempts",
            "occurred_at", "photos", "work_orders", "clocks", "timeline", "moves",
        ]  # fmt: skip
        read_only_fields = fields

    def _facts(self, ticket: Ticket) -> dict[str, Any]:
        """Names of the people and notes of the moves, read once for all of them."""
        if "names" not in self.context:
            people = {row.actor_id for row in ticket.transitions.all()}
            people |= {order.assignee_id for order in ticket.work_orders.all()}
            self.context["names"] = staff_names(people)
            self.context["notes"] = {note.transition_id: note for note in ticket.notes.all()}
        return self.context

    @extend_schema_field(RequesterSerializer)
    def get_requester(self, ticket: Ticket) -> dict[str, Any]:
        return RequesterSerializer(requester_card(ticket, self.context["actor"])).data

    @extend_schema_field(WorkOrderSerializer(many=True))
    def get_work_orders(self, ticket: Ticket) -> Any:
        return WorkOrderSerializer(ticket.work_orders.all(), many=True, context=self._facts(ticket)).data

    @extend_schema_field(TimelineSerializer(many=True))
    def get_timeline(self, ticket: Ticket) -> Any:
        return TimelineSerializer(ticket.transitions.all(), many=True, context=self._facts(ticket)).data

    def get_moves(self, ticket: Ticket) -> list[str]:
        """Moves the caller may make now, by right and by state."""
        return names_of_moves(self.context["actor"], ticket, ticket.work_orders.all())


class ProgressStepSerializer(serializers.Serializer):
    text = serializers.CharField(source="title")
    at = serializers.DateTimeField(source="iso")
    reply = serializers.CharField(source="say")


class ProgressSerializer(serializers.ModelSerializer[Ticket]):
    """What the requester sees: plain words, nothing internal, nobody's name."""

    state_label = serializers.SerializerMethodField()
    final_satisfaction = serializers.ChoiceField(Satisfaction.choices, allow_blank=True, read_only=True)
    moves = serializers.SerializerMethodField()
    timeline = serializers.SerializerMethodField()

    class Meta:
        model = Ticket
        fields = [
            "number", "state", "state_label", "content", "submitted_at", "promise_due_at", "resolved_at", "closed_at",
            "final_satisfaction", "moves", "timeline",
        ]  # fmt: skip
        read_only_fields = fields

    def get_state_label(self, ticket: Ticket) -> str:
        return workflow.TicketState(ticket.state).label

    def get_moves(self, ticket: Ticket) -> list[str]:
        """What the requester may do now."""
        return names_of_moves(self.context["actor"], ticket, ticket.work_orders.all())

    @extend_schema_field(ProgressStepSerializer(many=True))
    def get_timeline(self, ticket: Ticket) -> Any:
        return ProgressStepSerializer(timeline(ticket, outward=True), many=True).data


def names_of_moves(actor: Actor, ticket: Ticket, orders: Iterable[WorkOrder]) -> list[str]:
    """Moves of the actor on a ticket whose work orders are at hand, the newest deciding."""
    leads = [order for order in orders if order.role == WorkOrder.Role.LEAD]
    lead = max(leads, key=lambda order: order.sequence, default=None)
    owed = {row.kind for row in ticket.clocks.all() if row.stopped_at is None}
    return [
        move.name
        for move in TicketPolicy.moves(actor, ticket, lead)
        if move.name not in FIELD_MOVES or FIELD_MOVES[move.name] in owed
    ]
