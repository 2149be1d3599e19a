"""What this browser has proved to be its own, kept in the session: tickets by number, and the codes just given out.

The session of a person without an account holds nothing else. Signing out empties it like any session.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import decrypt, encrypt
from governance.kernel.errors import NotFound
from governance.kernel.tenancy.context import current_district_id
from requests_intake.models import Ticket
from requests_intake.numbering import NumberError, parse_number
from requests_intake.policies import TicketPolicy

FOLLOWED_AT_MOST = 20
CODE_SHOWN_FOR = timedelta(minutes=30)

_FOLLOWED, _CODES, _PLACE = "followed", "follow_codes", "report_place"


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


def requester_of(request: HttpRequest, number: str) -> tuple[Actor, Ticket]:
    """The actor and ticket behind a number this browser has proved; ``NotFound`` for everybody else, staff included."""
    refusal = NotFound("not_proved", _("没有这件事，或者还没有确认是您的。请先用编号查进度。"))
    try:
        canonical = str(parse_number(number))
    except NumberError as error:
        raise refusal from error
    ticket_id = followed(request).get(canonical)
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
    found: int | None = _of_district(request, _PLACE).get("building")
    return found
