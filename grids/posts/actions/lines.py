"""The district's lines of business, and who of a community has which (S1-09a)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.reference import bump_reference
from grids.models import Area
from grids.posts.lines import lines, people_of
from grids.posts.models import BusinessLine, LineAssignment
from grids.reference import areas_of

MOST, LENGTH = 20, 12
WRITERS = frozenset({"community_secretary"})


@transaction.atomic
def set_business_lines(names: Sequence[str], *, actor: Actor) -> list[BusinessLine]:
    """The lines of the district, in this order; one that is left out ends, and with it who had it.

    Raises ``NotAllowed``, ``Invalid`` (none, too many, too long, twice the same) at ``names``.
    """
    require_administrator(actor)
    wanted = [name.strip() for name in names if name.strip()]
    wrong = ""
    if not wanted or len(wanted) > MOST:
        wrong = _("请写 1 到 {most} 条，一行一条。").format(most=MOST)
    elif any(len(name) > LENGTH for name in wanted):
        wrong = _("每条最多 {length} 字。").format(length=LENGTH)
    elif len(set(wanted)) < len(wanted):
        wrong = _("有两条同名，请合成一条。")
    if wrong:
        raise Invalid("bad_lines", wrong, fields={"names": [wrong]})
    today = clock.today()
    known = {row.name: row for row in BusinessLine.objects.select_for_update().filter(ended_on=None)}
    gone = [row.pk for name, row in known.items() if name not in wanted]
    _end(LineAssignment.objects.filter(line_id__in=gone, until=None).values_list("pk", flat=True))
    BusinessLine.objects.filter(pk__in=gone).update(ended_on=today)
    for position, name in enumerate(wanted):
        if name in known:
            BusinessLine.objects.filter(pk=known[name].pk).update(position=position)
        else:
            BusinessLine.objects.create(name=name, position=position)
    audit.record("business_line.set", actor=actor, object_kind="business_line", count=len(wanted))
    bump_reference()
    return list(BusinessLine.objects.filter(ended_on=None).order_by("position"))


def require_line_writer(actor: Actor, community_id: int) -> None:
    """The community's own secretary. Raises ``NotAllowed``, and ``NotFound`` for another community's."""
    if actor.is_system:
        return
    if not actor.role_kinds & WRITERS:
        raise NotAllowed("secretary_only", _("条线由社区书记来分，您的岗位只能看。"))
    if community_id not in {area.id for area in areas_of(actor, WRITERS)}:
        raise NotFound("no_community", _("没有这个社区，或者不归您管。"))


@transaction.atomic
def set_line_matrix(
    community_id: int, owners: Mapping[int, Collection[int]], *, shared: Collection[int], actor: Actor
) -> None:
    """Who has which line from today. ``owners``: line → members; ``shared``: lines that are 兼管.

    Every line needs an owner or the mark 兼管; else nothing is saved and each missing one is named (社保 无负责人).
    What was before stays on record with its last day. Raises ``NotAllowed``, ``NotFound``, ``Invalid`` by line
    (``line_<id>``), ``DomainError`` ``no_lines`` where the district has none.
    """
    require_line_writer(actor, community_id)
    known = lines()
    if not known:
        raise DomainError("no_lines", _("区里还没有定条线，请区管理员先定。"))
    # Two who save at once would each end the other's rows: one waits for the other.
    Area.objects.select_for_update().get(pk=community_id)
    people = {holder.membership_id for holder in people_of(community_id)}
    wrong = {}
    wanted: set[tuple[int, int | None]] = set()
    for line in known:
        of_line = set(owners.get(line.pk, ()))
        if of_line - people:
            wrong[f"line_{line.pk}"] = [_("{line}：有人已不在本社区，请重选。").format(line=line.name)]
        elif of_line:
            wanted |= {(line.pk, member) for member in of_line}
        elif line.pk in shared:
            wanted.add((line.pk, None))
        else:
            wrong[f"line_{line.pk}"] = [_("{line} 无负责人").format(line=line.name)]
    if wrong:
        words = "；".join(sentence for sentences in wrong.values() for sentence in sentences)
        raise Invalid("line_without_owner", words, fields=wrong)
    open_rows = LineAssignment.objects.filter(community_id=community_id, until=None)
    before = {(line, member): pk for pk, line, member in open_rows.values_list("pk", "line_id", "membership_id")}
    _end([pk for key, pk in before.items() if key not in wanted])
    today = clock.today()
    LineAssignment.objects.bulk_create(
        LineAssignment(
            line_id=line, community_id=community_id, membership_id=member, since=today, set_by_id=actor.membership_id
        )
        for line, member in sorted(wanted - set(before), key=lambda each: (each[0], each[1] or 0))
    )
    audit.record(
        "line_matrix.set", actor=actor, object_kind="line_matrix", object_id=community_id, count=len(wanted),
        ended=len(set(before) - wanted),
    )  # fmt: skip


def _end(ids: Collection[int]) -> None:
    """Yesterday was the last day; what began today was never in force."""
    rows, today = LineAssignment.objects.filter(pk__in=list(ids)), clock.today()
    rows.filter(since__gte=today).delete()
    rows.update(until=today - timedelta(days=1))
