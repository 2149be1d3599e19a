"""Mediators beside the standing cast, and cases made by the real actions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from governance.accounts.models import Membership, Staff, User
from governance.kernel import clock
from governance.kernel.reference import bump_reference
from grids.models import Organization, Post, PostAssignment
from requests_intake.actions.mediation import NewCase, Party, mediate_ticket, open_case, record_session
from requests_intake.actions.mediation_end import settle_case
from requests_intake.models import MediationCase, MediationSession, Ticket
from tests.world import SINCE, World

PARTIES = (Party("石大民", "13711112222"), Party("贾小红"))


def a_mediator(world: World, name: str = "mediator", organization: Organization | None = None) -> int:
    """Somebody in post as mediator, of the first community unless said otherwise; ``world.actor(name)`` acts as them.
    Returns the membership's id."""
    if name not in world.members:
        user = User.objects.create(handle=f"{world.district.code}-{name}", password="!")
        member = Membership.objects.create(user=user, kind=Membership.Kind.STAFF, joined_at=clock.now())
        Staff.objects.create(membership=member, name={"mediator": "桂调解"}.get(name, f"{name[:1]}调解"))
        post = Post.objects.create(organization=organization or world.committee, kind="mediator", name=f"调解员 {name}")
        PostAssignment.objects.create(post=post, membership=member, since=SINCE)
        bump_reference()
        world.users[name], world.members[name] = user, member
        world.actors[name] = world.actor(name)
    return world.members[name].pk


def body(world: World, **changes: Any) -> dict[str, Any]:
    """A case as the API takes it."""
    parties = [{"name": party.name, "phone": party.phone} for party in PARTIES]
    said = {
        "kind": "people", "dispute": "neighbour", "severity": "small", "mode": "outreach",
        "facts": "楼上漏水，石姓住户不认。", "parties": parties, "mediators": [a_mediator(world)],
    }  # fmt: skip
    return {**said, **changes}


def case_fields(world: World, **changes: Any) -> dict[str, Any]:
    """A case as the pages' forms take it."""
    said = {
        "kind": "people", "dispute": "neighbour", "severity": "small", "mode": "outreach",
        "facts": "楼上漏水，石姓住户不认。", "name_a": "石大民",
        "phone_a": "13711112222", "name_b": "贾小红", "phone_b": "", "others": "",
        "mediators": [a_mediator(world)],
    }  # fmt: skip
    return {**said, **changes}


def new_case(world: World, **changes: Any) -> NewCase:
    return NewCase(**{**body(world), "parties": PARTIES, **changes})


def a_case(world: World, *, actor: str = "mediator", ticket: Ticket | None = None, **changes: Any) -> MediationCase:
    a_mediator(world)
    if ticket is None:
        return open_case(new_case(world, **changes), actor=world.actor(actor))
    mediate_ticket(ticket, new_case(world, **changes), actor=world.actor(actor))
    return MediationCase.objects.get(ticket=ticket, ended_at=None)


def a_session(world: World, case: MediationCase, **changes: Any) -> MediationSession:
    said = {
        "held_at": clock.now(), "place": "居委会", "mode": "outreach", "present": "石大民、贾小红",
        "minutes": "石姓愿赔五千",
    }  # fmt: skip
    return record_session(case, actor=world.actor("mediator"), **{**said, **changes})


def settled(world: World, **changes: Any) -> MediationCase:
    case = a_case(world, **changes)
    a_session(world, case)
    due = clock.today() + timedelta(days=20)
    settle_case(case, text="石大民赔五千元。", performance_due=due, actor=world.actor("mediator"))
    return again(case)


def again(case: MediationCase) -> MediationCase:
    return MediationCase.objects.get(pk=case.pk)
