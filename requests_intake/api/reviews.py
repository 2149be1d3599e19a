"""Endpoints of a leader's review: once more, one level up, unreasonable or not."""

from __future__ import annotations

from typing import Any

from governance.kernel.actors import Actor
from requests_intake.actions import review
from requests_intake.api import inputs
from requests_intake.api.moves import MoveView, endpoint
from requests_intake.models import Ticket


@endpoint("order_again", inputs.NeededNoteInput)
class OrderAgainView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return review.order_again(ticket, actor=actor, note=data["note"])


@endpoint("review_up", inputs.NeededNoteInput)
class ReviewUpView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return review.review_up(ticket, actor=actor, note=data["note"])


@endpoint("ask_unreasonable", inputs.NeededNoteInput)
class AskUnreasonableView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return review.ask_unreasonable(ticket, actor=actor, note=data["note"])


@endpoint("judge_unreasonable", inputs.JudgeInput)
class JudgeUnreasonableView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return review.judge_unreasonable(ticket, actor=actor, granted=data["granted"], note=data["note"])
