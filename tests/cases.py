"""Tickets in every state, made by the real actions: what tests of pages and of the API begin with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from governance.accounts.models import Membership, Staff, User
from governance.kernel import clock, outbox
from governance.kernel.actors import Actor
from governance.kernel.reference import bump_reference
from grids.models import PostAssignment
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.applications import ask_extension, ask_pause, ask_return, ask_suspension
from requests_intake.actions.co_handlers import add_handler
from requests_intake.actions.decisions import grant_pause, grant_suspension
from requests_intake.actions.desk import archive_ticket
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.handle import claim_order, sign_order
from requests_intake.actions.merge import merge_ticket
from requests_intake.actions.orders import load_handling
from requests_intake.actions.press import decide_circular, reply_missed, supervise_ticket
from requests_intake.actions.rate import rate_ticket
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.review import ask_unreasonable
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Supervision, Ticket
from requests_intake.mover import Mover
from requests_intake.sla import Limit, Unit
from services.actions.announcements import Draft, draft_announcement, publish_announcement
from services.audience import Audience
from services.models import Announcement, AnnouncementTransition
from services.policies import publishing_organizations
from tests.world import SINCE, World

PHONE = "13800001234"
SECRET = PHONE[-4:]
CONTENT = "三单元楼道灯坏了一个星期，老人晚上上下楼看不见。"


def report(world: World, **changes: Any) -> Ticket:
    """What a resident of the first grid's first building reports; keyword arguments change it."""
    values = {"content": CONTENT, "building_id": world.building.pk, "name": "李小明", "phone": PHONE}
    return submit_ticket(Report(**{**values, **changes}), actor=Actor.public()).ticket


def ticket_in(world: World, state: str, **changes: Any) -> Ticket:
    """A ticket in a state: ``submitted`` and ``accepted`` (without a place, at the district's desk), ``dispatched``,
    ``signed``, ``resolved`` (to be verified), ``visiting``, ``closed`` or ``archived`` (by the grid's worker);
    ``review`` (handled twice, still not solved) and ``claimed`` (the secretary asks to find it unreasonable);
    ``merged`` into another one like it; those of ``at_water``."""
    if state in WATER_STATES:
        return at_water(world, state, **changes)
    if state in ("review", "claimed"):
        return under_review(world, claimed=state == "claimed", **changes)
    if state == "merged":
        return merge_ticket(report(world, **changes), into=report(world), actor=world.staff)
    if state in ("submitted", "accepted"):
        ticket = report(world, **{"building_id": None, **changes})
        return ticket if state == "submitted" else accept_ticket(ticket, actor=world.center)
    # Urgent ones are always verified (SLA D.10); others only as the sample falls.
    ticket = report(world, **{"urgency": "urgent", **changes})
    requester = Actor.requester(ticket.pk)
    steps = {
        "dispatched": lambda: ticket,
        "signed": lambda: sign_order(ticket, actor=world.worker),
        "resolved": lambda: resolve_ticket(ticket, actor=world.worker, reply="灯换好了"),
        "visiting": lambda: verify_ticket(ticket, passed=True, actor=world.staff),
        "closed": lambda: rate_ticket(ticket, face="satisfied", actor=requester),
        "archived": lambda: archive_ticket(ticket, actor=world.dispatcher),
    }
    for name, step in steps.items():
        ticket = step()
        if name == state:
            return ticket
    raise ValueError(state)


def at_water(world: World, what: str, **changes: Any) -> Ticket:
    """At the water department, whose superior is the district centre, and what is open about it there.

    ``danger`` (a critical one, signed), ``difficult`` (a complex one), ``street`` (at the street office instead),
    ``sent`` (unsigned), ``taken`` (signed), ``suspensible`` (a complex one),
    ``pooled`` (claimed), ``helping`` and ``helped`` (the street leads, water helps, unsigned and signed),
    ``asked_return``, ``asked_extension``, ``asked_pause``, ``asked_suspension``, ``paused``, ``suspended``,
    ``supervised``, ``drafted`` (on the list of what is to be published), ``published``.
    """
    complexity = {"urgency": "complex"} if "suspen" in what or what == "difficult" else {}
    danger = {"urgency": "critical"} if what == "danger" else {}
    ticket = report(world, **{"category_code": "0303", **complexity, **danger, **changes})
    if what == "street":
        return dispatch_ticket(ticket, organization_id=world.street_office.pk, actor=world.dispatcher)
    if what in ("helping", "helped"):
        dispatch_ticket(ticket, organization_id=world.street_office.pk, actor=world.dispatcher)
        add_handler(ticket, organization_id=world.water.pk, actor=world.dispatcher)
        return sign_order(ticket, actor=world.handler) if what == "helped" else Ticket.objects.get(pk=ticket.pk)
    dispatch_ticket(ticket, organization_id=world.water.pk, actor=world.center)
    if what == "pooled":
        return claim_order(ticket, actor=world.handler)
    if what != "sent":
        sign_order(ticket, actor=world.handler)
    soon = clock.now() + timedelta(days=2)
    words: dict[str, Any] = {"note": "见说明", "actor": world.handler}
    if what == "asked_return":
        ask_return(ticket, reason="not_ours", clause="条例第三条", suggested_id=world.urban.pk, **words)
    elif what == "asked_extension":
        ask_extension(ticket, reason="material", limit=Limit(1, Unit.WORK_DAY), told="再等等", **words)
    elif what in ("asked_pause", "paused"):
        row = ask_pause(ticket, reason="force_majeure", until=soon, told="雨停再修", **words)
        if what == "paused":
            grant_pause(row, actor=world.center)
    elif what in ("asked_suspension", "suspended"):
        leader = world.members["handler_leader"].pk
        row = ask_suspension(ticket, reason="money", until=soon, responsible_id=leader, told="明年办", **words)
        if what == "suspended":
            grant_suspension(row, actor=world.center)
    elif what in ("supervised", "drafted", "published"):
        row = supervise_ticket(ticket, note="限期", actor=world.center)
        if what != "supervised":
            mover = Mover(Actor.system("test"), tell=False)
            reply_missed(mover, load_handling(Ticket.objects.get(pk=ticket.pk)), row)
            mover.flush()
        if what == "published":
            draft = Supervision.objects.get(ticket=ticket, kind=Supervision.Kind.CIRCULAR)
            decide_circular(draft, publish=True, note="限期没有回复", actor=world.center)
    return Ticket.objects.get(pk=ticket.pk)


WATER_STATES = (
    "danger", "difficult", "street", "suspensible", "sent", "taken", "pooled", "helping", "helped", "asked_return",
    "asked_extension",
    "asked_pause", "asked_suspension", "paused", "suspended", "supervised", "drafted", "published",
)  # fmt: skip


def under_review(world: World, *, claimed: bool = False, **changes: Any) -> Ticket:
    """Twice handled by the grid's worker, twice 没解决."""
    ticket = ticket_in(world, "visiting", **changes)
    requester = Actor.requester(ticket.pk)
    ticket = rate_ticket(ticket, face="unsolved", actor=requester)
    sign_order(ticket, actor=world.worker)
    ticket = resolve_ticket(Ticket.objects.get(pk=ticket.pk), actor=world.worker, reply="又换了一次")
    ticket = verify_ticket(ticket, passed=True, actor=world.staff)
    ticket = rate_ticket(ticket, face="unsolved", actor=requester)
    return ask_unreasonable(ticket, note="要求赔偿，无依据", actor=world.secretary) if claimed else ticket


def colleague(world: World, of: str = "worker", *, name: str = "孙网格员", key: str = "colleague") -> World:
    """Somebody else in the same post as one of the cast: two people share the work, so that there is a pool."""
    held = PostAssignment.objects.get(membership=world.members[of])
    user = User.objects.create(handle=f"{world.district.code}-{key}", password="!")
    member = Membership.objects.create(user=user, kind=Membership.Kind.STAFF, joined_at=clock.now())
    Staff.objects.create(membership=member, name=name)
    PostAssignment.objects.create(post_id=held.post_id, membership=member, since=SINCE)
    bump_reference()
    world.users[key], world.members[key] = user, member
    return world


def announcement_draft(world: World, *, by: str = "secretary", audience: Audience | None = None, **changes: Any) -> Any:
    """A draft of the office of somebody in the cast, for the first building unless said otherwise."""
    said = Draft(
        **{
            "title": "停水通知", "text": "明天上午九点到下午四点停水，请提前存水。", "kind": "outage",
            "visible_until": clock.today() + timedelta(days=3), **changes,
        }
    )  # fmt: skip
    actor = world.actor(by)
    office = publishing_organizations(actor)[0].id
    if audience is None:
        audience = Audience(buildings=frozenset({world.building.pk}))
    return draft_announcement(said, organization_id=office, audience=audience, actor=actor)


def announcement(world: World, *, by: str = "secretary", **changes: Any) -> Announcement:
    """The same, published and delivered."""
    row = publish_announcement(announcement_draft(world, by=by, **changes), actor=world.actor(by))
    outbox.deliver(AnnouncementTransition)
    return row
