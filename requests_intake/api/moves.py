"""One endpoint for each move of staff on a ticket. Each parses its body and calls one action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.parsers import MultiPartParser

from governance.kernel.actors import Actor
from governance.kernel.api.writes import BoundedJSONParser
from governance.kernel.storage import store_photos
from grids.api.acts import ActView
from requests_intake import workflow
from requests_intake.actions import accept, desk, dispatch, escalate, field_limits, handle, rate, resolve, verify
from requests_intake.api import inputs
from requests_intake.api.serializers import MovedSerializer
from requests_intake.models import Ticket
from requests_intake.policies import find_visible

V = TypeVar("V", bound=type["MoveView"])


class MoveView(ActView):
    """A move of a ticket (404 outside the caller's rows)."""

    def find(self, actor: Actor, *, number: str) -> Ticket:
        return find_visible(actor, number)

    def act(self, row: Ticket, said: dict[str, Any], actor: Actor) -> Ticket:
        given = dict(said)
        if "photos" in given:
            given["photos"] = store_photos(given["photos"])
        return self.perform(row, actor=actor, **given)

    def answer(self, done: Ticket) -> dict[str, Any]:
        return dict(MovedSerializer(done).data)

    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        raise NotImplementedError


def endpoint(
    move: str, body: type[inputs.StrictSerializer], *, photos: type[inputs.StrictSerializer] | None = None
) -> Callable[[V], V]:
    """Says which body a move's view takes; with ``photos`` a multipart form may bring some."""

    def decorate(view: V) -> V:
        view.input_class = photos or body
        view.parser_classes = [BoundedJSONParser, MultiPartParser] if photos else [BoundedJSONParser]
        request: Any = {"application/json": body, "multipart/form-data": photos} if photos else body
        documented = extend_schema(
            operation_id=f"ticket_{move}",
            summary=_(workflow.MOVES[move].label),
            tags=["办理"],
            request=request,
            responses=MovedSerializer,
        )
        return extend_schema_view(post=documented)(view)

    return decorate


@endpoint("accept", inputs.NoteInput)
class AcceptView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return accept.accept_ticket(ticket, actor=actor, note=data["note"])


@endpoint("reject", inputs.RejectInput)
class RejectView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return desk.reject_ticket(ticket, actor=actor, reason=data["reason"], note=data["note"])


@endpoint("dispatch", inputs.DispatchInput)
class DispatchView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return dispatch.dispatch_ticket(ticket, actor=actor, organization_id=data["organization"], note=data["note"])


@endpoint("sign", inputs.EmptyInput)
class SignView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return handle.sign_order(ticket, actor=actor)


@endpoint("contact", inputs.NoteInput)
class ContactView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return handle.contact_requester(ticket, actor=actor, note=data["note"])


@endpoint("arrive", inputs.FieldNoteInput)
class ArriveView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return field_limits.arrive(ticket, actor=actor, note=data["note"], at=data["at"])


@endpoint("control_danger", inputs.NeededFieldNoteInput)
class ControlDangerView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return field_limits.control_danger(ticket, actor=actor, note=data["note"], at=data["at"])


@endpoint("report_danger", inputs.NeededFieldNoteInput)
class ReportDangerView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return field_limits.report_danger(ticket, actor=actor, note=data["note"], at=data["at"])


@endpoint("tell_plan", inputs.NeededFieldNoteInput)
class TellPlanView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return field_limits.tell_plan(ticket, actor=actor, note=data["note"], at=data["at"])


@endpoint("assign", inputs.AssignInput)
class AssignView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return handle.assign_order(ticket, actor=actor, membership_id=data["assignee"], note=data["note"])


@endpoint("escalate", inputs.NeededNoteInput)
class EscalateView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return escalate.escalate_ticket(ticket, actor=actor, note=data["note"])


@endpoint("resolve", inputs.ReplyInput, photos=inputs.ReplyPhotosInput)
class ResolveView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return resolve.resolve_ticket(ticket, actor=actor, reply=data["reply"], photos=data["photos"])


@endpoint("solve_on_site", inputs.ReplyInput, photos=inputs.ReplyPhotosInput)
class SolveOnSiteView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return resolve.solve_on_site(ticket, actor=actor, reply=data["reply"], photos=data["photos"])


@endpoint("verify", inputs.NoteInput, photos=inputs.PhotosNoteInput)
class VerifyView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return verify.verify_ticket(ticket, passed=True, actor=actor, note=data["note"], photos=data["photos"])


@endpoint("rework", inputs.NeededNoteInput, photos=inputs.PhotosNeededNoteInput)
class ReworkView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return verify.verify_ticket(ticket, passed=False, actor=actor, note=data["note"], photos=data["photos"])


@endpoint("return_visit", inputs.ReturnVisitInput)
class ReturnVisitView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return rate.record_return_visit(ticket, actor=actor, **data)


@endpoint("close", inputs.CloseInput)
class CloseView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return rate.close_ticket(ticket, actor=actor, reason=data["reason"], note=data["note"])


@endpoint("reopen", inputs.NeededNoteInput)
class ReopenView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return rate.reopen_ticket(ticket, actor=actor, note=data["note"])


@endpoint("relocate", inputs.PlaceInput)
class RelocateView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return desk.relocate_ticket(ticket, actor=actor, **inputs.place_of(data))


@endpoint("classify", inputs.ClassifyInput)
class ClassifyView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return desk.classify_ticket(
            ticket, actor=actor, category_code=data["category"], urgency=data["urgency"], note=data["note"]
        )


@endpoint("archive", inputs.EmptyInput)
class ArchiveView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return desk.archive_ticket(ticket, actor=actor)
