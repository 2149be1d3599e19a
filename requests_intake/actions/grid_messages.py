"""网格圈 (S2-20a): residents write to the staff of their grid, who answer, hide what should not stand there, and turn a
message into a ticket: once, however often they tap."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _

from governance.accounts.models import Resident
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, keyed_hashes
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from grids.reference import territory
from requests_intake.actions.context import savepoint
from requests_intake.actions.submit import Report, Submitted, submit_ticket
from requests_intake.models import Channel, GridMessage, GridMessageFlag

TEXT_LENGTH = 500
SERVING = frozenset({"grid_worker", "grid_leader", "community_secretary", "community_staff"})
"""Kinds of post that answer in the circles of their grids."""
_A_WHILE, _MOST_A_WHILE, _MOST_A_DAY = timedelta(minutes=10), 5, 20
_DIGITS = re.compile(r"\d{7,}", re.ASCII)
_BETWEEN = re.compile(r"[\s\-－—_.·]")


def serves(actor: Actor, grid_id: int) -> bool:
    """Whether somebody is of the staff of the grid or of its community."""
    grid = territory().areas.get(grid_id)
    if grid is None:
        return False
    own = {role.area_id for role in actor.roles if role.kind in SERVING}
    return bool({grid.id, grid.community_id} & own)


def require_serving(actor: Actor, grid_id: int) -> None:
    """``NotFound`` for a grid that is not one's own: whose circle it is concerns nobody else."""
    if not actor.role_kinds & SERVING:
        raise NotAllowed("not_allowed", _("网格圈由网格和社区的人答复，您的岗位不能。"))
    if not serves(actor, grid_id):
        raise NotFound("no_grid", _("没有这个网格，或者不在您的范围内。"))


def find_message(message_id: int, *, actor: Actor, lock: bool = False) -> GridMessage:
    """A message in a circle of the actor's."""
    rows = GridMessage.objects.select_for_update(of=("self",)) if lock else GridMessage.objects.all()
    found = rows.filter(pk=message_id).first()
    if found is None:
        raise NotFound("no_message", _("没有这条消息，或者不在您的范围内。"))
    require_serving(actor, found.grid_id)
    return found


def _words(text: str) -> str:
    words = text.replace("\r\n", "\n").strip()
    if not words:
        raise Invalid("no_words", _("请写一句话。"), fields={"text": [_("请写一句话。")]})
    if len(words) > TEXT_LENGTH:
        sentence = _("最多 {limit} 字，现在 {length} 字。").format(limit=TEXT_LENGTH, length=len(words))
        raise Invalid("too_long", sentence, fields={"text": [sentence]})
    if _DIGITS.search(_BETWEEN.sub("", words)):
        sentence = _("这里邻居都看得到，请不要写电话、证件号。要留电话，请用“报事”。")
        raise Invalid("number_in_public", sentence, fields={"text": [sentence]})
    return words


def _parent(grid_id: int, parent_id: int | None) -> int | None:
    if parent_id is None:
        return None
    found = GridMessage.objects.filter(pk=parent_id, grid=grid_id, parent=None, hidden_at=None).exists()
    if not found:
        raise NotFound("no_message", _("这条消息不在了。"))
    return parent_id


@savepoint
def post_message(
    resident: Resident, *, grid_id: int, text: str, parent_id: int | None = None, actor: Actor
) -> GridMessage:
    """A resident who signed in writes into a circle, or answers a message there (``actor``: the public).

    Raises ``NotFound``, ``Invalid`` (no words, too long, a number of somebody) and ``DomainError`` ``too_often`` (429).
    """
    grid = territory().areas.get(grid_id)
    if grid is None or grid.level != "grid":
        raise NotFound("no_grid", _("没有这个网格。"))
    words = _words(text)
    now = clock.now()
    own = GridMessage.objects.filter(poster_hash__in=keyed_hashes(resident.phone))
    lately, today = own.filter(created_at__gt=now - _A_WHILE), own.filter(created_at__gt=now - timedelta(days=1))
    if lately.count() >= _MOST_A_WHILE or today.count() >= _MOST_A_DAY:
        raise DomainError("too_often", _("您刚才说了好几条，歇一会儿再说。急事请打电话或用“报事”。"), status=429)
    return GridMessage.objects.create(
        grid_id=grid_id, parent_id=_parent(grid_id, parent_id), text=words, poster_name=resident.name,
        poster_phone=resident.phone, poster_hash=keyed_hash(resident.phone), created_at=now,
    )  # fmt: skip


@savepoint
def answer_message(message: GridMessage, *, text: str, actor: Actor) -> GridMessage:
    """Staff answer below a message; it is signed with their post. Raises as ``post_message``."""
    row = find_message(message.pk, actor=actor)
    top = row.parent_id or row.pk
    return GridMessage.objects.create(
        grid_id=row.grid_id, parent_id=_parent(row.grid_id, top), text=_words(text), member_id=actor.membership_id,
        created_at=clock.now(),
    )  # fmt: skip


@savepoint
def hide_message(message: GridMessage, *, reason: str, actor: Actor) -> GridMessage:
    """Take a message out of sight, with a reason its writer reads; ``show_message`` brings it back."""
    row = find_message(message.pk, actor=actor, lock=True)
    if reason not in GridMessage.Hidden.values:
        raise Invalid("no_reason", _("请选隐藏的原因。"), fields={"reason": [_("请选隐藏的原因。")]})
    row.hidden_at, row.hidden_by_id, row.hidden_reason = clock.now(), actor.membership_id, reason
    row.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    audit.record("grid_message.hide", actor=actor, object_kind="grid_message", object_id=row.pk, reason=reason)
    return row


@savepoint
def show_message(message: GridMessage, *, actor: Actor) -> GridMessage:
    """A hidden message stands there again."""
    row = find_message(message.pk, actor=actor, lock=True)
    row.hidden_at, row.hidden_by_id, row.hidden_reason = None, None, ""
    row.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    audit.record("grid_message.show", actor=actor, object_kind="grid_message", object_id=row.pk)
    return row


@savepoint
def flag_message(resident: Resident, *, grid_id: int, message_id: int, actor: Actor) -> None:
    """A resident tells the staff that a message should not stand there. Twice is once."""
    found = GridMessage.objects.filter(pk=message_id, grid=grid_id, hidden_at=None).first()
    if found is None:
        raise NotFound("no_message", _("这条消息不在了。"))
    GridMessageFlag.objects.bulk_create(
        [GridMessageFlag(message=found, flagger_hash=keyed_hash(resident.phone), at=clock.now())], ignore_conflicts=True
    )


@savepoint
def turn_into_ticket(message: GridMessage, report: Report, *, actor: Actor) -> Submitted:
    """转工单: the message becomes a ticket of the resident who wrote it; it keeps the link, the writer gets the number.

    ``report`` says words and place; who it is stands in the message. Under the message's lock: a second tap finds the
    first one's ticket. Raises ``DomainError`` ``turned_already`` with its number, ``Invalid`` for a message of staff.
    """
    row = find_message(message.pk, actor=actor, lock=True)
    if row.ticket_id is not None and row.ticket is not None:
        words = _("这条已经转成工单 {number}。").format(number=row.ticket.number)
        raise DomainError("turned_already", words, number=row.ticket.number)
    if not row.poster_hash:
        raise Invalid("not_a_residents", _("只有居民的消息能转工单。"))
    said = Report(
        content=report.content, category_code=report.category_code, urgency=report.urgency,
        building_id=report.building_id, address=report.address, community_id=report.community_id,
        channel=Channel.GRID_MESSAGE, name=row.poster_name, phone=row.poster_phone,
    )  # fmt: skip
    submitted = submit_ticket(said, actor=actor)
    row.ticket_id = submitted.ticket.pk
    row.save(update_fields=["ticket"])
    return submitted


def erase_messages(ids: Sequence[int]) -> int:
    """Free messages of persons: words, name and number go; that there was a message stays. In the transaction."""
    rows = GridMessage.objects.filter(pk__in=ids, erased_at=None)
    GridMessageFlag.objects.filter(message__in=ids).delete()
    return rows.update(
        text=_("（这条话已按规定清除）"), poster_name="", poster_phone="", poster_hash="", erased_at=clock.now()
    )
