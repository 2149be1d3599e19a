"""Which tickets a browser may open: those it has proved, kept in the session by number, and those of the number
somebody is signed in with (``governance.accounts.residents``).

The session of a person without an account holds besides only the codes just given out and the place last reported.
Signing out empties it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from governance.accounts.residents import resident_of
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import decrypt, encrypt, keyed_hashes
from governance.kernel.errors import NotFound
from governance.kernel.tenancy.context import current_district_id
from requests_intake.models import Requester, Ticket
from requests_intake.numbering import NumberError, parse_number
from requests_intake.policies import TicketPolicy
from requests_intake.views.resident_home import home_building

FOLLOWED_AT_MOST = 20
CODE_SHOWN_FOR = timedelta(minutes=30)

_FOLLOWED, _CODES, _PLACE, _SENT = "followed", "follow_codes", "report_place", "sign_in_code"
_GRID, _TARGET = "circle", "after_sign_in"


def resident_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of one district that is never cached; without a district one chooses it first."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request, "district", None) is None:
            return redirect("/")
        return view(request, *args, **kwargs)

    return never_cache(shown)


def _of_district(request: HttpRequest, name: str) -> dict[str, Any]:
    found: dict[str, Any] = request.session.get(name, {}).get(str(current_district_id()), {})
    return found


def _keep(request: HttpRequest, name: str, values: dict[str, Any]) -> None:
    # JSON knows only text as keys.
    request.session[name] = {**request.session.get(name, {}), str(current_district_id()): values}


def followed(request: HttpRequest) -> dict[str, int]:
    """Ids of the tickets this browser has proved, by number, the newest last."""
    return _of_district(request, _FOLLOWED)


def follow(request: HttpRequest, number: str, ticket_id: int) -> None:
    """Remember a proof. The session gets a new key, so that one planted beforehand is worth nothing."""
    kept = {key: value for key, value in followed(request).items() if key != number}
    kept[number] = ticket_id
    request.session.cycle_key()
    _keep(request, _FOLLOWED, dict(list(kept.items())[-FOLLOWED_AT_MOST:]))


def own_requesters(request: HttpRequest) -> list[int]:
    """Ids of the requesters with the number somebody is signed in with here; no statement where nobody is."""
    resident = resident_of(request)
    if resident is None:
        return []
    rows = Requester.objects.filter(phone_hash__in=keyed_hashes(resident.phone))
    return list(rows.values_list("pk", flat=True))


def own_tickets(request: HttpRequest) -> QuerySet[Ticket]:
    """The tickets this browser may open: proved here, or reported with the number signed in with."""
    return Ticket.objects.filter(Q(pk__in=followed(request).values()) | Q(requester_id__in=own_requesters(request)))


def may_open(request: HttpRequest, ticket_id: int) -> bool:
    """Whether this browser may open a ticket as the one who reported it."""
    if ticket_id in followed(request).values():
        return True
    own = own_requesters(request)
    return bool(own) and Ticket.objects.filter(pk=ticket_id, requester_id__in=own).exists()


def requester_of(request: HttpRequest, number: str) -> tuple[Actor, Ticket]:
    """The actor and ticket behind a number that is this browser's; ``NotFound`` for everybody else, staff included."""
    refusal = NotFound("not_proved", _("没有这件事，或者还没有确认是您的。请先用编号查进度。"))
    try:
        canonical = str(parse_number(number))
    except NumberError as error:
        raise refusal from error
    ticket_id = followed(request).get(canonical)
    own = own_requesters(request) if ticket_id is None else []
    if own:
        ticket_id = Ticket.objects.filter(number=canonical, requester_id__in=own).values_list("pk", flat=True).first()
    if ticket_id is None:
        raise refusal
    actor = Actor.requester(ticket_id)
    tickets = TicketPolicy.visible(actor).select_related("building", "compound")
    ticket = tickets.filter(number=canonical).first()
    if ticket is None:
        raise refusal
    return actor, ticket


def keep_code(request: HttpRequest, number: str, code: str) -> None:
    """Let the page after the report show the code; encrypted, since sessions lie in a table."""
    if code:
        until = (clock.now() + CODE_SHOWN_FOR).isoformat()
        _keep(request, _CODES, {number: [encrypt(code), until]})


def fresh_code(request: HttpRequest, number: str) -> str:
    """The code of a report made a moment ago, for half an hour in this browser only; then it is forgotten."""
    kept = _of_district(request, _CODES)
    if number not in kept:
        return ""
    token, until = kept[number]
    if clock.now().isoformat() > until:
        _keep(request, _CODES, {})
        return ""
    return decrypt(token)


def keep_place(request: HttpRequest, building_id: int | None) -> None:
    """The building last reported from this browser is offered again."""
    if building_id is not None:
        _keep(request, _PLACE, {"building": building_id})


def last_place(request: HttpRequest) -> int | None:
    """The building last reported from this browser, else the one the device says is home."""
    found: int | None = _of_district(request, _PLACE).get("building")
    return found or home_building(request)


def keep_grid(request: HttpRequest, grid_id: int) -> None:
    """The circle last read from this browser is offered again."""
    if last_grid(request) != grid_id:
        _keep(request, _GRID, {"grid": grid_id})


def last_grid(request: HttpRequest) -> int | None:
    found: int | None = _of_district(request, _GRID).get("grid")
    return found


@dataclass(frozen=True)
class SentCode:
    """The sign-in code this browser asked for: its row, the number, and in a demo the code itself."""

    code_id: int
    phone: str
    shown: str


def keep_sent(request: HttpRequest, *, code_id: int | None = None, phone: str = "", shown: str = "") -> None:
    """Remember which code was sent where, encrypted since sessions lie in a table; without an id forget it."""
    values = {} if code_id is None else {"code": code_id, "sealed": [encrypt(phone), encrypt(shown)]}
    _keep(request, _SENT, values)


def sent_code(request: HttpRequest) -> SentCode | None:
    """The code this browser asked for last; None where it asked for none."""
    kept = _of_district(request, _SENT)
    if not kept:
        return None
    phone, shown = (decrypt(token) for token in kept["sealed"])
    return SentCode(kept["code"], phone, shown)


def keep_target(request: HttpRequest, address: str) -> None:
    """Where to go after signing in; empty forgets it. Nothing is written where nothing changes."""
    if last_target(request) != address:
        _keep(request, _TARGET, {"to": address} if address else {})


def last_target(request: HttpRequest) -> str:
    return str(_of_district(request, _TARGET).get("to", ""))


def forget_browser(request: HttpRequest) -> None:
    """Nothing of this district stays in the browser's session."""
    for name in (_FOLLOWED, _CODES, _PLACE, _SENT, _GRID, _TARGET):
        if name in request.session:
            _keep(request, name, {})
