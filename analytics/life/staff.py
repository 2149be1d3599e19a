"""What staff do in an hour with one ticket: triage, sign, contact, finish, pass on, check, ask, decide."""

from __future__ import annotations

from contextlib import suppress
from random import Random

from analytics.life import words
from analytics.life.residents import photos
from analytics.life.scene import Scene
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from grids.reference import territory
from requests_intake import routing
from requests_intake.actions import field_limits
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.desk import reject_ticket, relocate_ticket
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.follow_up import handled_it
from requests_intake.actions.handle import claim_order, contact_requester, sign_order
from requests_intake.actions.orders import next_level
from requests_intake.actions.rate import close_ticket, record_return_visit
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Ticket, WorkOrder
from requests_intake.reference import rules
from requests_intake.standing import is_pool, standing_of
from requests_intake.workflow import ALLOWED, ORDER_HELD, OrderState, TicketState

_SIGN, _CONTACT_AT_ONCE, _CONTACT = 0.65, 0.8, 0.4
_OWED, _CONTROLLED, _TOLD = 0.8, 0.6, 0.15  # in an hour: somebody stands there, danger is under control, a plan is told
_HARD, _HARD_PACE = 0.05, 0.15  # share of matters that drag on, and how slowly they go
# Chance per working hour that an order is finished: by urgency and, for small matters, by their one day.
_FINISH = {"critical": 0.6, "urgent": 0.45, "complex": 0.04, "normal": 0.12}
_FINISH_MINOR = 0.42
_PASS_ON = {"grid": 0.05, "community": 0.03, "street": 0.07, "district": 0.1}
_PASS_ON_LAST = 0.6  # to the demo's own offices at the end, so that they have something to do
_CHECKED_WRONG = 0.1
_CLAIMERS = frozenset(kind for kind, _relation in ALLOWED["claim"])
_ANSWERS = {"satisfied": 46, "so_so": 20, "unsolved": 14, "unreachable": 20}


def handle(scene: Scene, ticket: Ticket, order: WorkOrder) -> None:
    """One working hour of the organization that holds the lead order."""
    random = scene.random
    pace = scene.pace(ticket.organization_id) * _difficulty(ticket)
    chance = random.random()
    actor = scene.somebody(ticket.organization_id)
    if actor is None:
        return  # 缺岗: the clock runs on and takes it up
    if order.state == OrderState.DISPATCHED:
        if chance < _SIGN * pace:
            if actor.role_kinds & _CLAIMERS and is_pool(ticket):
                claim_order(ticket, actor=actor)
            else:
                sign_order(ticket, actor=actor)
            if random.random() < _CONTACT_AT_ONCE:
                _contact(scene, ticket, actor)
        return
    if order.contacted_at is None and random.random() < _CONTACT:
        _contact(scene, ticket, actor)
    elif ticket.pk in scene.held or order.state in ORDER_HELD or _owed(scene, ticket, actor):
        return
    elif (office := _office_of_the_demo(scene, ticket)) is not None and random.random() < _PASS_ON_LAST:
        _pass_on(scene, ticket, order, actor, to=office)
    elif chance < _finish(ticket) * scene.finishing(ticket.organization_id) * _difficulty(ticket) * _pressed(ticket):
        with_photo = random.random() < 0.2
        reply = random.choice(words.REPLIES[order.level])
        resolve_ticket(ticket, actor=actor, reply=reply, photos=photos(random) if with_photo else ())
    elif random.random() < _PASS_ON.get(order.level, 0):
        _pass_on(scene, ticket, order, actor)


def _finish(ticket: Ticket) -> float:
    category = rules().categories.get(ticket.category_id or 0)
    if ticket.urgency == "normal" and category is not None and category.pure.limit_class == "minor":
        return _FINISH_MINOR
    return _FINISH[ticket.urgency]


def _pressed(ticket: Ticket) -> float:
    """A red lamp moves people."""
    return 2.5 if ticket.lamp == "over" else 1.3 if ticket.lamp == "soon" else 1.0


def _difficulty(ticket: Ticket) -> float:
    return _HARD_PACE if Random(f"{ticket.number}").random() < _HARD else 1.0


def _contact(scene: Scene, ticket: Ticket, actor: Actor) -> None:
    contact_requester(ticket, actor=actor, note=scene.random.choice(words.CONTACTS))


def _owed(scene: Scene, ticket: Ticket, actor: Actor) -> bool:
    """What danger and difficult matters owe besides their promise; True where something of it was done."""
    if ticket.urgency == "normal":
        return False
    random, owed = scene.random, standing_of(ticket).owed
    if "on_site" in owed and random.random() < _OWED:
        field_limits.arrive(ticket, actor=actor, note=random.choice(words.ARRIVED))
    elif "control" in owed and "on_site" not in owed:
        if random.random() < _CONTROLLED:
            field_limits.control_danger(ticket, actor=actor, note=random.choice(words.CONTROLLED))
        else:
            field_limits.report_danger(ticket, actor=actor, note=random.choice(words.DANGERS))
    elif "plan" in owed and random.random() < _TOLD:
        field_limits.tell_plan(ticket, actor=actor, note=random.choice(words.PLANS))
    else:
        return False
    return True


def _office_of_the_demo(scene: Scene, ticket: Ticket) -> int | None:
    """Towards the end the demo's own offices get what is theirs before others have finished it: a department its trade,
    the community something from nearby as long as it has nothing to do."""
    if not scene.is_ending or scene.is_last or ticket.organization_id in scene.departments:
        return None
    department, community = department_of(ticket), territory().own.get(ticket.community_id or 0)
    if department in scene.departments:
        return department
    return community if community in scene.desks and community not in scene.busy() else None


def department_of(ticket: Ticket) -> int | None:
    """The department that fits best."""
    category = rules().categories.get(ticket.category_id or 0)
    if category is None:
        return None
    found = routing.suggest_departments(category.pure, rules().organizations, ticket.street_id)
    return next((row.organization.id for row in found if row.organization.level == "department"), None)


def _pass_on(scene: Scene, ticket: Ticket, order: WorkOrder, actor: Actor, to: int | None = None) -> None:
    """A street or the centre sends it to the department that fits, or to this office; below, it goes up."""
    if order.level in ("grid", "community"):
        escalate_ticket(ticket, actor=actor, note=scene.random.choice(words.ESCALATIONS))
        return
    if ticket.category_id is None:
        return
    office = to or department_of(ticket)
    if office is not None:
        dispatch_ticket(ticket, organization_id=office, actor=actor)
    elif next_level(order.level) is not None:
        escalate_ticket(ticket, actor=actor, note=scene.random.choice(words.ESCALATIONS))


def supply(scene: Scene) -> None:
    """The centre, towards the end: a department of the demo that has nothing to do gets something of its trade."""
    idle = set(scene.departments) - scene.busy()
    if not idle or scene.dispatcher is None:
        return
    for ticket in Ticket.objects.filter(state=TicketState.HANDLING).order_by("-pk"):
        office = department_of(ticket)
        if office in idle:
            idle.discard(office)
            with suppress(DomainError):
                dispatch_ticket(ticket, organization_id=office, actor=scene.dispatcher)


def triage(scene: Scene, ticket: Ticket) -> None:
    """The district desk: what has no place gets one, what is restricted goes straight to who may know it."""
    actor, random = scene.dispatcher, scene.random
    if actor is None or random.random() > 0.5:
        return
    if not ticket.is_restricted and random.random() < 0.25:
        reason, note = random.choice(words.REJECTIONS)
        reject_ticket(ticket, reason=reason, note=note, actor=actor)
        return
    if ticket.community_id is None:
        ticket = relocate_ticket(ticket, actor=actor, building_id=scene.building())
    ticket = accept_ticket(ticket, actor=actor)
    if random.random() < 0.8:
        send(scene, ticket)


def send(scene: Scene, ticket: Ticket) -> None:
    """From the desk to the community of the place."""
    owner = territory().own.get(ticket.community_id or 0)
    if owner is not None and scene.dispatcher is not None:
        dispatch_ticket(ticket, organization_id=owner, actor=scene.dispatcher)


def check(scene: Scene, ticket: Ticket) -> None:
    """Somebody who did not handle it looks on site; the community where the grid has nobody else."""
    if scene.random.random() > 0.3:
        return
    own = territory().own
    areas = (ticket.grid_id, ticket.community_id, ticket.street_id)
    people = (scene.somebody(own.get(area)) for area in areas if area is not None)
    others = (person for person in people if person is not None and not handled_it(ticket, person))
    actor = next(others, scene.dispatcher)
    if actor is not None:
        passed = scene.random.random() >= _CHECKED_WRONG
        note = "" if passed else scene.random.choice(words.REWORKS)
        with_photo = passed and scene.random.random() < 0.4
        verify_ticket(ticket, passed=passed, actor=actor, note=note, photos=photos(scene.random) if with_photo else ())


def ask(scene: Scene, ticket: Ticket) -> None:
    """Return visits to those who have not rated by themselves; a second 没解决 is decided by the centre."""
    random = scene.random
    if ticket.pk in scene.held:
        return
    if ticket.needs_review:
        if random.random() < 0.08 and scene.dispatcher is not None:
            close_ticket(ticket, reason="reviewed", actor=scene.dispatcher, note=random.choice(words.REVIEWS))
    elif random.random() < 0.028 and scene.visitor is not None and _rested(ticket):
        answer = random.choices(list(_ANSWERS), list(_ANSWERS.values()))[0]
        record_return_visit(ticket, answer=answer, actor=scene.visitor)


def _rested(ticket: Ticket) -> bool:
    """A day after it was done: before that people are left to say so themselves."""
    return ticket.resolved_at is None or (clock.now() - ticket.resolved_at).days >= 1
