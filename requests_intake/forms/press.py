"""The forms of pressure from above (SLA D.4): urging, supervision orders and their answer, what is published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.storage import StoredImage
from requests_intake.actions.circulars import withdraw_line
from requests_intake.actions.press import answer_supervision, decide_circular, supervise_ticket, urge_ticket
from requests_intake.forms.move_form import MoveForm, note_field
from requests_intake.models import Supervision, Ticket
from requests_intake.reference import rules


def draft_of(ticket: Ticket) -> Supervision:
    """The oldest line of the draft list about a ticket. Raises ``DomainError('nothing_open')``."""
    rows = Supervision.objects.filter(ticket=ticket, kind=Supervision.Kind.CIRCULAR, state=Supervision.State.DRAFT)
    row = rows.order_by("pk").first()
    if row is None:
        raise DomainError("nothing_open", _("这件诉求没有拟通报的事项，可能已经定过了。"))
    return row


def published_of(ticket: Ticket) -> Supervision:
    """The latest line of an issue about a ticket that stands. Raises ``DomainError('nothing_open')``."""
    rows = Supervision.objects.filter(ticket=ticket, kind=Supervision.Kind.CIRCULAR, state=Supervision.State.PUBLISHED)
    row = rows.order_by("-pk").first()
    if row is None:
        raise DomainError("nothing_open", _("这件诉求没有发出的通报，可能已经撤回了。"))
    return row


class UrgeForm(MoveForm):
    name = "urge"
    question = gettext_lazy("催办这件诉求？")
    note = note_field(gettext_lazy("催一句"))

    def prepare(self) -> None:
        again = rules().policy(clock.now())[1].discipline.urge_again
        self.consequence = _("承办人和负责人都会收到。{again} 内不重复催。").format(again=again)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return urge_ticket(ticket, note=self.cleaned_data["note"], actor=actor)


class SuperviseForm(MoveForm):
    name = "supervise"
    question = gettext_lazy("下督办单？")
    note = note_field(gettext_lazy("督办要求"), required=True)

    def prepare(self) -> None:
        within = rules().policy(clock.now())[1].discipline.reply_within
        self.consequence = _("承办单位负责人要在 {within} 内书面回复，逾期未回复的列入拟通报。").format(within=within)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        supervise_ticket(ticket, note=self.cleaned_data["note"], actor=actor)
        return ticket


class AnswerSupervisionForm(MoveForm):
    name = "answer_supervision"
    question = gettext_lazy("回复督办")
    note = note_field(gettext_lazy("办到哪一步、几时办完"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        answer_supervision(ticket, note=self.cleaned_data["note"], actor=actor)
        return ticket


class PublishCircularForm(MoveForm):
    name = "publish_circular"
    question = gettext_lazy("通报这一件？")
    consequence = gettext_lazy("单独成一期发出，承办单位会看到。发错了可以撤回，要写理由。")
    note = note_field(gettext_lazy("通报意见"), required=True)
    publish = True

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        note: Any = self.cleaned_data["note"]
        decide_circular(draft_of(ticket), publish=self.publish, note=note, actor=actor)
        return ticket


class DropCircularForm(PublishCircularForm):
    name = "drop_circular"
    question = gettext_lazy("不予通报？")
    consequence = gettext_lazy("从拟通报中去掉，理由会留下来。")
    note = note_field(gettext_lazy("理由"), required=True)
    publish = False


class WithdrawCircularForm(MoveForm):
    name = "withdraw_circular"
    question = gettext_lazy("撤回这一件的通报？")
    consequence = gettext_lazy("通报里这一行会标明已撤回和理由，不会消失；承办单位会收到消息。同一期的其他单位不动。")
    note = note_field(gettext_lazy("撤回的理由"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        withdraw_line(published_of(ticket), note=self.cleaned_data["note"], actor=actor)
        return ticket


PRESS_FORMS: Sequence[type[MoveForm]] = (
    UrgeForm, SuperviseForm, AnswerSupervisionForm, PublishCircularForm, DropCircularForm, WithdrawCircularForm,
)  # fmt: skip
