from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from requests_intake.models.ticket import Ticket


class RoutingRuleSet(DistrictModel):
    """A version of the district's routing rules (document of ``requests_intake.routing_reading``).

    The newest with ``valid_from`` in the past holds; without any, matters go the usual way. Never changed, only
    followed by the next: a rollback is a new version too.
    """

    version = models.PositiveIntegerField()
    document = models.JSONField()
    valid_from = models.DateTimeField()
    note = models.CharField(_("改了什么"), max_length=100, blank=True, default="")
    written_by = DistrictForeignKey(Membership, null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "version"], name="routingruleset_version")]

    def __str__(self) -> str:
        return f"v{self.version}"


class RoutingFailure(DistrictModel):
    """A matter that a rule could not route when it came in: it went to the community's desk, and somebody looks here.

    ``code`` says what went wrong, ``detail`` names the thing (an id, a kind of department, a kind of error): no text
    of people.
    """

    class Code(models.TextChoices):
        ORGANIZATION_GONE = "organization_gone", _("规则里的单位已经撤销")
        NO_DEPARTMENT = "no_department", _("这个地方没有这类部门")
        UNREADABLE = "unreadable", _("这一版规则读不出来")
        ERROR = "error", _("执行规则时出错")

    ticket = DistrictForeignKey(Ticket)
    version = models.PositiveIntegerField()
    rule_key = models.CharField(max_length=12, blank=True, default="")
    rule_title = models.CharField(max_length=40, blank=True, default="")
    code = models.CharField(max_length=20, choices=Code.choices)
    detail = models.CharField(max_length=60, blank=True, default="")
    at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = DistrictForeignKey(Membership, null=True, blank=True)

    class Meta(DistrictModel.Meta):
        indexes = [
            models.Index(fields=["district", "-at"], name="routingfailure_newest"),
            models.Index(fields=["district", "rule_key"], name="routingfailure_open", condition=Q(resolved_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.code}"
