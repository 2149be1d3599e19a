"""What the phone says of patrols: the card of the home page, a patrol in a list, its points."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.kernel import clock, features
from governance.kernel.actors import Actor
from governance.kernel.keyed import new_key
from grids.patrols.models import Patrol
from grids.patrols.points import PATROL_POINTS
from grids.patrols.queries import Now, crew_words, name_of, patrols_now, shift_name
from grids.patrols.shifts import Shift
from grids.reference import territory

KINDS = {"finished": "done", "running": "doing", "unfinished": "hold"}
"""Kind of pill by state."""


def home_card(actor: Actor) -> dict[str, Any] | None:
    """The running patrol with its button, or the shift that is due; None for who walks no grid."""
    found = patrols_now(actor)
    if found.grid_id is None:
        return None
    return {
        "running": running_card(found.running) if found.running else None,
        "due": due_card(found.due) if found.due and not found.running else None,
        "note": _note(found),
        "left_open": _left_open(found.left_open),
        "url": reverse("patrols_phone:index"),
    }


def running_card(row: Patrol) -> dict[str, Any]:
    crew = crew_words(row.crew.all())
    return {
        "name": name_of(row),
        "since": f"{clock.local(row.started_at):%H:%M}",
        "note": "·".join(
            part for part in (crew, _("报了 {count} 件").format(count=row.find_count) if row.find_count else "") if part
        ),
        "url": reverse("patrols_phone:patrol", args=[row.client_id]),
        "finish_url": reverse("patrols_phone:finish", args=[row.client_id]),
        "key": new_key(),
    }


def due_card(shift: Shift) -> dict[str, Any]:
    # Made here, or on the phone where it has no network: whoever makes it, it names the patrol from then on.
    name = uuid4()
    return {
        "name": _("{shift}巡查").format(shift=shift_name(shift.code)),
        "grid_id": shift.grid_id,
        "grid": territory().area_name(shift.grid_id),
        "until": f"{shift.closes_at:%H:%M}",
        "start_url": reverse("patrols_phone:start", args=[name]),
        "key": new_key(),
        "finish_url": reverse("patrols_phone:finish", args=[name]),
        "finish_key": new_key(),
    }


def _note(found: Now) -> str:
    if found.running:
        return ""
    if found.next and not found.due:
        words = _("{shift}巡查 {time} 起，今天 {done}/{planned}")
        return words.format(
            shift=shift_name(found.next.code), time=f"{found.next.opens_at:%H:%M}", done=found.done,
            planned=found.planned,
        )  # fmt: skip
    if found.planned:
        return _("今天 {done}/{planned} 个班次").format(done=found.done, planned=found.planned)
    return _("今天没有排巡查")


def _left_open(row: Patrol | None) -> str:
    if row is None:
        return ""
    words = _("{day}的{name}没有按结束，记为“未结束”，不算巡完。")
    return words.format(day=f"{row.day.month}月{row.day.day}日", name=name_of(row))


def line(row: Patrol, names: dict[int, str] | None = None) -> dict[str, Any]:
    """A patrol in a list; needs the crew. ``names``: who walked, at the desk."""
    start = clock.local(row.started_at)
    times = f"{start:%H:%M}" + (f"–{clock.local(row.ended_at):%H:%M}" if row.ended_at else "")
    return {
        "client_id": row.client_id,
        "name": name_of(row),
        "day": row.day,
        "times": times,
        "grid": territory().area_name(row.grid_id),
        "state": row.get_state_display(),
        "kind": KINDS.get(row.state, "hold"),
        "result": row.get_result_display() if row.result else "",
        "finds": row.find_count,
        "crew": crew_words(row.crew.all()),
        "walker": (names or {}).get(row.walker_id, ""),
    }


def points_of(row: Patrol) -> list[dict[str, Any]]:
    """The points of the safety plan it belongs to, where the district has them; two statements, none without a plan."""
    if row.plan_id is None or row.plan is None or not features.is_on(PATROL_POINTS):
        return []
    seen = dict(row.checks.values_list("point_id", "at"))
    return [
        {
            "title": point.title,
            "at": f"{clock.local(seen[point.pk]):%H:%M}" if point.pk in seen else "",
            "url": reverse("patrols_phone:point", args=[row.client_id, point.pk]),
            "key": new_key(),
        }
        for point in row.plan.points.order_by("position", "pk")
    ]
