"""核查: somebody looks whether it is really fixed. Not fixed means rework, on the old clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from governance.kernel.actors import Actor
from governance.kernel.storage import StoredImage
from requests_intake import sla
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.follow_up import require_other_eyes
from requests_intake.actions.resolve import pass_on
from requests_intake.actions.submit import attach_photos
from requests_intake.models import Attachment, Clock, ClockKind, Ticket, Verification
from requests_intake.restricted import check_work_photo


@savepoint
def verify_ticket(
    ticket: Ticket,
    *,
    passed: bool,
    actor: Actor,
    note: str = "",
    photos: Sequence[StoredImage] = (),
    at: datetime | None = None,
    tell: bool = True,
) -> Ticket:
    """Record what was found on site. Passed: the requester is asked. Not: the handler goes on against the old deadline.

    Time spent between reporting done and the failed check counts as not resolved (SLA D.1, D.9): clocks run on, and
    the lamp is again what had been lit before. Raises ``NotAllowed`` ``own_work`` for who reported it done.
    """
    move = "verify" if passed else "rework"
    with making(move, ticket, actor=actor, at=at, tell=tell) as (handling, mover):
        require_other_eyes(handling.ticket, actor)
        check_work_photo(photos, tell=tell)
        found, order = handling.ticket, handling.order
        mover.move(move, found, order, note=note)
        assert order is not None
        if actor.membership_id is not None:
            Verification.objects.create(
                ticket=found, work_order=order, passed=passed, verifier_id=actor.membership_id, at=mover.at
            )
        attach_photos(found, photos, Attachment.Purpose.VERIFICATION, actor.membership_id, mover.at)
        if passed:
            pass_on(mover, handling, waived=False)
        else:
            order.resolved_at = found.resolved_at = None
            order.rework_count += 1
            found.rework_count += 1
            promise = [row for row in handling.of_ticket() if row.kind == ClockKind.PROMISE]
            running = [*handling.of_order(ClockKind.RESOLVE), *promise]
            mover.resume(running)
            found.lamp = _lit(running)
        return found


def _lit(clocks: Sequence[Clock]) -> str:
    """The lamp that stages fired before lit: reporting done had put it out."""
    fired = {stage for row in clocks for stage, _at in row.schedule[: row.stage_index]}
    return "over" if sla.Stage.DUE in fired else "soon" if sla.Stage.SOON in fired else ""
