"""连续登记 (S2-05): one of several short notes, each a matter of its own. The page and programs call it."""

from __future__ import annotations

from governance.kernel import audit
from governance.kernel.actors import Actor
from requests_intake.actions.context import savepoint
from requests_intake.actions.submit import Report, Submitted, submit_ticket


@savepoint
def record_note(report: Report, *, has_consented: bool, actor: Actor) -> Submitted:
    """Record it; that the person agreed to be written down is audited. Raises what ``submit_ticket`` raises."""
    submitted = submit_ticket(report, actor=actor)
    if has_consented:
        audit.record("consent_on_behalf", actor=actor, object_kind="ticket", object_id=submitted.ticket.pk)
    return submitted
