"""Keeping views of the inbox and sentences, one's own or shared; changing and dropping them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import MOBILE
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from requests_intake.actions.context import savepoint
from requests_intake.desks.models import NAME_LENGTH, TEXT_LENGTH, Kept, SavedPhrase, SavedView
from requests_intake.desks.placeholders import unknown_in
from requests_intake.desks.policies import require_change, require_share
from requests_intake.forms.moves import MOVE_FORMS
from requests_intake.queries import TicketFilter

MOST_VIEWS, MOST_PHRASES = 20, 60
"""For one person, and for one organization: a list one has to search helps nobody."""
PHRASE_MOVES = tuple(name for name, form in MOVE_FORMS.items() if "note" in form.base_fields and name != "withdraw")
"""Moves at the desk whose form asks for words."""
K = TypeVar("K", bound=Kept)


@dataclass(frozen=True)
class ViewSaid:
    """``organization_id``: shared there; None keeps it one's own."""

    name: str
    query: Mapping[str, str]
    organization_id: int | None = None
    is_default: bool = False


@dataclass(frozen=True)
class PhraseSaid:
    """``move``: the move in whose form it is offered."""

    move: str
    text: str
    organization_id: int | None = None
    is_default: bool = False


@savepoint
def save_view(view: SavedView | None, said: ViewSaid, *, actor: Actor) -> SavedView:
    """存视图: the conditions of a list under a name, or another name, conditions or owner for one there is.

    Raises ``NotAllowed``, ``Invalid`` with its fields, and ``DomainError('too_many')``.
    """
    name = " ".join(said.name.split())
    if not name:
        raise Invalid("no_name", _("请给视图起个名字。"), fields={"name": [_("请给视图起个名字。")]})
    if len(name) > NAME_LENGTH:
        words = _("名字最多 {n} 个字。").format(n=NAME_LENGTH)
        raise Invalid("long_name", words, fields={"name": [words]})
    found = TicketFilter.from_query(said.query)
    if (found.text.isascii() and found.text.isdigit() and len(found.text) == 4) or MOBILE.search(found.text + name):
        words = _("按电话查的条件不能存：视图里不留号码。")
        raise Invalid("phone_kept", words, fields={"name": [words]})
    row = _prepared(SavedView, view, said.organization_id, said.is_default, MOST_VIEWS, actor)
    same = _beside(row).filter(name=name)
    if same.exists():
        raise Invalid("name_taken", _("已经有同名的视图。"), fields={"name": [_("已经有同名的视图，换一个名字。")]})
    row.name, row.query = name, found.as_query()
    return _kept(row, said.is_default, _beside(row), "desk.view_keep", actor)


@savepoint
def save_phrase(phrase: SavedPhrase | None, said: PhraseSaid, *, actor: Actor) -> SavedPhrase:
    """存常用语: a sentence for a move, new or changed. Raises as ``save_view``."""
    text = said.text.strip()
    if said.move not in PHRASE_MOVES:
        raise Invalid("no_such_move", _("这一步没有常用语。"), fields={"move": [_("请选哪一步用。")]})
    wrong = unknown_in(text)
    sentence = ""
    if not text:
        sentence = _("请写一句话。")
    elif len(text) > TEXT_LENGTH:
        sentence = _("最多 {n} 个字。").format(n=TEXT_LENGTH)
    elif MOBILE.search(text):
        sentence = _("常用语里不写个人的手机号。")
    elif wrong:
        sentence = _("不认识 {wrong}，能用的写在下面。").format(wrong="、".join(wrong))
    if sentence:
        raise Invalid("phrase_invalid", sentence, fields={"text": [sentence]})
    row = _prepared(SavedPhrase, phrase, said.organization_id, said.is_default, MOST_PHRASES, actor)
    if _beside(row).filter(move=said.move, text=text).exists():
        raise Invalid("phrase_taken", _("这一句已经有了。"), fields={"text": [_("这一句已经有了。")]})
    row.move, row.text = said.move, text
    return _kept(row, said.is_default, _beside(row).filter(move=said.move), "desk.phrase_keep", actor)


@savepoint
def drop_kept(row: Kept, *, actor: Actor) -> None:
    """删掉 a view or a sentence. Raises ``NotAllowed`` for what a colleague has shared where one does not lead."""
    require_change(row, actor)
    _written("desk.keep_drop", row, actor)
    row.delete()


def _prepared(
    model: type[K], row: K | None, organization_id: int | None, is_default: bool, most: int, actor: Actor
) -> K:
    if actor.membership_id is None:
        raise NotAllowed("staff_only", _("只有工作人员能存。"))
    if row is not None:
        row = model._default_manager.select_for_update().get(pk=row.pk)
        require_change(row, actor)
    require_share(organization_id, actor, is_default=is_default)
    found = row or model(made_by_id=actor.membership_id, made_at=clock.now())
    owner_id = None if organization_id is not None else actor.membership_id
    moved = (found.owner_id, found.organization_id) != (owner_id, organization_id)
    found.owner_id, found.organization_id = owner_id, organization_id
    if moved and _beside(found).count() >= most:
        raise DomainError("too_many", _("已经存了 {n} 条，先删掉用不着的。").format(n=most))
    return found


def _beside(row: K) -> QuerySet[K]:
    """The other rows of the same person or organization."""
    rows = type(row)._default_manager.filter(owner=row.owner_id, organization=row.organization_id)
    return rows.exclude(pk=row.pk) if row.pk else rows


def _kept(row: K, is_default: bool, others: QuerySet[K], code: str, actor: Actor) -> K:
    if is_default:
        others.filter(is_default=True).update(is_default=False)
    row.is_default = is_default
    row.save()
    _written(code, row, actor)
    return row


def _written(code: str, row: Kept, actor: Actor) -> None:
    # One's own is nobody's business; what a whole office works with is.
    if row.is_shared:
        audit.record(
            code, actor=actor, object_kind=str(row._meta.model_name), object_id=row.pk, organization=row.organization_id
        )
