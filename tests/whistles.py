"""Whistles as tests need them: blown by the first street for water and urban management."""

from __future__ import annotations

from typing import Any

from requests_intake.actions.evaluation import Scores, evaluate_target
from requests_intake.actions.whistle import Call, blow_now, close_whistle
from requests_intake.actions.whistle_respond import accept_whistle, handle_whistle, report_in
from requests_intake.models import Whistle, WhistleTarget
from tests.world import World


def call(world: World, **changes: Any) -> Call:
    words: dict[str, Any] = {
        "kind": "daily", "summary": "路面塌了一块，水管在漏，请两家到现场。", "place": "文化路 12 号门前",
        "organizations": [world.water.pk, world.urban.pk], "lead": world.water.pk,
    }  # fmt: skip
    return Call(**{**words, **changes})


def blown(world: World, **changes: Any) -> Whistle:
    return blow_now(call(world, **changes), actor=world.dispatcher)


def target(whistle: Whistle, organization: Any) -> WhistleTarget:
    return WhistleTarget.objects.get(whistle=whistle, organization=organization)


def handled(world: World, **changes: Any) -> Whistle:
    """Water alone came and has done it."""
    whistle = blown(world, **{"organizations": [world.water.pk], **changes})
    row = target(whistle, world.water)
    accept_whistle(row, actor=world.handler)
    report_in(row, actor=world.handler)
    handle_whistle(row, note="关了阀门，换了水管。", actor=world.handler)
    return Whistle.objects.get(pk=whistle.pk)


def closed(world: World, score: int = 4, **changes: Any) -> Whistle:
    whistle = handled(world, **changes)
    scores = Scores(score, score, score)
    evaluate_target(target(whistle, world.water), scores=scores, actor=world.dispatcher)
    return close_whistle(whistle, actor=world.dispatcher)
