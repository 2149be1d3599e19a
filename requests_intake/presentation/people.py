"""The requester as a member of staff may see them: masked, and not at all where they asked for it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.templatetags.ui import masked_phone
from requests_intake.models import Ticket
from requests_intake.models.ticket import ERASED
from requests_intake.policies import TicketPolicy
from requests_intake.workflow import KNOWS_REQUESTERS

_FORMS_OF_ADDRESS = ("先生", "女士", "小姐", "阿姨", "大爷", "大妈", "大叔", "大娘", "师傅", "老师", "奶奶", "爷爷")


def masked_name(name: str) -> str:
    """李某的 ``李**``; a form of address (李阿姨) names nobody and stays."""
    name = name.strip()
    if not name or (name.endswith(_FORMS_OF_ADDRESS) and len(name) <= 4):
        return name
    return name[0] + "*" * min(max(len(name) - 1, 1), 2)


def requester_card(ticket: Ticket, actor: Actor) -> dict[str, Any]:
    """``name`` and ``phone`` masked, ``note`` why something is missing, ``can_reveal`` whether the actor may ask for
    the number.

    Of an anonymous requester nothing was kept. A confidential one (保密) is hidden from everybody but the readers of
    restricted tickets. One statement where the requester was not selected with the ticket.
    """
    if ticket.located_by == ERASED:
        return {"name": "", "phone": "", "note": _("诉求人信息已按规定清除"), "can_reveal": False}
    if ticket.is_anonymous:
        return {"name": _("匿名"), "phone": "", "note": _("匿名反映，没有留下联系方式"), "can_reveal": False}
    if _is_hidden(ticket, actor):
        return {"name": _("保密"), "phone": "", "note": _("诉求人要求保密，承办单位看不到身份"), "can_reveal": False}
    person = ticket.requester if ticket.requester_id is not None else None
    if person is None:
        return {"name": "", "phone": "", "note": _("没有留下联系方式"), "can_reveal": False}
    return {
        "name": masked_name(person.name),
        "phone": masked_phone(person.phone),
        "note": "",
        "can_reveal": bool(person.phone) and may_reveal(ticket, actor),
    }


def _is_hidden(ticket: Ticket, actor: Actor) -> bool:
    return ticket.is_confidential and not actor.role_kinds & KNOWS_REQUESTERS


def may_reveal(ticket: Ticket, actor: Actor) -> bool:
    """Whether the actor's work with this ticket includes calling the requester: who handles it, and who asks after."""
    if ticket.is_anonymous or ticket.requester_id is None or _is_hidden(ticket, actor):
        return False
    return TicketPolicy.allows(actor, "contact", ticket) or TicketPolicy.allows(actor, "return_visit", ticket)
