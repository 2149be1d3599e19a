"""The forms of a leader's review, and of what the district finds (待复核, 不合理诉求)."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from governance.kernel.storage import StoredImage
from requests_intake.actions.review import ask_unreasonable, judge_unreasonable, order_again, review_up
from requests_intake.forms.move_form import MoveForm, note_field
from requests_intake.models import Ticket


class OrderAgainForm(MoveForm):
    name = "order_again"
    question = gettext_lazy("让原单位再办一次？")
    consequence = gettext_lazy("只能责成一次；办理时限和上次重办一样。")
    note = note_field(gettext_lazy("要他们办到什么程度"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return order_again(ticket, note=self.cleaned_data["note"], actor=actor)


class ReviewUpForm(MoveForm):
    name = "review_up"
    question = gettext_lazy("交给上一级再办？")
    consequence = gettext_lazy("上一级的单位接手，办好后再请居民评价。")
    note = note_field(gettext_lazy("为什么要上级来办"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return review_up(ticket, note=self.cleaned_data["note"], actor=actor)


class AskUnreasonableForm(MoveForm):
    name = "ask_unreasonable"
    question = gettext_lazy("申请认定为不合理诉求？")
    consequence = gettext_lazy("由区里认定。认定以后结案，不计入各项比率，理由会告诉居民。")
    note = note_field(gettext_lazy("理由和依据"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return ask_unreasonable(ticket, note=self.cleaned_data["note"], actor=actor)


class JudgeUnreasonableForm(MoveForm):
    name = "judge_unreasonable"
    question = gettext_lazy("是不是不合理诉求？")
    consequence = gettext_lazy("认定的，居民会看到您写的理由；不认定的，退回复核的负责人。")
    granted = forms.TypedChoiceField(
        label=gettext_lazy("认定结果"), coerce=lambda value: value == "yes", widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("认定，结案")), ("no", gettext_lazy("不认定，继续复核"))],
        error_messages={"required": gettext_lazy("请选择认定还是不认定。")},
    )  # fmt: skip
    note = note_field(gettext_lazy("理由"), required=True, help_text=gettext_lazy("认定时居民会看到这句话。"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        wanted = self.cleaned_data
        return judge_unreasonable(ticket, granted=wanted["granted"], note=wanted["note"], actor=actor)


REVIEW_FORMS = (OrderAgainForm, ReviewUpForm, AskUnreasonableForm, JudgeUnreasonableForm)
