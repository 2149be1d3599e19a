"""Endpoints of the discipline of work orders: several hands, applications and their answers, pressure from above."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from governance.kernel.actors import Actor
from governance.kernel.api.writes import IdField
from governance.kernel.errors import Invalid
from requests_intake import sla
from requests_intake.actions import applications, circulars, co_handlers, decisions, handle, holding, press
from requests_intake.api import inputs
from requests_intake.api.moves import MoveView, endpoint
from requests_intake.forms.press import draft_of, published_of
from requests_intake.models import Application, Ticket
from requests_intake.sla.discipline import REASONS
from requests_intake.standing import GRANTS, Standing, standing_of


def _told() -> serializers.CharField:
    return serializers.CharField(max_length=500, help_text=gettext_lazy("告诉居民的话，同意以后居民会看到"))


def _reason(kind: str) -> serializers.ChoiceField:
    return serializers.ChoiceField(list(REASONS[kind].items()), help_text=gettext_lazy("原因"))


class HandlerInput(inputs.NoteInput):
    organization = IdField(help_text=gettext_lazy("单位编号，见 /organizations/"))


class NeededHandlerInput(inputs.NeededNoteInput):
    organization = IdField(help_text=gettext_lazy("单位编号，见 /organizations/"))


class AskReturnInput(inputs.NeededNoteInput):
    reason = _reason("return")
    clause = serializers.CharField(max_length=120, help_text=gettext_lazy("职责清单条款"))
    suggested = IdField(help_text=gettext_lazy("应当承办的单位编号，见 /organizations/"))


class AskExtensionInput(inputs.NeededNoteInput):
    reason = _reason("extension")
    limit = serializers.IntegerField(min_value=1, max_value=999, help_text=gettext_lazy("延长多少"))
    unit = serializers.ChoiceField(
        [("work_day", "个工作日"), ("work_hour", "个工作小时"), ("cal_hour", "小时")],
        required=False, default="work_day", help_text=gettext_lazy("延长多少的单位"),
    )  # fmt: skip
    told = _told()
    interim = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=200,
        help_text=gettext_lazy("延期这段时间的临时措施，居民会看到；紧急事项必填"),
    )  # fmt: skip


class AskPauseInput(inputs.NeededNoteInput):
    reason = _reason("pause")
    until = serializers.DateTimeField(help_text=gettext_lazy("预计恢复的时间"))
    attempts = serializers.ListField(
        child=serializers.DateTimeField(), required=False, default=list, max_length=10,
        help_text=gettext_lazy("进不了门时，每次上门的时间，至少两次"),
    )  # fmt: skip
    told = _told()


class AskSuspensionInput(inputs.NeededNoteInput):
    reason = _reason("suspension")
    until = serializers.DateTimeField(help_text=gettext_lazy("目标日期"))
    responsible = IdField(help_text=gettext_lazy("责任领导的成员编号"))
    told = _told()


class GrantReturnInput(inputs.NoteInput):
    organization = IdField(
        required=False, allow_null=True, default=None, help_text=gettext_lazy("接下来承办的单位；不填则按申请里建议的")
    )


class KindInput(inputs.NoteInput):
    kind = serializers.ChoiceField(Application.Kind.choices, help_text=gettext_lazy("哪一种申请"))


class NeededKindInput(inputs.NeededNoteInput):
    kind = serializers.ChoiceField(Application.Kind.choices, help_text=gettext_lazy("哪一种申请"))


class DisciplineView(MoveView):
    """A move about what is open beside the state; first the right, then whether the state allows it."""

    name: str

    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        standing = standing_of(ticket)
        standing.require(self.name, actor)
        standing.require_state(self.name, actor)
        return self.make(ticket, standing, actor=actor, **data)

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        raise NotImplementedError

    def application(self, standing: Standing, kind: str) -> Application:
        found = next((row for row in standing.applications if row.kind == kind), None)
        if found is None:
            message = _("没有等着答复的{kind}申请。").format(kind=Application.Kind(kind).label)
            raise Invalid("no_application", message, fields={"kind": [message]})
        return found


@endpoint("claim", inputs.EmptyInput)
class ClaimView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return handle.claim_order(ticket, actor=actor)


@endpoint("give_back", inputs.NoteInput)
class GiveBackView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return handle.give_back_order(ticket, actor=actor, note=data["note"])


@endpoint("delegate_down", NeededHandlerInput)
class DelegateDownView(DisciplineView):
    name = "delegate_down"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        return co_handlers.delegate_down(ticket, actor=actor, organization_id=data["organization"], note=data["note"])


@endpoint("add_handler", HandlerInput)
class AddHandlerView(DisciplineView):
    name = "add_handler"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        return co_handlers.add_handler(ticket, actor=actor, organization_id=data["organization"], note=data["note"])


@endpoint("cancel_handler", NeededHandlerInput)
class CancelHandlerView(DisciplineView):
    name = "cancel_handler"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        return co_handlers.cancel_handler(ticket, actor=actor, organization_id=data["organization"], note=data["note"])


@endpoint("co_resolve", inputs.NeededNoteInput)
class CoResolveView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return co_handlers.resolve_co_order(ticket, actor=actor, note=data["note"])


@endpoint("ask_return", AskReturnInput)
class AskReturnView(DisciplineView):
    name = "ask_return"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        suggested = data.pop("suggested")
        return applications.ask_return(ticket, actor=actor, suggested_id=suggested, **data).ticket


@endpoint("ask_extension", AskExtensionInput)
class AskExtensionView(DisciplineView):
    name = "ask_extension"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        limit = sla.Limit(data.pop("limit"), sla.Unit(data.pop("unit")))
        return applications.ask_extension(ticket, actor=actor, limit=limit, **data).ticket


@endpoint("ask_pause", AskPauseInput)
class AskPauseView(DisciplineView):
    name = "ask_pause"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        return applications.ask_pause(ticket, actor=actor, **data).ticket


@endpoint("ask_suspension", AskSuspensionInput)
class AskSuspensionView(DisciplineView):
    name = "ask_suspension"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        leader = data.pop("responsible")
        return applications.ask_suspension(ticket, actor=actor, responsible_id=leader, **data).ticket


@endpoint("take_back", KindInput)
class TakeBackView(DisciplineView):
    name = "take_back"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        row = self.application(standing, data["kind"])
        return applications.take_back_application(row, actor=actor, note=data["note"]).ticket


class _GrantView(DisciplineView):
    """An answer names its kind by its address."""

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        row = self.application(standing, GRANTS[self.name])
        action: Any = decisions.GRANTS[GRANTS[self.name]]
        moved: Ticket = action(row, actor=actor, note=data["note"])
        return moved


@endpoint("grant_return", GrantReturnInput)
class GrantReturnView(DisciplineView):
    name = "grant_return"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        row = self.application(standing, Application.Kind.RETURN)
        return decisions.grant_return(row, actor=actor, organization_id=data["organization"], note=data["note"])


@endpoint("grant_extension", inputs.NoteInput)
class GrantExtensionView(_GrantView):
    name = "grant_extension"


@endpoint("grant_pause", inputs.NoteInput)
class GrantPauseView(_GrantView):
    name = "grant_pause"


@endpoint("grant_suspension", inputs.NoteInput)
class GrantSuspensionView(_GrantView):
    name = "grant_suspension"


@endpoint("refuse", NeededKindInput)
class RefuseView(DisciplineView):
    name = "refuse"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        return decisions.refuse_application(self.application(standing, data["kind"]), actor=actor, note=data["note"])


@endpoint("resume", inputs.NoteInput)
class ResumeView(DisciplineView):
    name = "resume"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        return holding.resume_order(ticket, actor=actor, note=data["note"])


@endpoint("review_suspension", inputs.NeededNoteInput)
class ReviewSuspensionView(DisciplineView):
    name = "review_suspension"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        return holding.review_suspension(ticket, actor=actor, note=data["note"])


@endpoint("unsuspend", inputs.NeededNoteInput)
class UnsuspendView(DisciplineView):
    name = "unsuspend"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        return holding.unsuspend_ticket(ticket, actor=actor, note=data["note"])


@endpoint("urge", inputs.NoteInput)
class UrgeView(MoveView):
    def perform(self, ticket: Ticket, *, actor: Actor, **data: Any) -> Ticket:
        return press.urge_ticket(ticket, actor=actor, note=data["note"])


@endpoint("supervise", inputs.NeededNoteInput)
class SuperviseView(DisciplineView):
    name = "supervise"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        return press.supervise_ticket(ticket, actor=actor, note=data["note"]).ticket


@endpoint("answer_supervision", inputs.NeededNoteInput)
class AnswerSupervisionView(DisciplineView):
    name = "answer_supervision"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        return press.answer_supervision(ticket, actor=actor, note=data["note"]).ticket


@endpoint("publish_circular", inputs.NeededNoteInput)
class PublishCircularView(DisciplineView):
    name = "publish_circular"
    publish = True

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        row = draft_of(ticket)
        return press.decide_circular(row, publish=self.publish, actor=actor, note=data["note"]).ticket


@endpoint("drop_circular", inputs.NeededNoteInput)
class DropCircularView(PublishCircularView):
    name = "drop_circular"
    publish = False


@endpoint("withdraw_circular", inputs.NeededNoteInput)
class WithdrawCircularView(DisciplineView):
    name = "withdraw_circular"

    def make(self, ticket: Ticket, standing: Standing, *, actor: Actor, **data: Any) -> Ticket:
        return circulars.withdraw_line(published_of(ticket), actor=actor, note=data["note"]).ticket


MOVES = {
    "claim": ClaimView,
    "give-back": GiveBackView,
    "delegate-down": DelegateDownView,
    "add-handler": AddHandlerView,
    "cancel-handler": CancelHandlerView,
    "co-resolve": CoResolveView,
    "ask-return": AskReturnView,
    "ask-extension": AskExtensionView,
    "ask-pause": AskPauseView,
    "ask-suspension": AskSuspensionView,
    "take-back": TakeBackView,
    "grant-return": GrantReturnView,
    "grant-extension": GrantExtensionView,
    "grant-pause": GrantPauseView,
    "grant-suspension": GrantSuspensionView,
    "refuse": RefuseView,
    "resume": ResumeView,
    "review-suspension": ReviewSuspensionView,
    "unsuspend": UnsuspendView,
    "urge": UrgeView,
    "supervise": SuperviseView,
    "answer-supervision": AnswerSupervisionView,
    "publish-circular": PublishCircularView,
    "drop-circular": DropCircularView,
    "withdraw-circular": WithdrawCircularView,
}
"""The end of an address → its view."""
