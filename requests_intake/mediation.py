"""Reading mediation: whose cases somebody may open, and what waits in them. Figures: ``mediation_figures``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hashes, normal_phone
from governance.kernel.errors import NotFound
from grids.reference import Holder, territory
from requests_intake.models import (
    MediationAgreement,
    MediationCase,
    MediationKind,
    MediationMember,
    MediationParty,
    Ticket,
)

MEDIATOR = "mediator"
State = MediationCase.State
OPEN = (State.REGISTERED.value, State.MEDIATING.value)
_PHONE_DIGITS = 7


# ---------------------------------------------------------------- who is inside
def visible(actor: Actor) -> QuerySet[MediationCase]:
    """The cases an actor is a mediator of, while in post as one, or was named to; nobody else sees any."""
    if actor.membership_id is None or not actor.role_kinds:
        return MediationCase.objects.none()
    inside = MediationMember.objects.filter(membership_id=actor.membership_id, until=None)
    if MEDIATOR not in actor.role_kinds:
        inside = inside.filter(role=MediationMember.Role.NAMED)
    return MediationCase.objects.filter(pk__in=inside.values("case_id"))


def find_case(actor: Actor, number: str, *, lock: bool = False) -> MediationCase:
    """The case of that number if the actor is inside; ``NotFound`` otherwise, as if there were none."""
    rows = visible(actor)
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(number=number).first()
    if found is None:
        raise NotFound("no_case", _("没有这件调解，或者您不在知悉范围里。"))
    return found


def is_mediator(actor: Actor, case: MediationCase) -> bool:
    """Whether the actor mediates this case: only they write in its file."""
    if actor.membership_id is None or MEDIATOR not in actor.role_kinds:
        return False
    rows = MediationMember.objects.filter(case=case, membership_id=actor.membership_id, until=None)
    return rows.filter(role=MediationMember.Role.MEDIATOR).exists()


def mediators_in_post() -> dict[int, list[Holder]]:
    """Membership → posts, of everybody who acts in a post as mediator today."""
    places = territory()
    found: dict[int, list[Holder]] = {}
    for pk in places.organizations:
        for row in places.serving(pk):
            if row.kind == MEDIATOR:
                found.setdefault(row.membership_id, []).append(row)
    return found


def orphans(actor: Actor) -> QuerySet[MediationCase]:
    """Cases of the actor's own organizations that none of their mediators is in post for any more: number and state.

    A colleague may take one over (``actions.mediation.take_over``); until then nobody reads it.
    """
    own = [role.organization_id for role in actor.roles if role.kind == MEDIATOR and role.organization_id is not None]
    kept = MediationMember.objects.filter(
        until=None, role=MediationMember.Role.MEDIATOR, membership_id__in=list(mediators_in_post())
    )
    rows = MediationCase.objects.filter(organization_id__in=own, erased_at=None).exclude(pk__in=kept.values("case_id"))
    return rows.only("pk", "number", "state").order_by("number")


def open_case_of(ticket: Ticket) -> MediationCase | None:
    """What those who see a ticket may know of its mediation: the number, and that it is not over."""
    return MediationCase.objects.filter(ticket=ticket, ended_at=None).only("pk", "number").first()


# ---------------------------------------------------------------- what waits
def follow_up_due() -> Q:
    """Agreements somebody has to look after today (复诊), those that were found not kept among them."""
    return Q(follow_up_on__lte=clock.today(), case__erased_at=None) & (Q(performed=None) | Q(performed=False))


def _of_agreements(condition: Q) -> Q:
    return Q(pk__in=MediationAgreement.objects.filter(condition).values("case_id"))


def _shows() -> dict[str, Q]:
    now = clock.now()
    abnormal = Q(performed=False, case__erased_at=None)
    return {
        "open": Q(ended_at=None),
        "late": Q(ended_at=None) & (Q(due_at__lt=now) | Q(first_session_at=None, first_session_due_at__lt=now)),
        "follow_up": _of_agreements(follow_up_due()),
        "abnormal": _of_agreements(abnormal),
        "visit": Q(visit_due_at__isnull=False, visited_at=None, erased_at=None),
        "receipt": Q(state=State.REFERRED, receipt_on=None, erased_at=None),
        "ended": Q(ended_at__isnull=False),
    }


SHOWS: dict[str, Any] = {
    "": gettext_lazy("全部"),
    "open": gettext_lazy("在调"),
    "late": gettext_lazy("超期"),
    "follow_up": gettext_lazy("复诊到期"),
    "abnormal": gettext_lazy("履行异常"),
    "visit": gettext_lazy("待回访"),
    "receipt": gettext_lazy("等回执"),
    "ended": gettext_lazy("已结束"),
}
"""What a mediator may look at in the list, in this order."""


@dataclass(frozen=True)
class CaseFilter:
    """``text``: a part of the number, or a party's whole phone number. Unknown values look for nothing special."""

    show: str = ""
    kind: str = ""
    text: str = ""

    @classmethod
    def read(cls, given: Any) -> CaseFilter:
        show, kind = str(given.get("show", "")), str(given.get("kind", ""))
        return cls(
            show if show in SHOWS else "",
            kind if kind in MediationKind.values else "",
            "".join(str(given.get("q", "")).split())[:30],
        )


def cases_of(actor: Actor, wanted: CaseFilter | None = None) -> QuerySet[MediationCase]:
    """The list: what waits for a follow-up first, then what is open by its limit, then the rest, the newest first."""
    shows, wanted = _shows(), wanted or CaseFilter()
    rows = visible(actor)
    if wanted.show:
        rows = rows.filter(shows[wanted.show])
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.text:
        found = Q(number__contains=wanted.text)
        phone = normal_phone(wanted.text)
        if len(phone) >= _PHONE_DIGITS and phone.isdigit():
            parties = MediationParty.objects.filter(phone_hash__in=keyed_hashes(phone))
            found |= Q(pk__in=parties.values("case_id"))
        rows = rows.filter(found)
    waits = Case(When(shows["follow_up"], then=Value(0)), When(ended_at=None, then=Value(1)), default=Value(2))
    rows = rows.annotate(place=waits).order_by("place", F("ended_at").desc(nulls_first=True), "due_at", "pk")
    return rows.prefetch_related(Prefetch("agreements", to_attr="papers"), "parties")


def counts(actor: Actor) -> dict[str, int]:
    """How many of the actor's cases each ``SHOWS`` has, in one statement."""
    shows = _shows()
    rows = visible(actor).aggregate(
        **{f"n_{name}": Count("pk", filter=condition) for name, condition in shows.items()}, n_=Count("pk")
    )
    return {name: rows[f"n_{name}"] for name in SHOWS}


def waiting(actor: Actor) -> int:
    """Of the actor's own cases: follow-ups that are due, visits not made, and what is past its limit."""
    shows = _shows()
    return visible(actor).filter(shows["follow_up"] | shows["visit"] | shows["late"]).count()


def status_words(case: MediationCase, agreement: MediationAgreement | None) -> dict[str, str]:
    """``text`` and ``kind`` of the pill: the state, and what became of the agreement."""
    now = clock.now()
    if agreement is not None and agreement.performed is False:
        return {"text": _("履行异常"), "kind": "hold"}
    if agreement is not None and agreement.performed is None and agreement.follow_up_on <= clock.today():
        return {"text": _("复诊到期"), "kind": "check"}
    if agreement is not None and agreement.performed:
        return {"text": _("已履行"), "kind": "done"}
    if case.ended_at is None and case.due_at < now:
        return {"text": _("调解超期"), "kind": "over"}
    if case.ended_at is None and case.first_session_at is None and case.first_session_due_at < now:
        return {"text": _("首次调解超期"), "kind": "over"}
    if case.visited_at is None and case.visit_due_at is not None and case.visit_due_at < now:
        return {"text": _("回访超期"), "kind": "over"}
    if case.state == State.REFERRED and case.receipt_on is None:
        return {"text": _("移送，等回执"), "kind": "hold"}
    kinds = {"registered": "new", "mediating": "doing", "settled": "done"}
    return {"text": case.get_state_display(), "kind": kinds.get(case.state, "hold")}
