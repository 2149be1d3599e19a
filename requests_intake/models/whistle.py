from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.models import Transition
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area, Building, Organization
from requests_intake import whistle_workflow as workflow
from requests_intake.models.ticket import Ticket


class WhistleKind(models.TextChoices):
    DAILY = "daily", _("日常哨")
    KEY = "key", _("重点哨")
    EMERGENCY = "emergency", _("应急哨")


class WhistleLimits(DistrictModel):
    """A version of the district's limits for whistles (``requests_intake.whistle_limits``); the newest one holds for
    whoever is called from then on. Insert only."""

    version = models.PositiveIntegerField()
    document = models.JSONField()
    made_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "version"], name="whistlelimits_version")]

    def __str__(self) -> str:
        return f"v{self.version}"


class Whistle(DistrictModel):
    """A street summons organizations to a place by a time (吹哨). ``caller`` is the street office; ``asker`` the
    community that asked for it, if one did. ``number`` counts within the district. The words are freed after their
    term (``erased_at``)."""

    number = models.PositiveIntegerField()
    kind = models.CharField(_("哨种"), max_length=10, choices=WhistleKind.choices)
    state = models.CharField(_("状态"), max_length=20, choices=workflow.WhistleState.choices())
    caller = DistrictForeignKey(Organization)
    asker = DistrictForeignKey(Organization, null=True, blank=True)
    street = DistrictForeignKey(Area)
    area = DistrictForeignKey(Area, help_text="the smallest area the place is known to lie in")
    building = DistrictForeignKey(Building, null=True, blank=True)
    address_text = models.CharField(_("地点"), max_length=200)
    summary = models.TextField(_("什么事"))
    arrive_by = models.DateTimeField(null=True, blank=True, help_text="a later time than the limit gives, if wished")
    lamp = models.CharField(max_length=10, blank=True, default="")
    created_by = DistrictForeignKey(Membership, null=True, blank=True)
    created_at = models.DateTimeField()
    blown_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    score = models.DecimalField(
        max_digits=3, decimal_places=2, null=True, blank=True, help_text="mean of the caller's scores, 1 to 5"
    )
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "number"], name="whistle_number")]
        indexes = [
            models.Index(fields=["district", "caller", "-number"], name="whistle_caller"),
            models.Index(fields=["district", "asker", "-number"], name="whistle_asker"),
            models.Index(fields=["district", "blown_at"], name="whistle_blown"),
            models.Index(fields=["district", "closed_at"], name="whistle_closed"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class WhistleTarget(DistrictModel):
    """One organization called by a whistle, with its own state and limits.

    ``schedule`` is the list of ``[stage, ISO instant]`` still planned, earliest first; ``next_fire_at`` the instant of
    the first (null: none). One that could not be fired is set aside with its reason and stops nobody else.
    """

    class Refusal(models.TextChoices):
        NOT_OURS = "not_ours", _("不是本单位职责")
        NO_POWER = "no_power", _("没有这项执法权限")
        OTHER_PLACE = "other_place", _("不在本单位管辖范围")
        DONE = "done", _("同一件事正在办或已办完")

    class Ruling(models.TextChoices):
        MUST_COME = "must_come", _("要来")
        RELEASED = "released", _("不用来")
        LAPSED = "lapsed", _("逾期未裁，仍要来")

    whistle = DistrictForeignKey(Whistle, related_name="targets")
    organization = DistrictForeignKey(Organization)
    is_lead = models.BooleanField(_("主办"), default=False)
    state = models.CharField(max_length=20, choices=workflow.TargetState.choices())
    called_at = models.DateTimeField(null=True, blank=True)
    accept_by = models.DateTimeField(null=True, blank=True)
    arrive_by = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(max_length=12, blank=True, default="", choices=Refusal.choices)
    clause = models.CharField(_("目录条款"), max_length=100, blank=True, default="")
    suggested = DistrictForeignKey(Organization, null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    decide_by = models.DateTimeField(null=True, blank=True)
    ruling = models.CharField(max_length=12, blank=True, default="", choices=Ruling.choices)
    ruled_at = models.DateTimeField(null=True, blank=True)
    is_late_accept = models.BooleanField(default=False)
    is_late_arrival = models.BooleanField(default=False)
    lamp = models.CharField(max_length=10, blank=True, default="")
    schedule = models.JSONField(default=list)
    next_fire_at = models.DateTimeField(null=True, blank=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "whistle", "organization"], name="whistletarget_once"),
            models.UniqueConstraint(
                fields=["district", "whistle"], condition=Q(is_lead=True), name="whistletarget_one_lead"
            ),
        ]
        indexes = [
            models.Index(
                fields=["district", "next_fire_at"], name="whistletarget_due", condition=Q(next_fire_at__isnull=False)
            ),
            models.Index(fields=["district", "organization", "-whistle"], name="whistletarget_org"),
            models.Index(
                fields=["district", "decide_by"], name="whistletarget_refused", condition=Q(refused_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.whistle_id}: {self.organization_id}"

    def planned(self) -> tuple[str, datetime] | None:
        """The next stage and its instant."""
        if not self.schedule:
            return None
        stage, instant = self.schedule[0]
        return stage, datetime.fromisoformat(instant)


class WhistleTicket(DistrictModel):
    """A ticket a whistle is about."""

    whistle = DistrictForeignKey(Whistle, related_name="links")
    ticket = DistrictForeignKey(Ticket, related_name="whistle_links")

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "whistle", "ticket"], name="whistleticket_once")]
        indexes = [models.Index(fields=["district", "ticket"], name="whistleticket_ticket")]

    def __str__(self) -> str:
        return f"{self.whistle_id}: {self.ticket_id}"


class ReportIn(DistrictModel):
    """Somebody of the called organization says on site that they are there (报到). No position is kept."""

    target = DistrictForeignKey(WhistleTarget, related_name="report_ins")
    person = DistrictForeignKey(Membership)
    at = models.DateTimeField()
    place = models.CharField(_("在哪儿"), max_length=100, blank=True, default="")
    note = models.CharField(_("说明"), max_length=200, blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "target", "person"], name="reportin_once")]

    def __str__(self) -> str:
        return f"{self.target_id} {self.at}"


class WhistleTransition(Transition):
    """One move of a whistle or of one of its targets, or one fired stage: history and outbox."""

    whistle = DistrictForeignKey(Whistle, related_name="transitions")
    target = DistrictForeignKey(WhistleTarget, null=True, blank=True)
    stage = models.CharField(max_length=12, blank=True, default="")

    class Meta(Transition.Meta):
        abstract = False
        constraints = [
            # The second lock of the sweep: a stage fires once whatever two workers believe.
            models.UniqueConstraint(
                fields=["district", "target", "stage"], condition=~Q(stage=""), name="whistletransition_stage"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "whistle", "id"], name="whistletransition_whistle"),
            models.Index(fields=["district", "id"], name="whistletransition_outbox", condition=Q(delivered_at=None)),
        ]


class WhistleNote(DistrictModel):
    """Free text of a move, apart from the transition because it must be erasable."""

    whistle = DistrictForeignKey(Whistle, related_name="notes")
    transition = DistrictForeignKey(WhistleTransition)
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "whistle", "id"], name="whistlenote_whistle")]

    def __str__(self) -> str:
        return f"{self.pk}"
