"""One form per move of people: what to ask, and which action it calls. Worker, desk and resident pages share them.

``MOVE_FORMS[name](ticket, actor, data)`` → ``is_valid()`` → ``perform(ticket, actor=…, photos=…)``. Field names are
those of the ``DomainError``s, so that a refusal lands beside the field it is about (``refused``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from governance.kernel.storage import StoredImage
from grids.reference import territory
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.desk import (
    REJECT_REASONS,
    archive_ticket,
    classify_ticket,
    reject_ticket,
    relocate_ticket,
    withdraw_ticket,
)
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.handle import assign_order, contact_requester, sign_order
from requests_intake.actions.knowledge import record_use
from requests_intake.actions.orders import lead_order
from requests_intake.actions.rate import close_ticket, rate_ticket, record_return_visit, reopen_ticket
from requests_intake.actions.resolve import resolve_ticket, solve_on_site
from requests_intake.actions.verify import verify_ticket
from requests_intake.actions.visits import CHANNELS
from requests_intake.forms.applications import APPLICATION_FORMS
from requests_intake.forms.choices import categories, communities, organizations
from requests_intake.forms.co_handlers import CO_HANDLER_FORMS
from requests_intake.forms.duplicates import DUPLICATE_FORMS
from requests_intake.forms.field_limits import FIELD_LIMIT_FORMS
from requests_intake.forms.helpers import CallHelperForm
from requests_intake.forms.letters import LETTER_FORMS
from requests_intake.forms.mediation import MediateForm
from requests_intake.forms.move_form import MoveForm, fresh_key, note_field
from requests_intake.forms.press import PRESS_FORMS
from requests_intake.forms.review import REVIEW_FORMS
from requests_intake.models import ReturnVisit, Satisfaction, Solved, Ticket, Urgency, VisitChannel

CLOSE_CHOICES = (
    ("reviewed", gettext_lazy("已复核，按现有结果结案")),
    ("unreachable", gettext_lazy("多次联系不上")),
    ("unrated", gettext_lazy("居民没有评价")),
)


class AcceptForm(MoveForm):
    name = "accept"
    question = gettext_lazy("受理这件诉求？")
    consequence = gettext_lazy("从现在起向居民承诺办结时间，接着要派单。")
    note = note_field(gettext_lazy("内部备注"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return accept_ticket(ticket, actor=actor, note=self.cleaned_data["note"])


class RejectForm(MoveForm):
    name = "reject"
    question = gettext_lazy("不予受理这件诉求？")
    consequence = gettext_lazy("居民会看到原因和您写的话。")
    reason = forms.ChoiceField(
        label=gettext_lazy("原因"), choices=tuple(REJECT_REASONS.items()), widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择原因。")},
    )  # fmt: skip
    note = note_field(gettext_lazy("告诉居民"), required=True, help_text=gettext_lazy("写明为什么，以及可以找哪里。"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return reject_ticket(ticket, reason=self.cleaned_data["reason"], note=self.cleaned_data["note"], actor=actor)


class DispatchForm(MoveForm):
    name = "dispatch"
    question = gettext_lazy("派给哪个单位？")
    organization = forms.TypedChoiceField(
        label=gettext_lazy("承办单位"), coerce=int,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找单位")}),
        error_messages={
            "required": gettext_lazy("请选择承办单位。"),
            "invalid_choice": gettext_lazy("没有这个单位，或者诉求已经在它手上。"),
        },
    )  # fmt: skip
    note = note_field(gettext_lazy("交代一句"))

    def prepare(self) -> None:
        self.fields["organization"].choices = organizations(self.ticket)  # type: ignore[attr-defined]

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        wanted = self.cleaned_data
        return dispatch_ticket(ticket, organization_id=wanted["organization"], actor=actor, note=wanted["note"])


class SignForm(MoveForm):
    name = "sign"
    question = gettext_lazy("签收这件诉求？")
    consequence = gettext_lazy("签收后由您跟进，办结时限照常计算。")

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return sign_order(ticket, actor=actor)


class ContactForm(MoveForm):
    name = "contact"
    question = gettext_lazy("已经联系上居民？")
    note = note_field(gettext_lazy("说了什么"), help_text=gettext_lazy("只有工作人员看得到。"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return contact_requester(ticket, actor=actor, note=self.cleaned_data["note"])


class EscalateForm(MoveForm):
    name = "escalate"
    question = gettext_lazy("上报给上一级？")
    consequence = gettext_lazy("诉求交给上一级办理，您的工单到此为止。")
    note = note_field(gettext_lazy("为什么办不了"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return escalate_ticket(ticket, actor=actor, note=self.cleaned_data["note"])


class ResolveForm(MoveForm):
    name = "resolve"
    question = gettext_lazy("办结这件诉求？")
    consequence = gettext_lazy("时钟停下，等核查和居民评价。")
    asks_photos = True
    note = note_field(gettext_lazy("怎么办的"), required=True, help_text=gettext_lazy("居民会看到这句话。"))
    # The answer of the knowledge base whose words were put into the note.
    answer = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def prepare(self) -> None:
        if self.ticket.follower_count:
            words = _("还有 {n} 位居民反映同一件事，也会看到这句话，不要写个人情况。")
            self.fields["note"].help_text = words.format(n=self.ticket.follower_count)

    def reply(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage]) -> Ticket:
        return resolve_ticket(ticket, actor=actor, reply=self.cleaned_data["note"], photos=photos)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        replied = self.reply(ticket, actor=actor, photos=photos)
        record_use(replied, self.cleaned_data["answer"], reply=self.cleaned_data["note"], actor=actor)
        return replied


class SolveOnSiteForm(ResolveForm):
    name = "solve_on_site"
    question = gettext_lazy("当场已经办好？")

    def reply(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage]) -> Ticket:
        return solve_on_site(ticket, actor=actor, reply=self.cleaned_data["note"], photos=photos)


class VerifyForm(MoveForm):
    name = "verify"
    question = gettext_lazy("去看过，确实办好了？")
    consequence = gettext_lazy("接着请居民评价。")
    asks_photos = True
    note = note_field(gettext_lazy("看到什么"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        note = self.cleaned_data["note"]
        return verify_ticket(ticket, passed=self.name == "verify", actor=actor, note=note, photos=photos)


class ReworkForm(VerifyForm):
    name = "rework"
    question = gettext_lazy("还没办好，要返工？")
    consequence = gettext_lazy("退回承办单位，按原来的时限继续计时。")
    note = note_field(gettext_lazy("还差什么"), required=True)


class ReturnVisitForm(MoveForm):
    name = "return_visit"
    question = gettext_lazy("居民怎么说？")
    consequence = gettext_lazy("“没解决”会让承办单位再办一次。")
    answer = forms.ChoiceField(
        label=gettext_lazy("回访结果"), choices=ReturnVisit.Answer.choices, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择回访结果。")},
    )  # fmt: skip
    solved = forms.ChoiceField(
        label=gettext_lazy("解决了没有"), choices=[("", gettext_lazy("没有问")), *Solved.choices], required=False,
        help_text=gettext_lazy("说“还行”的，再问一句。"),
    )  # fmt: skip
    channel = forms.ChoiceField(
        label=gettext_lazy("怎么回访的"), choices=[(way.value, way.label) for way in CHANNELS], required=False,
        initial=VisitChannel.PHONE,
    )  # fmt: skip
    note = note_field(gettext_lazy("居民的原话"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        wanted = self.cleaned_data
        return record_return_visit(
            ticket, answer=wanted["answer"], actor=actor, note=wanted["note"], solved=wanted["solved"],
            channel=wanted["channel"] or VisitChannel.PHONE,
        )  # fmt: skip


class RateForm(MoveForm):
    """The requester's own form: one face, and a sentence that may be skipped."""

    name = "rate"
    question = gettext_lazy("办得怎么样？")
    face = forms.ChoiceField(
        label=gettext_lazy("您的评价"), choices=Satisfaction.choices, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请点一个表情。")},
    )  # fmt: skip
    comment = note_field(gettext_lazy("想说的话"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        wanted = self.cleaned_data
        return rate_ticket(ticket, face=wanted["face"], actor=actor, comment=wanted["comment"])


class CloseForm(MoveForm):
    name = "close"
    question = gettext_lazy("结案？")
    consequence = gettext_lazy("没有评价的诉求结案后不计入满意率。")
    reason = forms.ChoiceField(
        label=gettext_lazy("结案原因"), choices=CLOSE_CHOICES, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择结案原因。")},
    )  # fmt: skip
    note = note_field(gettext_lazy("理由"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return close_ticket(ticket, reason=self.cleaned_data["reason"], actor=actor, note=self.cleaned_data["note"])


class ReopenForm(MoveForm):
    name = "reopen"
    question = gettext_lazy("重新办理这件诉求？")
    consequence = gettext_lazy("交回上次的承办单位，重新计时。")
    note = note_field(gettext_lazy("为什么重开"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return reopen_ticket(ticket, actor=actor, note=self.cleaned_data["note"])


class WithdrawForm(MoveForm):
    name = "withdraw"
    question = gettext_lazy("撤回这件诉求？")
    consequence = gettext_lazy("撤回后不再办理，需要时可以重新提交。")
    note = note_field(gettext_lazy("为什么撤回"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return withdraw_ticket(ticket, actor=actor, note=self.cleaned_data["note"])


class ArchiveForm(MoveForm):
    name = "archive"
    question = gettext_lazy("归档这件诉求？")
    consequence = gettext_lazy("归档后不能再改动，也不能重开。")

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return archive_ticket(ticket, actor=actor)


class RelocateForm(MoveForm):
    name = "relocate"
    question = gettext_lazy("这件事发生在哪里？")
    address = forms.CharField(
        label=gettext_lazy("地址"), required=False, max_length=200, help_text=gettext_lazy("小区、楼号、路名或门牌。")
    )
    community = forms.TypedChoiceField(
        label=gettext_lazy("社区"), required=False, coerce=int, empty_value=None,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找社区")}),
        error_messages={"invalid_choice": gettext_lazy("没有这个社区。")},
    )  # fmt: skip

    def prepare(self) -> None:
        self.fields["community"].choices = [("", _("没有选")), *communities()]  # type: ignore[attr-defined]
        self.fields["address"].initial = self.ticket.address_text

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not cleaned.get("address") and not cleaned.get("community"):
            self.add_error("address", _("请写地址，或者选一个社区。"))
        return cleaned

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        wanted = self.cleaned_data
        return relocate_ticket(ticket, actor=actor, address=wanted["address"], community_id=wanted["community"])


class ClassifyForm(MoveForm):
    name = "classify"
    question = gettext_lazy("更正分类")
    consequence = gettext_lazy("已经给居民的承诺时间不变。")
    category = forms.ChoiceField(
        label=gettext_lazy("分类"), widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找分类")}),
        error_messages={"required": gettext_lazy("请选择分类。"), "invalid_choice": gettext_lazy("没有这个分类。")},
    )  # fmt: skip
    urgency = forms.ChoiceField(label=gettext_lazy("紧急程度"), choices=Urgency.choices, widget=forms.RadioSelect)
    note = note_field(gettext_lazy("内部备注"))

    def prepare(self) -> None:
        self.fields["category"].choices = categories()  # type: ignore[attr-defined]
        self.fields["category"].initial = self.ticket.category.code if self.ticket.category else ""
        self.fields["urgency"].initial = self.ticket.urgency

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        wanted = self.cleaned_data
        return classify_ticket(
            ticket, category_code=wanted["category"], urgency=wanted["urgency"], actor=actor, note=wanted["note"]
        )


class AssignForm(MoveForm):
    name = "assign"
    question = gettext_lazy("由谁来办？")
    assignee = forms.TypedChoiceField(
        label=gettext_lazy("承办人"), coerce=int, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选择在岗的人。")),
    )  # fmt: skip
    note = note_field(gettext_lazy("交代一句"))

    def prepare(self) -> None:
        serving = territory().serving(self.ticket.organization_id)
        people = {holder.membership_id: f"{holder.name}·{holder.post_name}" for holder in reversed(serving)}
        self.fields["assignee"].choices = list(people.items())  # type: ignore[attr-defined]
        # Two people in the office: it is the other one. The first choice is the likely one; it can be changed.
        order = lead_order(self.ticket)
        others = [person for person in people if order is None or person != order.assignee_id]
        self.fields["assignee"].initial = others[0] if len(others) == 1 else None

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        wanted = self.cleaned_data
        return assign_order(ticket, membership_id=wanted["assignee"], actor=actor, note=wanted["note"])


__all__ = ["MOVE_FORMS", "MoveForm", "fresh_key", "note_field"]

_FORMS: tuple[type[MoveForm], ...] = (
    AcceptForm, RejectForm, DispatchForm, SignForm, ContactForm, EscalateForm, ResolveForm, SolveOnSiteForm,
    VerifyForm, ReworkForm, ReturnVisitForm, RateForm, CloseForm, ReopenForm, WithdrawForm, ArchiveForm,
    RelocateForm, ClassifyForm, AssignForm, *REVIEW_FORMS, *LETTER_FORMS, *DUPLICATE_FORMS,
    *FIELD_LIMIT_FORMS, *APPLICATION_FORMS, *CO_HANDLER_FORMS, *PRESS_FORMS, CallHelperForm, MediateForm,
)  # fmt: skip
MOVE_FORMS: Mapping[str, type[MoveForm]] = {form.name: form for form in _FORMS}
