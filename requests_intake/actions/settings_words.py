"""Categories, their questions, and the sentences people tap: words a district chooses for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.reference import bump_reference
from grids.models import Level, Organization
from requests_intake import routing
from requests_intake.models import Category, ReplyPhrase, Urgency
from requests_intake.phrases import PHRASES

LIMIT_CLASSES = ("normal", "minor", "complex")
MOST_QUESTIONS = 5
MOST_PHRASES = 8
_LONGEST = 60


@dataclass(frozen=True)
class CategoryRules:
    """What a category of the second level says; ``departments``: kinds, the first one usually handles it."""

    name: str
    urgency: str = "normal"
    limit_class: str = "normal"
    start_level: str = "grid"
    departments: tuple[str, ...] = ()
    is_safety: bool = False
    is_active: bool = True
    keywords: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


def department_kinds() -> dict[str, str]:
    """Kinds of department the district has, with the name of one of them."""
    rows = Organization.objects.filter(ended_on=None).exclude(department_kind="").order_by("-pk")
    return dict(rows.values_list("department_kind", "name"))


@transaction.atomic
def change_category(category: Category, wanted: CategoryRules, *, actor: Actor) -> Category:
    """Tickets recorded from now on follow it; those recorded before keep their promise and organization.

    Raises ``NotAllowed`` and ``Invalid`` with the sentences by field.
    """
    require_administrator(actor)
    if category.parent_id is None:
        raise Invalid("top_category", _("一级分类只用来归类，不能改规则。"))
    found = Category.objects.select_for_update().get(pk=category.pk)
    _fill(found, wanted)
    found.save()
    _told("settings.category_change", found, actor)
    return found


@transaction.atomic
def add_category(parent: Category, wanted: CategoryRules, *, actor: Actor) -> Category:
    """A new category below one of the first level, with the next free code. Raises as ``change_category``."""
    require_administrator(actor)
    if parent.parent_id is not None:
        raise Invalid("no_top_category", _("新的分类要放在一级分类下面。"), fields={"parent": [_("请选一级分类。")]})
    # The parent's row is the lock: two categories must not take the same code.
    Category.objects.select_for_update().get(pk=parent.pk)
    taken = set(Category.objects.filter(parent=parent).values_list("code", flat=True))
    code = next((code for n in range(1, 100) if (code := f"{parent.code}{n:02d}") not in taken), None)
    if code is None:
        raise DomainError("category_full", _("这个一级分类下已经有 99 个，放不下了。"))
    made = Category(code=code, parent=parent)
    _fill(made, wanted)
    made.save()
    _told("settings.category_add", made, actor)
    return made


def _fill(row: Category, wanted: CategoryRules) -> None:
    fields: dict[str, list[str]] = {}
    name = wanted.name.strip()
    if not name:
        fields["name"] = [_("请填名称。")]
    elif Category.objects.filter(parent_id=row.parent_id, name=name).exclude(pk=row.pk).exists():
        fields["name"] = [_("同一个一级分类下已经有这个名称。")]
    if wanted.urgency not in Urgency.values:
        fields["urgency"] = [_("没有这个紧急程度。")]
    if wanted.limit_class not in LIMIT_CLASSES:
        fields["limit_class"] = [_("没有这个时限等级。")]
    if wanted.start_level not in routing.LEVELS or wanted.start_level == Level.DEPARTMENT:
        fields["start_level"] = [_("没有这个层级。")]
    unknown = [kind for kind in wanted.departments if kind not in department_kinds() and kind not in row.departments]
    if unknown:
        fields["departments"] = [_("本区没有这类部门：{kinds}。").format(kinds="、".join(unknown))]
    if any(len(word) < 2 for word in wanted.keywords):
        fields["keywords"] = [_("关键词至少两个字，一个字会认错太多。")]
    if len(wanted.questions) > MOST_QUESTIONS or any(len(text) > _LONGEST for text in wanted.questions):
        fields["questions"] = [_("最多 {n} 句，每句不超过 {long} 字。").format(n=MOST_QUESTIONS, long=_LONGEST)]
    if fields:
        raise Invalid("category_invalid", _("请检查填写的内容。"), fields=fields)
    # 疑难 is read off the urgency of a ticket: chosen as the class of limits alone it would do nothing.
    is_complex = wanted.limit_class == "complex" and wanted.urgency == Urgency.NORMAL
    row.name, row.urgency = name, Urgency.COMPLEX.value if is_complex else wanted.urgency
    row.limit_class, row.start_level = wanted.limit_class, wanted.start_level
    row.departments, row.keywords, row.questions = [*wanted.departments], [*wanted.keywords], [*wanted.questions]
    row.is_safety, row.is_active = wanted.is_safety, wanted.is_active


def _told(action: str, row: Category, actor: Actor) -> None:
    audit.record(action, actor=actor, object_kind="category", object_id=row.pk, code=row.code, is_active=row.is_active)
    bump_reference()


@transaction.atomic
def set_phrases(wanted: Mapping[str, Sequence[str]], *, actor: Actor) -> None:
    """The sentences each move offers, in order; a move with none offers the usual ones again.

    Raises ``NotAllowed`` and ``Invalid`` with the move as the field.
    """
    require_administrator(actor)
    fields: dict[str, list[str]] = {}
    for move, texts in wanted.items():
        if move not in PHRASES:
            raise Invalid("no_such_move", _("这一步没有常用语。"))
        if len(set(texts)) != len(texts):
            fields[move] = [_("有一句写了两遍。")]
        elif len(texts) > MOST_PHRASES or any(len(text) > _LONGEST for text in texts):
            fields[move] = [_("最多 {n} 句，每句不超过 {long} 字。").format(n=MOST_PHRASES, long=_LONGEST)]
    if fields:
        raise Invalid("phrases_invalid", _("请检查填写的内容。"), fields=fields)
    ReplyPhrase.objects.filter(move__in=list(wanted)).delete()
    ReplyPhrase.objects.bulk_create(
        ReplyPhrase(move=move, text=text, position=position)
        for move, texts in wanted.items()
        for position, text in enumerate(texts)
    )
    audit.record("settings.phrases", actor=actor, counts={move: len(texts) for move, texts in wanted.items()})
    bump_reference()
