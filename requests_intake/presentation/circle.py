"""The circle of a restricted ticket in words: who is inside by post, who was named, who opened the file."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from governance.kernel.models import AuditEvent
from grids.models.organization import PostKind
from grids.reference import territory
from requests_intake import circle
from requests_intake.models import Ticket


def by_post(ticket: Ticket) -> list[dict[str, str]]:
    """Who is inside without being named."""
    places = territory()
    if ticket.is_letter:
        name = places.area_name(ticket.community_id)
        return [{"key": _("收信人"), "value": _("{community}社区书记一人").format(community=name.removesuffix("社区"))}]
    holding = [ticket.organization_id] if ticket.organization_id != places.center().id else []
    holding += [pk for pk in circle.helping(ticket) if pk not in holding and pk != places.center().id]
    kinds = [str(PostKind(kind).label) for kind in sorted(circle.desk_kinds(), reverse=True)]
    found = [{"key": _("保密受理岗"), "value": _("、").join(kinds)}]
    found += [{"key": _("现在的承办单位"), "value": places.organization_name(pk)} for pk in holding]
    return found


def member_of(principal: str) -> int | None:
    """The membership behind the name of an actor in the audit trail; None of anybody else."""
    kind, _sep, number = principal.partition(":")
    return int(number) if kind == "member" and number.isdigit() else None


def opener(event: AuditEvent, names: dict[int, str]) -> str:
    return names.get(member_of(event.actor) or 0, "") or event.actor


def page_word(event: AuditEvent) -> str:
    """Which page or endpoint it was opened by, as people call it."""
    words: dict[str, Any] = {
        "desk:inbox": _("调度台列表"), "desk:ticket": _("诉求页"), "desk:move": _("办理页"), "worker:ticket": _("手机"),
        "resident:attachment": _("照片"), "api:ticket": _("接口"), "api:photo": _("接口照片"),
    }  # fmt: skip
    page = str(event.detail.get("page", ""))
    return str(words.get(page, page))
