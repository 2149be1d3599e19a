from __future__ import annotations

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Least
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area, Building, Compound, Level, Organization
from grids.patrols.models import Patrol
from requests_intake import workflow
from requests_intake.models.reference import Category


class Channel(models.TextChoices):
    """The way a matter reached us (S3-13, S3-13b, S3-14), in the order pages offer them.

    A district may give a channel a name of its own or not use it: ``requests_intake.channels``.
    """

    HOTLINE = "hotline", _("12345 热线")
    STATION_PHONE = "station_phone", _("社区热线电话")
    CHAT = "chat", _("微信群")
    PARTY_GROUP = "party_group", _("党员群")
    OFFICIAL_ACCOUNT = "official_account", _("公众号")
    NETIZEN = "netizen_message", _("网民留言")
    MAYOR_LINE = "mayor_line", _("市长热线")
    MAYOR_MAILBOX = "mayor_mailbox", _("市长信箱")
    DIGITAL_CITY = "digital_city", _("数字化城管平台")
    WEB = "web", _("网页")
    GRID_MESSAGE = "grid_message", _("网格圈")
    COUNTER = "station_counter", _("社区窗口")
    DOOR = "door", _("上门反映")
    MORNING_WALK = "morning_walk", _("晨步")
    GRID_WORKER = "grid_worker", _("网格员转达")
    BUILDING_HEAD = "building_head", _("楼栋长转达")
    LETTER = "letter", _("群众来信")
    LETTER_BOX = "letter_box", _("意见箱")
    NOTICE_BOARD = "notice_board", _("留言板")
    DELIBERATION = "deliberation", _("议事台")
    PATROL = "patrol", _("网格巡查")
    API = "api", _("接口")
    IMPORT = "import", _("文件导入")
    TO_SECRETARY = "letter_to_secretary", _("书记直通车")


OFFLINE_CHANNELS: frozenset[str] = frozenset(
    {
        Channel.COUNTER.value, Channel.DOOR.value, Channel.MORNING_WALK.value, Channel.GRID_WORKER.value,
        Channel.BUILDING_HEAD.value, Channel.LETTER.value, Channel.LETTER_BOX.value, Channel.NOTICE_BOARD.value,
        Channel.DELIBERATION.value, Channel.PATROL.value,
    }
)  # fmt: skip
"""Offline (线下): said face to face or written on paper (S3-14)."""
ONLINE_CHANNELS: frozenset[str] = (
    frozenset(Channel.values) - OFFLINE_CHANNELS - {"api", "import", "letter_to_secretary"}
)
"""Online (线上), without letters to the secretary, which are nobody else's: telephone and net (S3-13, S3-13b)."""


class RequestType(models.TextChoices):
    CONSULT = "consult", _("咨询")
    HELP = "help", _("求助")
    COMPLAINT = "complaint", _("投诉")
    REPORT = "report", _("举报")
    SUGGESTION = "suggestion", _("建议")
    PRAISE = "praise", _("表扬")


class Urgency(models.TextChoices):
    CRITICAL = "critical", _("特急")
    URGENT = "urgent", _("紧急")
    NORMAL = "normal", _("一般")
    COMPLEX = "complex", _("疑难")


class Satisfaction(models.TextChoices):
    SATISFIED = "satisfied", _("满意")
    SO_SO = "so_so", _("还行")
    UNSOLVED = "unsolved", _("没解决")


RUNNING = (
    workflow.TicketState.SUBMITTED.value,
    workflow.TicketState.ACCEPTED.value,
    workflow.TicketState.HANDLING.value,
)
"""States in which a limit runs: only these can be 临期 or 超期."""
HELD = (workflow.OrderState.PAUSED.value, workflow.OrderState.SUSPENDED.value)
"""States of an order in which its limit stands still."""

_DUE = Case(
    # The clock of a desk that has accepted is over; what runs is the promise.
    When(state=workflow.TicketState.ACCEPTED.value, then=F("promise_due_at")),
    # An order begun after the promise had passed has time left of its own; the resident has not. A promise once kept
    # (its clock stopped) no longer counts: what is handled again has the order's limit alone.
    When(lamp="over", then=Least("order_due_at", "promise_runs_until")),
    default=F("order_due_at"),
)
_RANK = Case(When(lead_state__in=HELD, then=Value(4)), When(state__in=RUNNING, then=Value(0)), default=Value(2)) + Case(
    When(IsNull(_DUE, True), then=Value(1)), default=Value(0)
)
"""Running first, then what waits for somebody else, paused last; among its like what has no deadline comes last."""

ERASED = "erased"
"""``Ticket.located_by`` of a ticket that was freed of persons: its exact place is not known any more."""


class Requester(DistrictModel):
    """The person behind a ticket. Erasable apart from the ticket; found again by the keyed hash of the phone."""

    name = EncryptedTextField(_("称呼"), of_person=True, blank=True, default="")
    phone = EncryptedTextField(_("电话"), of_person=True, blank=True, default="")
    phone_hash = KeyedHashField(of="phone", blank=True, default="")
    tail_hash = KeyedHashField(
        of="phone", last=4, label="tail", blank=True, default="", help_text="keyed hash of the last four digits"
    )
    created_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "phone_hash"], name="requester_phone", condition=~Q(phone_hash=""))]

    def __str__(self) -> str:
        return f"{self.pk}"


class Ticket(DistrictModel):
    """A resident's matter (诉求): what was said, where, who answers for it now, at which level, and the promise.

    ``promise_due_at`` is set once at acceptance and never recomputed from a later policy. ``organization``, ``level``
    and ``order_due_at`` copy the lead work order's for lists. ``area`` is never null (the deepest known).
    """

    number = models.CharField(_("编号"), max_length=20)
    state = models.CharField(_("状态"), max_length=10, choices=workflow.TicketState.choices())
    channel = models.CharField(_("渠道"), max_length=20, choices=Channel.choices)
    external_number = models.CharField(
        _("来件编号"), max_length=60, blank=True, default="", help_text="number the sending system gave the matter"
    )
    external_due_at = models.DateTimeField(
        _("来件要求办结"), null=True, blank=True, help_text="limit the sending system set"
    )
    source = models.CharField(max_length=40, blank=True, default="", help_text="system a row was imported from")
    source_ref = models.CharField(_("来源编号"), max_length=60, blank=True, default="")
    request_type = models.CharField(_("诉求类型"), max_length=12, choices=RequestType.choices)
    category = DistrictForeignKey(Category, null=True, blank=True)
    category_confidence = models.FloatField(null=True, blank=True)
    urgency = models.CharField(_("紧急程度"), max_length=10, choices=Urgency.choices, default=Urgency.NORMAL)
    title = models.CharField(_("标题"), max_length=120)
    content = models.TextField(_("内容"))

    requester = DistrictForeignKey(Requester, null=True, blank=True)
    is_anonymous = models.BooleanField(_("匿名"), default=False)
    is_confidential = models.BooleanField(_("保密"), default=False)
    is_restricted = models.BooleanField(_("限制知悉"), default=False)
    about = DistrictForeignKey(
        Organization, null=True, blank=True, related_name="+", help_text="a report is never given to whom it is about"
    )
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)
    is_proactive = models.BooleanField(_("主动发现"), default=False)
    patrol = DistrictForeignKey(Patrol, null=True, blank=True, help_text="the patrol during which it was found")
    follow_code_hash = KeyedHashField(blank=True, default="")
    follow_failures = models.PositiveSmallIntegerField(default=0)
    follow_locked_until = models.DateTimeField(null=True, blank=True)

    address_text = models.CharField(_("地址"), max_length=200, blank=True, default="")
    lng = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    located_by = models.CharField(max_length=20, help_text="building, address, border, nearest, chosen or none")
    building = DistrictForeignKey(Building, null=True, blank=True)
    compound = DistrictForeignKey(Compound, null=True, blank=True)
    area = DistrictForeignKey(Area)
    street = DistrictForeignKey(Area, null=True, blank=True)
    community = DistrictForeignKey(Area, null=True, blank=True)
    grid = DistrictForeignKey(Area, null=True, blank=True)

    organization = DistrictForeignKey(Organization)
    level = models.CharField(_("层级"), max_length=10, choices=Level.choices)
    max_level = models.CharField(max_length=10, choices=Level.choices, help_text="highest level it ever reached")
    resolved_level = models.CharField(max_length=10, choices=Level.choices, blank=True, default="")

    occurred_at = models.DateTimeField(_("发生时间"), null=True, blank=True)
    submitted_at = models.DateTimeField(_("提交时间"))
    accepted_at = models.DateTimeField(null=True, blank=True)
    promise_due_at = models.DateTimeField(_("承诺办结时间"), null=True, blank=True)
    limit_from = models.CharField(
        max_length=10, blank=True, default="", help_text="policy or external: which of the two limits the promise keeps"
    )
    order_due_at = models.DateTimeField(null=True, blank=True)
    lamp = models.CharField(max_length=6, default="", blank=True, help_text="'', soon or over: set by the clocks")
    policy_version = models.PositiveIntegerField(default=0)
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=20, blank=True, default="")

    co_handlers = models.PositiveSmallIntegerField(default=0, help_text="open orders of co-handlers (协办)")
    needs_verification = models.BooleanField(default=True)
    needs_return_visit = models.BooleanField(default=True)
    first_satisfaction = models.CharField(max_length=10, choices=Satisfaction.choices, blank=True, default="")
    final_satisfaction = models.CharField(max_length=10, choices=Satisfaction.choices, blank=True, default="")
    needs_review = models.BooleanField(default=False, help_text="dissatisfied again: the leader decides")
    rework_count = models.PositiveSmallIntegerField(default=0)
    reopen_count = models.PositiveSmallIntegerField(default=0)
    visit_attempts = models.PositiveSmallIntegerField(default=0)
    follower_count = models.PositiveIntegerField(default=0, help_text="tickets that are handled with this one")

    # What lists count and sort by, on the row itself so that an index can hold it. Triggers of work orders and clocks
    # write the first two (migration 0040), PostgreSQL computes the others: nothing in Python sets any of them.
    lead_state = models.CharField(
        max_length=12, blank=True, default="", editable=False, help_text="state of the open lead order; empty: none"
    )
    promise_runs_until = models.DateTimeField(
        null=True, editable=False, help_text="deadline of the promise's running clock; null: kept, or none"
    )
    due_at = models.GeneratedField(
        expression=_DUE, output_field=models.DateTimeField(null=True), db_persist=True,
        help_text="the deadline a list shows",
    )  # fmt: skip
    list_rank = models.GeneratedField(
        expression=_RANK, output_field=models.SmallIntegerField(), db_persist=True, help_text="see _RANK"
    )
    list_at = models.GeneratedField(
        expression=Coalesce(_DUE, "submitted_at"), output_field=models.DateTimeField(), db_persist=True,
        help_text="the deadline, else the arrival; with the rank before and the id after it the order of lists",
    )  # fmt: skip

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "number"], name="ticket_number_once"),
            models.UniqueConstraint(
                fields=["district", "source", "source_ref"], condition=~Q(source_ref=""), name="ticket_source_once"
            ),
            models.UniqueConstraint(
                fields=["district", "channel", "external_number"],
                condition=~Q(external_number=""),
                name="ticket_external_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False, state__in=workflow.FINISHED)
                | Q(closed_at=None) & ~Q(state__in=workflow.FINISHED),
                name="ticket_closed_when_finished",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "-submitted_at", "-id"], name="ticket_newest"),
            models.Index(fields=["district", "street", "-submitted_at", "-id"], name="ticket_street"),
            models.Index(fields=["district", "community", "-submitted_at", "-id"], name="ticket_community"),
            models.Index(fields=["district", "grid", "-submitted_at", "-id"], name="ticket_grid"),
            models.Index(fields=["district", "patrol"], name="ticket_patrol", condition=Q(patrol__isnull=False)),
            # The order of a desk's list, with all that its numbers are counted by: counting reads this and no ticket.
            models.Index(
                fields=["district", "list_rank", "list_at", "id"],
                name="ticket_list",
                condition=Q(closed_at=None),
                include=[
                    "state",
                    "lead_state",
                    "lamp",
                    "needs_review",
                    "channel",
                    "urgency",
                    "level",
                    "organization",
                    "street",
                    "community",
                    "grid",
                    "is_restricted",
                    "about",
                    "co_handlers",
                    "closed_at",
                ],
            ),
            # The same order for each place and organization that a list is narrowed to.
            *(
                models.Index(
                    fields=["district", column, "list_rank", "list_at", "id"], name=name, condition=Q(closed_at=None)
                )
                for column, name in (
                    ("street", "ticket_list_street"),
                    ("community", "ticket_list_community"),
                    ("grid", "ticket_list_grid"),
                    ("organization", "ticket_list_org"),
                )
            ),
            models.Index(
                fields=["district", "state", "level", "street"], name="ticket_open_state", condition=Q(closed_at=None)
            ),
            models.Index(fields=["district", "requester"], name="ticket_requester"),
            models.Index(
                fields=["district", "external_number"], name="ticket_external", condition=~Q(external_number="")
            ),
            # Whether the same was reported before: only at a place that is known this exactly.
            models.Index(
                fields=["district", "compound", "-submitted_at"],
                name="ticket_compound",
                condition=Q(compound__isnull=False),
            ),
            models.Index(
                fields=["district", "building", "-submitted_at"],
                name="ticket_building",
                condition=Q(building__isnull=False),
            ),
            models.Index(
                fields=["district", "-submitted_at", "category"], name="ticket_open_newest", condition=Q(closed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_letter(self) -> bool:
        """A letter that only the community's secretary reads; one turned into an ordinary matter is none any more."""
        return self.channel == Channel.TO_SECRETARY and self.is_restricted
