"""The demo's canvasses: one that runs, one that is over and whose answers are erased; through the real actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.canvasses.actions.answers import AnswerDetails, record_answer
from grids.canvasses.actions.canvasses import (
    CanvassDetails,
    FieldDetails,
    add_field,
    add_slot,
    draft_canvass,
    start_canvass,
)
from grids.canvasses.actions.erase import erase_early
from grids.households.models import Household

_ASKED, _CHECKED = 46, 30
_WORDS = ("腿脚不便，要人陪着去", "周末才有空", "要先问问家里人")


def load_demo_canvasses(community_id: int, rows: list[Household], rng: Random, worker: Actor, community: Actor) -> None:
    """``rows``: households of the worker's grid."""
    _vaccine(community_id, rng.sample(rows, min(_ASKED, len(rows))), rng, worker, community)
    _checked(community_id, rng.sample(rows, min(_CHECKED, len(rows))), rng, worker, community)


def _vaccine(community_id: int, rows: list[Household], rng: Random, worker: Actor, community: Actor) -> None:
    today = clock.today()
    details = CanvassDetails(
        title="冬季流感疫苗", purpose="算清楚要多少支、安排哪天来打，苗到人到。不愿意打的不勉强。",
        begins_on=today, ends_on=today + timedelta(days=21), keep_days=30, quota=120,
    )  # fmt: skip
    canvass = draft_canvass(community_id, details, actor=community)
    wanted = add_field(canvass, FieldDetails("家里有人要打流感疫苗吗", "yes_no"), actor=community)
    where = FieldDetails("去哪里打方便", "choice", ("社区卫生服务站", "上门打"), is_required=False)
    place = add_field(canvass, where, actor=community)
    words = add_field(canvass, FieldDetails("要帮什么忙", "words", is_required=False), actor=community)
    slots = [
        add_slot(canvass, _morning(days), "社区卫生服务站", capacity, actor=community)
        for days, capacity in ((8, 12), (9, 12), (15, 30))
    ]
    start_canvass(canvass, actor=community)
    left = {slot.pk: slot.capacity for slot in slots}
    for row in rows:
        met = rng.choices(("answered", "away", "declined"), (80, 15, 5))[0]
        if met != "answered":
            record_answer(canvass, row, AnswerDetails(met), actor=worker)
            continue
        wants = rng.random() < 0.55
        said: dict[int, object] = {wanted.pk: wants}
        seats, slot = 0, None
        if wants:
            said[place.pk] = int(rng.random() < 0.1)
            seats = rng.choice((1, 1, 2))
            slot = next((pk for pk, free in left.items() if free >= seats), None)
            if slot is not None:
                left[slot] -= seats
            if rng.random() < 0.25:
                said[words.pk] = rng.choice(_WORDS)
        record_answer(canvass, row, AnswerDetails(met, said, seats, slot), actor=worker)


def _morning(days: int) -> datetime:
    return clock.local(clock.now()).replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=days)


def _checked(community_id: int, rows: list[Household], rng: Random, worker: Actor, community: Actor) -> None:
    """Over and erased: what is left is numbers."""
    today = clock.today()
    details = CanvassDetails(
        title="楼道飞线充电", purpose="看看哪些楼要先装充电桩。", begins_on=today, ends_on=today, keep_days=7
    )
    canvass = draft_canvass(community_id, details, actor=community)
    field = add_field(canvass, FieldDetails("家里有没有电动车", "yes_no"), actor=community)
    start_canvass(canvass, actor=community)
    for row in rows:
        record_answer(canvass, row, AnswerDetails(values={field.pk: rng.random() < 0.6}), actor=worker)
    erase_early(canvass, actor=community)
