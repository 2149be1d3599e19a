"""Campaigns (专项): keeping them, labelling tickets, reporting a batch to an organization (S4-08)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from governance.accounts.models import Notice
from governance.accounts.notifications import tell
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.reference import bump_reference
from grids.reference import territory
from requests_intake.actions.context import savepoint
from requests_intake.models import BatchReport, BatchReportRow, Campaign, Ticket, TicketCampaign
from requests_intake.policies import TicketPolicy, require_recorder
from requests_intake.workflow import READERS

KEEPERS = frozenset({"community_secretary", "street_dispatcher", "street_leader", "district_dispatcher"})
"""Kinds of post that open a campaign in the name of their organization and report its tickets."""
NAME_LENGTH, DESCRIPTION_LENGTH, MOST_AT_ONCE = 40, 500, 200


@dataclass(frozen=True)
class CampaignSaid:
    """What a campaign is to be; ``until`` None: open end."""

    name: str
    since: date
    until: date | None = None
    description: str = ""
    is_active: bool = True


def own_organizations(actor: Actor) -> list[int]:
    """The organizations in whose name somebody may keep campaigns, the first of their posts first."""
    found = [role.organization_id for role in actor.roles if role.kind in KEEPERS and role.organization_id is not None]
    return list(dict.fromkeys(found))


def stands_above(actor: Actor, organization_id: int) -> bool:
    """Whether somebody keeps campaigns for the organization or for one above it."""
    own, places, seen = set(own_organizations(actor)), territory(), set()
    current: int | None = organization_id if organization_id in places.organizations else places.center().id
    while current is not None and current not in seen:
        if current in own:
            return True
        seen.add(current)
        current = places.superior(current)
    return actor.is_system


def require_keeper(actor: Actor, owner_id: int | None = None) -> None:
    """Raise ``NotAllowed`` with a sentence that says why."""
    if not actor.is_system and not own_organizations(actor):
        raise NotAllowed("keepers_only", _("专项由社区书记、街道和区调度台的人管，您的岗位不能改。"))
    if owner_id is not None and not stands_above(actor, owner_id):
        name = territory().organization_name(owner_id)
        raise NotAllowed("not_owner", _("这个专项由{name}管，请找他们改。").format(name=name))


def find_campaign(campaign_id: int, *, lock: bool = False) -> Campaign:
    campaigns = Campaign.objects.select_for_update() if lock else Campaign.objects.all()
    found = campaigns.filter(pk=campaign_id).first()
    if found is None:
        raise NotFound("no_campaign", _("没有这个专项。"))
    return found


@savepoint
def save_campaign(campaign: Campaign | None, said: CampaignSaid, *, actor: Actor) -> Campaign:
    """Open a campaign for the actor's first organization, or change one. Raises ``NotAllowed`` and ``Invalid``."""
    require_keeper(actor)
    if campaign is None:
        owner = next(iter(own_organizations(actor)), territory().center().id)
        row = Campaign(owner_id=owner, created_at=clock.now())
    else:
        row = find_campaign(campaign.pk, lock=True)
        require_keeper(actor, row.owner_id)
    name, fields = said.name.strip(), {}
    if not name or len(name) > NAME_LENGTH:
        fields["name"] = [_("请写专项名称，最多 {limit} 字。").format(limit=NAME_LENGTH)]
    elif Campaign.objects.filter(name=name).exclude(pk=row.pk).exists():
        fields["name"] = [_("已经有叫这个名称的专项。")]
    if said.until is not None and said.until < said.since:
        fields["until"] = [_("结束日期不能早于开始日期。")]
    if len(said.description) > DESCRIPTION_LENGTH:
        fields["description"] = [_("最多 {limit} 字。").format(limit=DESCRIPTION_LENGTH)]
    if fields:
        raise Invalid("invalid_campaign", _("有些内容需要修改。"), fields=fields)
    row.name, row.description, row.is_active = name, said.description.strip(), said.is_active
    row.since, row.until = said.since, said.until
    row.save()
    audit.record("campaign.save", actor=actor, object_kind="campaign", object_id=row.pk, is_active=row.is_active)
    bump_reference()
    return row


def is_running(campaign: Campaign, on: date | None = None) -> bool:
    """Whether tickets are labelled with it on a day (today by default)."""
    day = on or clock.today()
    return campaign.is_active and campaign.since <= day and (campaign.until is None or day <= campaign.until)


@savepoint
def label_tickets(campaign: Campaign, ticket_ids: Iterable[int], *, actor: Actor) -> int:
    """Give tickets the label; how many did not have it yet comes back. All or none.

    Raises ``NotAllowed`` for who records nothing, ``NotFound`` where one is outside the actor's rows, ``DomainError``
    for a campaign that does not run and for a restricted ticket: a list would show that it exists.
    """
    require_recorder(actor)
    row = find_campaign(campaign.pk)
    if not is_running(row):
        raise DomainError("not_running", _("专项“{name}”现在不在用，不能再加诉求。").format(name=row.name))
    ids = _few(ticket_ids)
    tickets = list(TicketPolicy.visible(actor).filter(pk__in=ids).only("pk", "number", "is_restricted"))
    if len(tickets) != len(ids):
        raise NotFound("no_ticket", _("有的诉求不在您的范围内，请刷新再选。"))
    if any(ticket.is_restricted for ticket in tickets):
        raise DomainError("restricted", _("限制知悉的诉求不挂专项标签。"))
    there = set(TicketCampaign.objects.filter(campaign=row, ticket__in=ids).values_list("ticket_id", flat=True))
    _label(row.pk, [pk for pk in ids if pk not in there], actor)
    return len(ids) - len(there)


def label_new_ticket(ticket: Ticket, campaign_ids: Sequence[int], *, actor: Actor) -> None:
    """The labels said with a report, in its transaction; the caller has checked the right. Raises ``Invalid``.

    A restricted matter bears none, whatever was said: a list would show that it exists.
    """
    if not campaign_ids or ticket.is_restricted:
        return
    wanted = set(campaign_ids)
    running = [row.pk for row in Campaign.objects.filter(pk__in=wanted) if is_running(row)]
    if len(running) != len(wanted):
        sentence = _("有的专项已经不在用了，请重新选。")
        raise Invalid("not_running", sentence, fields={"campaigns": [sentence]})
    for pk in running:
        _label(pk, [ticket.pk], actor)


def _label(campaign_id: int, ticket_ids: Iterable[int], actor: Actor) -> None:
    now = clock.now()
    # Of two who label the same ticket at the same moment one finds it done.
    TicketCampaign.objects.bulk_create(
        [
            TicketCampaign(ticket_id=pk, campaign_id=campaign_id, labelled_by_id=actor.membership_id, labelled_at=now)
            for pk in ticket_ids
        ],
        ignore_conflicts=True,
    )


@savepoint
def unlabel_ticket(campaign: Campaign, ticket: Ticket, *, actor: Actor) -> None:
    """Take a label off; reports already made keep their rows. Raises as ``label_tickets``."""
    require_recorder(actor)
    if not TicketPolicy.visible(actor).filter(pk=ticket.pk).exists():
        raise NotFound("no_ticket", _("有的诉求不在您的范围内，请刷新再选。"))
    TicketCampaign.objects.filter(campaign=campaign, ticket=ticket).delete()


def _few(ticket_ids: Iterable[int]) -> list[int]:
    ids = list(dict.fromkeys(ticket_ids))
    if not ids:
        raise Invalid("nothing_chosen", _("还没有选诉求。"), fields={"tickets": [_("还没有选诉求。")]})
    if len(ids) > MOST_AT_ONCE:
        sentence = _("一次最多选 {limit} 件，现在 {number} 件。").format(limit=MOST_AT_ONCE, number=len(ids))
        raise Invalid("too_many", sentence, fields={"tickets": [sentence]})
    return ids


@savepoint
def report_batch(campaign: Campaign, ticket_ids: Iterable[int], *, organization_id: int, actor: Actor) -> BatchReport:
    """报送: put tickets of a campaign before an organization; it is told, and the sheet shows how they stand.

    The work orders do not change by it. Raises ``NotAllowed``, ``NotFound`` (a ticket outside the actor's rows, or
    without the label) and ``Invalid``.
    """
    require_keeper(actor)
    ids = _few(ticket_ids)
    places = territory()
    if organization_id not in places.organizations:
        raise Invalid("no_organization", _("请选报给哪个单位。"), fields={"organization": [_("没有这个单位。")]})
    visible = TicketPolicy.visible(actor).filter(pk__in=ids, campaigns__campaign=campaign, is_restricted=False)
    tickets = dict(visible.values_list("pk", "state"))
    if len(tickets) != len(ids):
        raise NotFound("no_ticket", _("有的诉求不在这个专项里，或者不在您的范围内，请刷新再选。"))
    sender = next(iter(own_organizations(actor)), places.center().id)
    now = clock.now()
    report = BatchReport.objects.create(
        campaign=campaign, sender_id=sender, organization_id=organization_id, reported_by_id=actor.membership_id,
        reported_at=now,
        number=len(ids),
    )  # fmt: skip
    BatchReportRow.objects.bulk_create(
        [BatchReportRow(report=report, ticket_id=pk, state_then=tickets[pk]) for pk in ids]
    )
    text = _("{sender}报送“{campaign}”{number} 件").format(
        sender=places.organization_name(sender), campaign=campaign.name, number=len(ids)
    )
    told = {holder.membership_id for holder in places.serving(organization_id)} - {actor.membership_id}
    tell(
        [
            Notice(membership_id=pk, source=f"batch-report:{report.pk}", kind="batch_report", text=text,
                   path=f"/desk/campaigns/reports/{report.pk}/", created_at=now)
            for pk in sorted(told)
        ]
    )  # fmt: skip
    audit.record("campaign.report", actor=actor, object_kind="batch_report", object_id=report.pk, count=len(ids))
    return report


def may_read_report(report: BatchReport, actor: Actor) -> bool:
    """Who sent it, who stands above them, and who received it."""
    own = {role.organization_id for role in actor.roles if role.kind in READERS}
    return report.organization_id in own or report.sender_id in own or stands_above(actor, report.sender_id)


def find_report(report_id: int, *, actor: Actor) -> BatchReport:
    """Raises ``NotFound`` for who neither sent nor received it."""
    found = BatchReport.objects.select_related("campaign").filter(pk=report_id).first()
    if found is None or not may_read_report(found, actor):
        raise NotFound("no_report", _("没有这份报送单，或者不是给您单位的。"))
    return found
