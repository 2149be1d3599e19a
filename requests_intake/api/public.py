"""The requester's side, without an account: report, follow, rate, withdraw, reopen.

The secret (the phone's last four digits, or the one-time code) stands in the body; an address ends up in logs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance.kernel.actors import Actor
from governance.kernel.api.writes import BoundedJSONParser, PublicView
from requests_intake.actions.desk import withdraw_ticket
from requests_intake.actions.follow import prove_follower
from requests_intake.actions.merge import rate_any
from requests_intake.actions.rate import reopen_ticket
from requests_intake.api import inputs
from requests_intake.api.serializers import MovedSerializer, ProgressSerializer, SubmittedSerializer
from requests_intake.api.views import submit_once
from requests_intake.models import Channel, Ticket

TAG = "居民（不需账号）"
V = TypeVar("V", bound=type["FollowerMoveView"])


class PublicReportView(PublicView):
    throttle_limit = "report"
    parser_classes = [BoundedJSONParser, MultiPartParser]
    input_class = inputs.PublicReportPhotosInput

    @extend_schema(
        operation_id="public_tickets_create",
        summary=_("居民报事"),
        tags=[TAG],
        request={"application/json": inputs.PublicReportInput, "multipart/form-data": inputs.PublicReportPhotosInput},
        responses={201: SubmittedSerializer},
    )
    def post(self, request: Request) -> Response:
        return submit_once(self, request, self.read(request), actor=Actor.public(), channel=Channel.WEB)


class FollowView(PublicView):
    """Reading, but by POST: the proof must not stand in an address. Nothing is written, so nothing is kept of it."""

    input_class = inputs.FollowInput
    is_write = False
    throttle_limit = "track"

    @extend_schema(
        operation_id="public_tickets_follow",
        summary=_("查进度"),
        tags=[TAG],
        request=inputs.FollowInput,
        responses=ProgressSerializer,
    )
    def post(self, request: Request, number: str) -> Response:
        actor = prove_follower(number, self.read(request)["secret"])
        ticket = Ticket.objects.prefetch_related("work_orders").get(pk=actor.ticket_id)
        return Response(ProgressSerializer(ticket, context={"actor": actor}).data)


class FollowerMoveView(PublicView):
    """A move of the requester. The proof is asked each time, also for a repetition."""

    throttle_limit = "track"

    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        raise NotImplementedError

    def post(self, request: Request, number: str) -> Response:
        data = self.read(request)
        # Outside the savepoint of the write: a wrong secret must stay counted.
        actor = prove_follower(number, data.pop("secret"))
        ticket = Ticket.objects.get(pk=actor.ticket_id)
        return self.answer_once(
            request,
            principal=f"requester:{actor.ticket_id}",
            body=data,
            act=lambda: MovedSerializer(self.perform(ticket, actor=actor, **data)).data,
        )


def endpoint(name: str, summary: Any, body: type[inputs.FollowInput]) -> Callable[[V], V]:
    """Says which body a view takes and what it is called."""

    def decorate(view: V) -> V:
        view.input_class = body
        documented = extend_schema(
            operation_id=f"public_tickets_{name}", summary=summary, tags=[TAG], request=body, responses=MovedSerializer
        )
        return extend_schema_view(post=documented)(view)

    return decorate


@endpoint("rate", _("评价"), inputs.RateInput)
class RateView(FollowerMoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return rate_any(ticket, actor=actor, face=data["face"], comment=data["comment"])


@endpoint("withdraw", _("撤回"), inputs.FollowNoteInput)
class WithdrawView(FollowerMoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return withdraw_ticket(ticket, actor=actor, note=data["note"])


@endpoint("reopen", _("要求重新办理"), inputs.FollowNeededNoteInput)
class PublicReopenView(FollowerMoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return reopen_ticket(ticket, actor=actor, note=data["note"])
