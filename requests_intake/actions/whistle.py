"""吹哨 (S3-24): the calling side. A street prepares and blows, a community may ask its street to, and at the end the
caller says what it thinks before the whistle can be closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.tenancy.context import current_district_id
from grids.models import Building
from grids.reference import OrganizationRef, territory
from requests_intake import sla
from requests_intake import whistle_workflow as workflow
from requests_intake.actions.context import savepoint
from requests_intake.models import Ticket, Whistle, WhistleKind, WhistleTarget, WhistleTicket
from requests_intake.policies import TicketPolicy
from requests_intake.whistle_limits import limits
from requests_intake.whistle_mover import Called, WhistleMover, making, plan, unplan
from requests_intake.whistle_policies import callable_organizations, committees_of, offices_of

SUMMARY_LENGTH, PLACE_LENGTH, MOST_ORGANIZATIONS, MOST_TICKETS = 500, 200, 12, 20
FURTHEST = timedelta(days=30)
T = workflow.TargetState


@dataclass(frozen=True)
class Call:
    """What a whistle says. ``organizations``: whom it calls, ``lead`` one of them; ``arrive_by``: a later time than the
    limit gives, if wished (not for an emergency); ``tickets``: numbers of what it is about."""

    kind: str
    summary: str
    place: str
    organizations: Sequence[int]
    lead: int | None = None
    building_id: int | None = None
    arrive_by: datetime | None = None
    tickets: Sequence[str] = ()


@savepoint
def draft_whistle(call: Call, *, actor: Actor, at: datetime | None = None, tell: bool = True) -> Whistle:
    """A street prepares a whistle. Raises ``NotAllowed`` and ``Invalid`` with the sentences by field."""
    offices = offices_of(actor)
    if not offices:
        raise NotAllowed("street_only", _("吹哨由街道吹。社区可以请街道吹哨。"), move="draft")
    return _create("draft", call, office=offices[0], asker=None, actor=actor, at=at, tell=tell)


@savepoint
def ask_whistle(call: Call, *, actor: Actor, at: datetime | None = None, tell: bool = True) -> Whistle:
    """A community asks its street to blow. Raises ``NotAllowed`` and ``Invalid``."""
    committees, places = committees_of(actor), territory()
    area = places.areas.get(committees[0].area_id) if committees else None
    office = places.own.get(area.street_id or 0) if area else None
    if area is None or office is None:
        raise NotAllowed("community_only", _("请街道吹哨由社区提出。"), move="ask")
    return _create("ask", call, office=places.organizations[office], asker=committees[0], actor=actor, at=at, tell=tell)


@savepoint
def blow_now(call: Call, *, actor: Actor, at: datetime | None = None, tell: bool = True) -> Whistle:
    """Prepare and blow in one go: what the street's form does."""
    return blow_whistle(draft_whistle(call, actor=actor, at=at, tell=tell), actor=actor, at=at, tell=tell)


def _create(
    move: str, call: Call, *, office: OrganizationRef, asker: OrganizationRef | None, actor: Actor,
    at: datetime | None, tell: bool,
) -> Whistle:  # fmt: skip
    moment = at or clock.now()
    tickets = _check(call, office, actor, moment)
    area_id = asker.area_id if asker else office.area_id
    if call.building_id is not None:
        area_id = Building.objects.values_list("grid_id", flat=True).get(pk=call.building_id)
    row = Whistle.objects.create(
        number=_next_number(), kind=call.kind, state=workflow.MOVES[move].goal, caller_id=office.id,
        asker_id=asker.id if asker else None, street_id=office.area_id, area_id=area_id,
        building_id=call.building_id, address_text=call.place.strip(), summary=call.summary.strip(),
        arrive_by=call.arrive_by, created_by_id=actor.membership_id, created_at=moment,
    )  # fmt: skip
    lead = call.lead or call.organizations[0]
    targets = WhistleTarget.objects.bulk_create(
        WhistleTarget(whistle=row, organization_id=pk, is_lead=pk == lead, state=T.CALLED)
        for pk in dict.fromkeys(call.organizations)
    )
    WhistleTicket.objects.bulk_create(WhistleTicket(whistle=row, ticket=ticket) for ticket in tickets)
    mover = WhistleMover(actor, at=at, tell=tell)
    mover.move(move, Called(row, targets), from_state="")
    mover.flush()
    return row


def _next_number() -> int:
    with connection.cursor() as cursor:
        # Two at once must not take the same number.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('whistle_number'), %s)", [current_district_id()])
    return (Whistle.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def _check(call: Call, office: OrganizationRef, actor: Actor, moment: datetime) -> list[Ticket]:
    fields: dict[str, list[str]] = {}
    if call.kind not in WhistleKind.values:
        fields["kind"] = [_("请选哨种。")]
    if not 0 < len(call.summary.strip()) <= SUMMARY_LENGTH:
        fields["summary"] = [_("请写什么事，最多 {n} 字。").format(n=SUMMARY_LENGTH)]
    if not 0 < len(call.place.strip()) <= PLACE_LENGTH:
        fields["place"] = [_("请写到哪儿，最多 {n} 字。").format(n=PLACE_LENGTH)]
    allowed = {row.id for row in callable_organizations(office.area_id)}
    if not call.organizations or not set(call.organizations) <= allowed:
        fields["organizations"] = [_("请选要叫的单位：部门、物业公司、辖区单位。")]
    elif len(set(call.organizations)) > MOST_ORGANIZATIONS:
        fields["organizations"] = [_("一次最多叫 {n} 个单位。").format(n=MOST_ORGANIZATIONS)]
    elif call.lead is not None and call.lead not in call.organizations:
        fields["lead"] = [_("主办单位要在被叫的单位里。")]
    if call.building_id is not None and not _building_in(call.building_id, office.area_id):
        fields["building"] = [_("这栋楼不在本街道。")]
    if sentence := _wrong_time(call, moment):
        fields["arrive_by"] = [sentence]
    tickets, sentence = _tickets(call.tickets, actor)
    if sentence:
        fields["tickets"] = [sentence]
    if fields:
        raise Invalid("invalid_whistle", _("有些内容需要修改。"), fields=fields)
    return tickets


def _wrong_time(call: Call, moment: datetime) -> str:
    """What is wrong with the time wished for; empty where nothing is."""
    if call.arrive_by is None or call.kind not in WhistleKind.values:
        return ""
    if call.kind == WhistleKind.EMERGENCY:
        return str(_("应急哨按时限到场，不能另定时间。"))
    if not _arrival(call.kind, moment) <= call.arrive_by <= moment + FURTHEST:
        return str(_("到场时间不能早于时限，最晚三十天以内。"))
    return ""


def _building_in(building_id: int, street_id: int) -> bool:
    return Building.objects.filter(pk=building_id, grid__street_id=street_id).exists()


def _tickets(numbers: Sequence[str], actor: Actor) -> tuple[list[Ticket], str]:
    """The tickets of these numbers among those the actor sees, and what is wrong with them."""
    wanted = list(dict.fromkeys(number.strip() for number in numbers if number.strip()))
    if not wanted:
        return [], ""
    if len(wanted) > MOST_TICKETS:
        return [], _("最多附 {n} 件诉求。").format(n=MOST_TICKETS)
    found = {row.number: row for row in TicketPolicy.visible(actor).filter(number__in=wanted)}
    missing = [number for number in wanted if number not in found]
    if missing:
        return [], _("没有诉求 {number}，或者不在您的范围内。").format(number=missing[0])
    # Everybody called reads the whistle: a matter that few may know of must not come near it.
    hidden = [number for number in wanted if found[number].is_restricted]
    if hidden:
        return [], _("诉求 {number} 限制知悉，不能附在哨上，也请不要写进事由。").format(number=hidden[0])
    return [found[number] for number in wanted], ""


@savepoint
def approve_whistle(whistle: Whistle, *, actor: Actor, note: str = "") -> Whistle:
    """The street agrees to what its community asked; it is not blown yet."""
    with making("approve", whistle, actor=actor) as (called, mover):
        mover.move("approve", called, note=note)
        return called.whistle


@savepoint
def decline_whistle(whistle: Whistle, *, actor: Actor, note: str) -> Whistle:
    """The street does not blow for its community, and says why."""
    with making("decline", whistle, actor=actor) as (called, mover):
        mover.move("decline", called, note=note)
        return called.whistle


@savepoint
def withdraw_whistle(whistle: Whistle, *, actor: Actor) -> Whistle:
    """The community takes its request back."""
    with making("withdraw", whistle, actor=actor) as (called, mover):
        mover.move("withdraw", called)
        return called.whistle


@savepoint
def blow_whistle(whistle: Whistle, *, actor: Actor, at: datetime | None = None, tell: bool = True) -> Whistle:
    """吹哨: from now on the limits of everybody called run (``whistle_limits``)."""
    with making("blow", whistle, actor=actor, at=at, tell=tell) as (called, mover):
        found = called.whistle
        found.blown_at = mover.at
        for target in called.targets:
            _start(target, found, mover.at)
        mover.move("blow", called)
        return found


def _arrival(kind: str, moment: datetime) -> datetime:
    return sla.due_at(moment, limits().arrive[kind], work_calendar())


def _start(target: WhistleTarget, whistle: Whistle, moment: datetime) -> None:
    """Let the limits of one target run."""
    target.called_at = moment
    target.accept_by = sla.due_at(moment, limits().accept[whistle.kind], work_calendar())
    least = _arrival(whistle.kind, moment)
    target.arrive_by = max(least, whistle.arrive_by) if whistle.arrive_by else least
    plan(target, ("accept", target.accept_by), ("arrive", target.arrive_by))


@savepoint
def call_another(
    whistle: Whistle, *, organization_id: int, actor: Actor, at: datetime | None = None, tell: bool = True
) -> Whistle:
    """One more organization while the whistle runs; it leads where nobody else is left. Raises ``Invalid``."""
    with making("call", whistle, actor=actor, at=at, tell=tell) as (called, mover):
        found = called.whistle
        if organization_id not in {row.id for row in callable_organizations(found.street_id)}:
            sentence = _("请选要叫的单位：部门、物业公司、辖区单位。")
            raise Invalid("no_organization", sentence, fields={"organization": [sentence]})
        if any(row.organization_id == organization_id for row in called.targets):
            sentence = _("这个单位已经叫过了。")
            raise Invalid("called_already", sentence, fields={"organization": [sentence]})
        if len(called.targets) >= MOST_ORGANIZATIONS:
            raise DomainError("too_many", _("一次最多叫 {n} 个单位。").format(n=MOST_ORGANIZATIONS))
        target = WhistleTarget(whistle=found, organization_id=organization_id, state=T.CALLED)
        _start(target, found, mover.at)
        target.save()
        called.targets.append(target)
        pass_lead(called)
        mover.move("call", called, called_organization=organization_id)
        return found


def pass_lead(called: Called) -> None:
    """Where the lead has been released, the earliest of the others leads."""
    active = called.active
    if not active or any(row.is_lead for row in active):
        return
    for row in called.targets:
        row.is_lead = row is active[0]


@savepoint
def dismiss_target(target: WhistleTarget, *, actor: Actor, note: str) -> Whistle:
    """The street waits no longer for one organization, and says why; that it was late stays counted."""
    with making("dismiss", target, actor=actor) as (called, mover):
        row = called.target(target.pk)
        mover.move("dismiss", called, row, note=note)
        end_target(called, row, mover.at)
        return called.whistle


def end_target(called: Called, row: WhistleTarget, moment: datetime) -> None:
    """A released target: its clocks stop, its lamp goes out, the lead passes on."""
    unplan(row)
    row.lamp, row.ended_at = "", moment
    called.whistle.lamp = "over" if any(each.lamp for each in called.targets) else ""
    pass_lead(called)


@savepoint
def cancel_whistle(whistle: Whistle, *, actor: Actor, note: str) -> Whistle:
    """取消 before anybody has arrived."""
    with making("cancel", whistle, actor=actor) as (called, mover):
        mover.move("cancel", called, note=note)
        return called.whistle


@savepoint
def close_whistle(whistle: Whistle, *, actor: Actor, at: datetime | None = None, tell: bool = True) -> Whistle:
    """结束; refused until every organization that came has been evaluated (S3-24)."""
    with making("close", whistle, actor=actor, at=at, tell=tell) as (called, mover):
        mover.move("close", called)
        return called.whistle
