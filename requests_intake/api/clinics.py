"""调解委员会名册 and 坐诊 for programs of the staff. Who comes, and why, only the circle of the day reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.accounts.legal import current
from governance.kernel.actors import Actor
from governance.kernel.api.writes import HourField, IdField, StrictSerializer, WriteView
from governance.kernel.errors import NotAllowed
from governance.kernel.masking import refuse_masked
from grids.middleware import actor_of
from requests_intake import clinic_circle, clinics
from requests_intake.actions import clinic_bookings as booking_acts
from requests_intake.actions import clinics as clinic_acts
from requests_intake.actions import mediation_register as register
from requests_intake.actions.mediation import TEXT_LENGTH as FACTS_LENGTH
from requests_intake.actions.mediation import Party
from requests_intake.api.inputs import EmptyInput
from requests_intake.models import (
    ClinicBooking,
    ClinicDay,
    CommitteeMember,
    MediationCase,
    MediationCommittee,
    MediationKind,
)
from requests_intake.policies import require_recorder
from requests_intake.workflow import READERS

TAG = "调解坐诊"
READING = READERS | register.KEEPERS | {"mediator"}


def _require_reader(actor: Actor) -> None:
    if not actor.role_kinds & READING:
        raise NotAllowed("no_post", str(_("您现在的岗位不能看调解坐诊。")))


class CommitteeSerializer(serializers.ModelSerializer[MediationCommittee]):
    class Meta:
        model = MediationCommittee
        fields = ["id", "name", "kind", "street", "community", "trade", "place", "phone", "hours", "since", "until"]
        read_only_fields = fields


class CommitteeInput(StrictSerializer):
    name = serializers.CharField(max_length=register.NAME_LENGTH, validators=[refuse_masked], help_text=_("名称"))
    kind = serializers.ChoiceField(MediationKind.choices, help_text=_("类型"))
    place = serializers.CharField(max_length=register.PLACE_LENGTH, help_text=_("调解室在哪儿"))
    since = serializers.DateField(help_text=_("从哪天起"))
    until = serializers.DateField(required=False, allow_null=True, default=None, help_text=_("到哪天"))
    street_id = IdField(required=False, allow_null=True, default=None, help_text=_("街道编号，见 /areas/"))
    community_id = IdField(required=False, allow_null=True, default=None, help_text=_("社区编号，见 /areas/"))
    trade = serializers.CharField(max_length=register.TRADE_LENGTH, required=False, allow_blank=True, default="")
    hours = serializers.CharField(max_length=register.HOURS_LENGTH, required=False, allow_blank=True, default="")
    phone = serializers.CharField(
        max_length=register.PHONE_LENGTH, required=False, allow_blank=True, default="", validators=[refuse_masked],
        help_text=_("办公电话，公开"),
    )  # fmt: skip


class CommitteeMemberInput(StrictSerializer):
    profession = serializers.ChoiceField(CommitteeMember.Profession.choices, help_text=_("身份"))
    since = serializers.DateField(help_text=_("从哪天起"))
    until = serializers.DateField(required=False, allow_null=True, default=None, help_text=_("到哪天"))
    membership_id = IdField(required=False, allow_null=True, default=None, help_text=_("有账号的人"))
    name = serializers.CharField(
        max_length=register.PERSON_LENGTH, required=False, allow_blank=True, default="", validators=[refuse_masked],
        help_text=_("没有账号的，写姓名"),
    )  # fmt: skip
    is_keeper = serializers.BooleanField(required=False, default=False, help_text=_("内勤"))


class MemberSerializer(serializers.ModelSerializer[CommitteeMember]):
    """Without the name: it is in the register's pages."""

    class Meta:
        model = CommitteeMember
        fields = ["id", "committee", "profession", "is_keeper", "since", "until"]
        read_only_fields = fields


class ClinicSerializer(serializers.ModelSerializer[ClinicDay]):
    opens_at = HourField(help_text=_("从几点"))
    closes_at = HourField(help_text=_("到几点"))

    class Meta:
        model = ClinicDay
        fields = [
            "id", "committee", "mode", "place", "day", "opens_at", "closes_at", "slot_minutes", "cancelled_at",
            "cancel_reason",
        ]  # fmt: skip
        read_only_fields = fields


class ClinicSlotsSerializer(ClinicSerializer):
    free = serializers.SerializerMethodField()

    class Meta(ClinicSerializer.Meta):
        fields = [*ClinicSerializer.Meta.fields, "free"]
        read_only_fields = fields

    def get_free(self, row: ClinicDay) -> list[int]:
        return clinics.free_slots(row, self.context["taken"].get(row.pk, set()))


class PlannedSerializer(serializers.Serializer):
    clinics = ClinicSerializer(many=True)
    skipped = serializers.ListField(child=serializers.DateField(), help_text=_("放假跳过的日子"))


class PlanInput(StrictSerializer):
    day = serializers.DateField(help_text=_("哪天"))
    opens_at = HourField(help_text=_("从几点"))
    closes_at = HourField(help_text=_("到几点"))
    slot_minutes = serializers.ChoiceField(clinic_acts.SLOT_MINUTES, help_text=_("每人几分钟"))
    mode = serializers.ChoiceField(ClinicDay.Mode.choices, required=False, default=ClinicDay.Mode.CLINIC.value)
    place = serializers.CharField(max_length=register.PLACE_LENGTH, required=False, allow_blank=True, default="")
    weeks = serializers.IntegerField(min_value=1, max_value=clinic_acts.MOST_WEEKS, required=False, default=1)
    members = serializers.ListField(child=IdField(), allow_empty=False, max_length=50, help_text=_("谁值守"))


class ReasonInput(StrictSerializer):
    reason = serializers.CharField(max_length=clinic_acts.REASON_LENGTH, help_text=_("为什么取消，居民看得到"))


class BehalfInput(StrictSerializer):
    slot = serializers.IntegerField(min_value=1, max_value=clinic_acts.MOST_SLOTS, help_text=_("几号"))
    name = serializers.CharField(
        max_length=booking_acts.NAME_LENGTH, validators=[refuse_masked], help_text=_("怎么称呼")
    )
    phone = serializers.CharField(max_length=30, validators=[refuse_masked], help_text=_("电话"))
    words = serializers.CharField(
        max_length=booking_acts.WORDS_LENGTH, required=False, allow_blank=True, default="", help_text=_("想谈什么事")
    )
    has_consented = serializers.BooleanField(help_text=_("本人同意登记称呼和电话"))


class BookingCaseInput(StrictSerializer):
    dispute = serializers.ChoiceField(MediationCase.Dispute.choices, help_text=_("什么纠纷"))
    facts = serializers.CharField(max_length=FACTS_LENGTH, help_text=_("纠纷事由"))
    name = serializers.CharField(
        max_length=booking_acts.NAME_LENGTH, validators=[refuse_masked], help_text=_("对方怎么称呼")
    )
    phone = serializers.CharField(
        max_length=30, required=False, allow_blank=True, default="", validators=[refuse_masked], help_text=_("对方电话")
    )


class BookingCaseSerializer(serializers.Serializer):
    number = serializers.CharField(help_text=_("调解案件编号"))


class BookedSlotSerializer(serializers.ModelSerializer[ClinicBooking]):
    """Neither who nor why: that is the booking itself, for its circle."""

    class Meta:
        model = ClinicBooking
        fields = ["id", "clinic", "day", "slot", "state"]
        read_only_fields = fields


class BookingSerializer(BookedSlotSerializer):
    class Meta(BookedSlotSerializer.Meta):
        fields = [*BookedSlotSerializer.Meta.fields, "person_name", "words"]
        read_only_fields = fields


class CommitteeListView(WriteView):
    input_class = CommitteeInput
    refuses_readers = True

    @extend_schema(
        operation_id="committees_list", summary=_("调解委员会名册"), tags=[TAG],
        responses=CommitteeSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        _require_reader(actor_of(request._request))
        return Response(CommitteeSerializer(clinics.committees(current_only=False), many=True).data)

    @extend_schema(
        operation_id="committees_create", summary=_("登记调解委员会"), tags=[TAG], request=CommitteeInput,
        responses={201: CommitteeSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        return _save(self, request, None)


class CommitteeChangeView(WriteView):
    input_class = CommitteeInput

    @extend_schema(
        operation_id="committee_change", summary=_("改调解委员会"), tags=[TAG], request=CommitteeInput,
        responses=CommitteeSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return _save(self, request, register.find_committee(pk))


def _save(view: WriteView, request: Request, row: MediationCommittee | None) -> Response:
    actor = actor_of(request._request)
    register.require_keeper(actor, row)
    data = view.read(request)
    said = register.CommitteeSaid(**data)

    def act() -> Any:
        return CommitteeSerializer(register.save_committee(row, said, actor=actor)).data

    return view.answer_once(request, principal=actor.principal, body=data, act=act, status=201 if row is None else 200)


class CommitteeMembersView(WriteView):
    input_class = CommitteeMemberInput

    @extend_schema(
        operation_id="committee_member", summary=_("加调解员"), tags=[TAG], request=CommitteeMemberInput,
        responses={201: MemberSerializer},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        row, actor = register.find_committee(pk), actor_of(request._request)
        register.require_keeper(actor, row)
        data = self.read(request)
        said = register.MemberSaid(**data)

        def act() -> Any:
            return MemberSerializer(register.add_member(row, said, actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)


class MemberEndView(WriteView):
    input_class = EmptyInput

    @extend_schema(
        operation_id="committee_member_end", summary=_("调解员离开"), tags=[TAG], request=EmptyInput,
        responses=MemberSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        member, actor = register.find_member(pk), actor_of(request._request)
        register.require_keeper(actor, member.committee)
        data = self.read(request)
        return self.answer_once(
            request, principal=actor.principal, body=data,
            act=lambda: MemberSerializer(register.end_member(member, actor=actor)).data,
        )  # fmt: skip


class ClinicListView(APIView):
    refuses_readers = True

    @extend_schema(
        operation_id="clinics_list", summary=_("接下来的坐诊和空着的号"), tags=[TAG],
        responses=ClinicSlotsSerializer(many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        _require_reader(actor_of(request._request))
        rows = list(clinics.coming())
        context = {"taken": clinics.taken_slots(row.pk for row in rows)}
        return Response(ClinicSlotsSerializer(rows, many=True, context=context).data)


class CommitteeClinicsView(WriteView):
    input_class = PlanInput

    @extend_schema(
        operation_id="clinic_plan", summary=_("排坐诊"), tags=[TAG], request=PlanInput,
        responses={201: PlannedSerializer},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        row, actor = register.find_committee(pk), actor_of(request._request)
        clinic_circle.require_planner(actor, row)
        data = self.read(request)
        plan = clinic_acts.ClinicPlan(**{**data, "members": tuple(data["members"])})

        def act() -> Any:
            done = clinic_acts.plan_clinics(row, plan, actor=actor)
            return PlannedSerializer({"clinics": done.clinics, "skipped": done.skipped}).data

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)


class ClinicCancelView(WriteView):
    input_class = ReasonInput

    @extend_schema(
        operation_id="clinic_cancel", summary=_("取消坐诊日，告诉约好的人"), tags=[TAG], request=ReasonInput,
        responses=ClinicSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        row, actor = clinic_acts.find_clinic(pk), actor_of(request._request)
        clinic_circle.require_planner(actor, row.committee)
        data = self.read(request)
        return self.answer_once(
            request, principal=actor.principal, body=data,
            act=lambda: ClinicSerializer(clinic_acts.cancel_clinic(row, reason=data["reason"], actor=actor)).data,
        )  # fmt: skip


class ClinicBookingsView(WriteView):
    input_class = BehalfInput

    @extend_schema(
        operation_id="clinic_book", summary=_("代居民预约坐诊"), tags=[TAG], request=BehalfInput,
        responses={201: BookedSlotSerializer},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        row, actor = clinic_acts.find_clinic(pk), actor_of(request._request)
        require_recorder(actor)
        data = self.read(request)
        said = booking_acts.BookingSaid(
            slot=data["slot"], name=data["name"], phone=data["phone"], words=data["words"],
            consent_version=current("consent").number if data["has_consented"] else None,
        )  # fmt: skip

        def act() -> Any:
            return BookedSlotSerializer(booking_acts.book_on_behalf(row, said, actor=actor)).data

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)


class BookingView(APIView):
    """Each reading is on record."""

    refuses_readers = True

    @extend_schema(
        operation_id="booking_read", summary=_("一个预约，限当天值守的人和内勤"), tags=[TAG],
        responses=BookingSerializer,
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        row = booking_acts.find_booking(pk)
        found = booking_acts.open_booking(row, actor=actor_of(request._request))
        return Response(BookingSerializer(found).data)


class _MarkView(WriteView):
    input_class = EmptyInput
    act_of: Callable[..., ClinicBooking]

    def mark(self, request: Request, pk: int) -> Response:
        row, actor = booking_acts.find_booking(pk), actor_of(request._request)
        clinic_circle.require_inside(actor, row.clinic)
        data = self.read(request)
        return self.answer_once(
            request, principal=actor.principal, body=data,
            act=lambda: BookedSlotSerializer(type(self).act_of(row, actor=actor)).data,
        )  # fmt: skip


class ArrivedView(_MarkView):
    act_of = staticmethod(booking_acts.mark_arrived)

    @extend_schema(
        operation_id="booking_arrived", summary=_("到场"), tags=[TAG], request=EmptyInput,
        responses=BookedSlotSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return self.mark(request, pk)


class MissedView(_MarkView):
    act_of = staticmethod(booking_acts.mark_missed)

    @extend_schema(
        operation_id="booking_missed", summary=_("未到"), tags=[TAG], request=EmptyInput,
        responses=BookedSlotSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return self.mark(request, pk)


class BookingCancelView(_MarkView):
    act_of = staticmethod(booking_acts.cancel_booking)

    @extend_schema(
        operation_id="booking_cancel", summary=_("替本人取消预约"), tags=[TAG], request=EmptyInput,
        responses=BookedSlotSerializer,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        return self.mark(request, pk)


class BookingCaseView(WriteView):
    input_class = BookingCaseInput

    @extend_schema(
        operation_id="booking_case", summary=_("转为调解案件"), tags=[TAG], request=BookingCaseInput,
        responses={201: BookingCaseSerializer},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        row, actor = booking_acts.find_booking(pk), actor_of(request._request)
        clinic_circle.require_inside(actor, row.clinic)
        clinic_circle.require_mediator(actor)
        data = self.read(request)

        def act() -> dict[str, Any]:
            made = booking_acts.mediate_booking(
                row, dispute=data["dispute"], facts=data["facts"], others=[Party(data["name"], data["phone"])],
                actor=actor,
            )  # fmt: skip
            return {"number": made.number}

        return self.answer_once(request, principal=actor.principal, body=data, act=act, status=201)
