"""The street's dispatcher approves a change of grids, or refuses it. Approving is what changes the territory."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import ADVISERS, Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.reference import bump_reference
from grids.actions.areas import create_area, end_area, own_of, update_area
from grids.actions.buildings import move_buildings
from grids.actions.posts import ONE_SEAT, assign_post, create_post, end_assignment
from grids.area_codes import suggested_code
from grids.models import Area, AreaBorder, Building, PostAssignment
from grids.territory.actions.propose import REASON_LENGTH, check_reasons, lock_proposal, notify, told
from grids.territory.following import Moved, move_along
from grids.territory.judging import Judged, judge_merge, judge_split
from grids.territory.models import GridChange, GridChangePart
from grids.territory.policies import require_decider

_SYSTEM = Actor.system("grid-change")
"""What an approval brings about is done by the platform; who approved stands in the change and the audit."""


@transaction.atomic
def refuse_change(change: GridChange, *, reason: str, actor: Actor) -> GridChange:
    """Raises ``NotAllowed``, ``Invalid`` ``reason_missing`` and ``DomainError`` ``already_decided``."""
    require_decider(actor, change)
    found = lock_proposal(change)
    if not reason.strip():
        words = _("请写明为什么不同意，社区要知道。")
        raise Invalid("reason_missing", words, fields={"decision": [words]})
    _decide(found, GridChange.State.REFUSED, reason, actor)
    told("grid_change.refuse", found, actor)
    _tell_proposer(found, _("{grid}的{kind}没有同意").format(grid=found.grid.name, kind=found.get_kind_display()))
    return found


@transaction.atomic
def approve_change(change: GridChange, *, note: str = "", actor: Actor) -> GridChange:
    """Make the change: from today the buildings, and everything that hangs on them, belong to the new grids.

    The rules are in ADR 51. Raises ``NotAllowed``, ``DomainError``: ``already_decided``, ``changed_meanwhile`` where
    buildings or borders are no longer those that were proposed, and what a follower refuses (``following``).
    """
    require_decider(actor, change)
    Area.objects.select_for_update().get(pk=change.community_id)
    found = lock_proposal(change)
    grids = [found.grid] + ([found.target] if found.target else [])
    for grid in Area.objects.select_for_update().filter(pk__in=[row.pk for row in grids]).order_by("pk"):
        if grid.ended_on is not None:
            raise _changed_meanwhile(_("“{name}”已经停用").format(name=grid.name))
    borders = AreaBorder.objects.filter(area__in=grids)
    found.before = {str(row.area_id): row.geometry for row in borders}
    found.moved = _split(found, actor) if found.kind == GridChange.Kind.SPLIT else _merge(found, actor)
    _decide(found, GridChange.State.APPROVED, note, actor)
    bump_reference()
    told("grid_change.approve", found, actor, kind=str(found.kind), followed=sum(found.moved.values()))
    _tell_proposer(found, _("{grid}的{kind}已经生效").format(grid=found.grid.name, kind=found.get_kind_display()))
    return found


# ---------------------------------------------------------------- splitting
def _split(change: GridChange, actor: Actor) -> dict[str, int]:
    parts = list(GridChangePart.objects.filter(change=change).order_by("place"))
    choice = dict(change.buildings.values_list("building_id", "part__place"))
    judged = judge_split(change.grid, [part.name for part in parts], {pk: place - 1 for pk, place in choice.items()})
    _still_holds(judged, change)
    old, residents = change.grid, change.grid.resident_count
    total = sum(piece.households for piece in judged.pieces) or 1
    to: dict[int, Area] = {}
    for part, piece in zip(parts, judged.pieces, strict=True):
        share = round(residents * piece.households / total)
        if part.place == 1:
            area = old
            update_area(old, name=piece.name, household_count=piece.households, resident_count=share, actor=_SYSTEM)
        else:
            area = _found_grid(old, piece.name, piece.households, share)
            move_buildings([row.pk for row in piece.buildings], grid=area, actor=_SYSTEM)
            _put_in_post(old, area)
            to |= {row.pk: area for row in piece.buildings}
        _draw(area, piece.geometry, change.apart_reason if piece.name in judged.apart else "")
        part.area, part.geometry = area, piece.geometry
        part.save(update_fields=["area", "geometry"])
    bump_reference()
    return {"buildings": len(to), **move_along(Moved(old, to, None, actor))}


def _found_grid(old: Area, name: str, households: int, residents: int) -> Area:
    assert old.parent is not None
    taken = Area.objects.filter(parent_id=old.parent_id).values_list("code", flat=True)
    return create_area(
        old.parent, code=suggested_code(old.parent.code, taken), name=name, grid_kind=old.grid_kind,
        household_count=households, resident_count=residents, actor=_SYSTEM,
    )  # fmt: skip


# ---------------------------------------------------------------- merging
def _merge(change: GridChange, actor: Actor) -> dict[str, int]:
    old, target = change.grid, change.target
    assert target is not None
    judged = judge_merge(old, target)
    _still_holds(judged, change)
    buildings = list(Building.objects.filter(grid=old, ended_on=None).values_list("pk", flat=True))
    if buildings:
        move_buildings(buildings, grid=target, actor=_SYSTEM)
    (piece,) = judged.pieces
    _draw(target, piece.geometry, change.apart_reason if judged.apart else "")
    update_area(
        target, name=target.name, household_count=target.household_count + old.household_count,
        resident_count=target.resident_count + old.resident_count, actor=_SYSTEM,
    )  # fmt: skip
    # The people first: what is dispatched to the team should find whoever knows the place.
    people = _put_in_post(old, target)
    bump_reference()
    moved = {"buildings": len(buildings), "people": people}
    moved |= move_along(Moved(old, dict.fromkeys(buildings, target), target, actor))
    _leave_posts(old)
    end_area(old, on=clock.today(), actor=_SYSTEM)
    return moved


def _put_in_post(old: Area, new: Area) -> int:
    """Whoever works in the old grid works in the new one too, so that no household is without anybody (S1-09b).

    A leader's post, or one of ``ONE_SEAT``, is one person's: it is filled only where nobody holds it. An instructor's
    seat that the new grid lacks is made for who has the old one's.
    """
    own, team = own_of(old), own_of(new)
    if own is None or team is None:
        return 0
    day, count = clock.today(), 0
    posts = {post.kind: post for post in team.posts.filter(ended_on=None).order_by("-pk")}
    rows = _holding(own.pk, day).select_related("post", "membership").order_by("pk")
    for row in rows:
        post = posts.get(row.post.kind)
        if row.until is not None and row.until <= day:
            continue
        if post is None and row.post.kind in ADVISERS:
            post = create_post(team, kind=row.post.kind, name=row.post.name, is_leader=False, actor=_SYSTEM)
        if post is None:
            continue
        one_seat = post.is_leader or post.kind in ONE_SEAT
        held = PostAssignment.objects.filter(post=post).exclude(until__lt=day)
        if held.filter(membership=row.membership).exists() or (one_seat and held.exists()):
            continue
        assign_post(post, membership=row.membership, since=day, until=row.until, actor=_SYSTEM)
        count += 1
    return count


def _leave_posts(old: Area) -> None:
    """Yesterday was the last day: the grid ends today. Who only began today leaves no trace of a day."""
    own, day = own_of(old), clock.today()
    if own is None:
        return
    yesterday = day - timedelta(days=1)
    for row in PostAssignment.objects.filter(post__organization=own, post__ended_on=None).exclude(until__lt=day):
        if row.since > yesterday:
            row.delete()
        else:
            end_assignment(row, until=yesterday, actor=_SYSTEM)


def _holding(organization_id: int, day: Any) -> Any:
    return PostAssignment.objects.filter(
        post__organization_id=organization_id, post__ended_on=None, since__lte=day
    ).exclude(until__lt=day)


# ---------------------------------------------------------------- both
def _draw(area: Area, geometry: dict[str, Any] | None, apart_reason: str) -> None:
    if geometry is None:
        # Without a computed border the old one no longer says what belongs to the grid.
        AreaBorder.objects.filter(area=area).delete()
        return
    AreaBorder.objects.update_or_create(area=area, defaults={"geometry": geometry, "split_reason": apart_reason})


def _still_holds(judged: Judged, change: GridChange) -> None:
    """What was proposed is judged again: buildings may have come or gone since."""
    if judged.problems:
        raise _changed_meanwhile(" ".join(judged.problems))
    try:
        check_reasons(judged, change.reason, change.apart_reason)
    except Invalid as error:
        raise _changed_meanwhile(error.message) from None


def _changed_meanwhile(what: str) -> DomainError:
    words = _("提出以后情况变了：{what} 请社区撤回，重新提出。").format(what=what)
    return DomainError("changed_meanwhile", words)


def _decide(change: GridChange, state: str, words: str, actor: Actor) -> None:
    change.state, change.decided_at, change.decided_by_id = state, clock.now(), actor.membership_id
    change.decision = words.strip()[:REASON_LENGTH]
    change.save(update_fields=["state", "decided_at", "decided_by", "decision", "before", "moved"])


def _tell_proposer(change: GridChange, text: str) -> None:
    notify({change.proposed_by_id}, change, str(change.state), text)
