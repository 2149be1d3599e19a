"""Who may make a move, in words: what somebody reads who may not (``workflow.ALLOWED``)."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.errors import NotAllowed
from grids.models import PostKind
from requests_intake import workflow

_LEVELS = (
    ({"grid_worker", "grid_leader"}, gettext_lazy("网格")),
    ({"community_secretary", "community_staff"}, gettext_lazy("社区")),
    ({"street_dispatcher", "street_leader"}, gettext_lazy("街道")),
    ({"department_handler", "department_leader"}, gettext_lazy("部门")),
    ({"district_dispatcher"}, gettext_lazy("区调度台")),
)
_BESIDE = ("return_visitor", "supervisor", "district_official", "network_liaison")
"""Posts that belong to no level of the way up."""


def refusal(move: str, *, is_letter: bool = False) -> NotAllowed:
    """The error for somebody whose post does not give them the move, with whose it is."""
    sentence = _("您的岗位不能对这件诉求“{move}”").format(move=workflow.MOVES[move].label)
    if is_letter and move not in workflow.LETTER_MOVES:
        why = _("来信由收信的社区书记来办")
    else:
        whom = whose(move)
        why = _("{whom}可以").format(whom=whom) if whom else _("这一步由系统来做")
    return NotAllowed("not_allowed", f"{sentence}，{why}。", move=move)


def whose(move: str) -> str:
    """Whose a move is; "" where only the product makes it."""
    kinds: dict[str, set[str]] = {}
    for kind, relation in workflow.ALLOWED[move]:
        if kind != workflow.REPORT_DESK:
            kinds.setdefault(relation, set()).add(kind)
    found = []
    if handling := kinds.get(workflow.HANDLES):
        every_level = all(level & handling == level for level, _name in _LEVELS)
        found.append(_("承办单位") if every_level else _("承办的{posts}").format(posts=_posts(handling)))
    if workflow.ASSISTS in kinds:
        found.append(_("协办单位"))
    if covering := kinds.get(workflow.COVERS):
        found.append(_("管这片的{posts}").format(posts=_posts(covering)))
    if workflow.DECIDES in kinds:
        found.append(_("答复申请的{posts}").format(posts=_posts(kinds[workflow.DECIDES])))
    if workflow.ADDRESSED in kinds:
        found.append(_("收信的社区书记"))
    if workflow.AUTHOR in kinds:
        found.append(_("写信人"))
    if workflow.REQUESTER in kinds:
        found.append(_("反映的居民"))
    return _("，或者").join(found)


def _posts(kinds: Collection[str]) -> str:
    """A level that has it by each of its posts is named as a level; else the post is named."""
    names: list[str] = []
    for level, name in _LEVELS:
        having = sorted(level & set(kinds))
        names += [str(name)] if len(having) == len(level) else [_post(kind) for kind in having]
    return "、".join([*names, *(_post(kind) for kind in _BESIDE if kind in kinds)])


def _post(kind: str) -> str:
    return str(PostKind(kind).label)
