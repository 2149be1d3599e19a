"""请人帮忙 for programs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from governance.kernel.api.writes import IdField
from requests_intake.actions.helpers import call_helper
from requests_intake.api import inputs
from requests_intake.api.moves import MoveView, endpoint
from requests_intake.models import Ticket


class HelperInput(inputs.NoteInput):
    force = IdField(help_text=gettext_lazy("力量编号，见 /forces/"))


@endpoint("call_helper", HelperInput)
class CallHelperView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return call_helper(ticket, actor=actor, force_id=data["force"], note=data["note"])
