"""The forms of what a handling organization asks for, of the answers, and of the end of a pause or suspension
(SLA D.5–D.8). Each says what is still possible before anybody writes: until when, how often, how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.storage import StoredImage
from governance.kernel.templatetags.ui import local_time
from grids.reference import territory
from requests_intake import sla
from requests_intake.actions.applications import (
    ask_extension,
    ask_pause,
    ask_return,
    ask_suspension,
    extension_left,
    return_window,
    take_back_application,
)
from requests_intake.actions.decisions import (
    grant_extension,
    grant_pause,
    grant_return,
    grant_suspension,
    refuse_application,
)
from requests_intake.actions.holding import resume_order, review_suspension, unsuspend_ticket
from requests_intake.forms.choices import organizations
from requests_intake.forms.move_form import MoveForm, note_field
from requests_intake.models import Application, Ticket
from requests_intake.presentation.applications import what_is_asked
from requests_intake.reference import rules
from requests_intake.sla.discipline import REASONS, Discipline
from requests_intake.standing import Standing, standing_of

_END_OF_WORK = time(17, 30)


class MomentField(forms.DateTimeField):
    """A moment that has been, as the browser's own picker or a person writes it; of the place's own time."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
    default_error_messages = {"invalid": gettext_lazy("时间要写成“2026-11-20 17:30”。")}


def _reasons(kind: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("原因"), choices=tuple(REASONS[kind].items()), widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选择原因。")),
    )  # fmt: skip


def _told(initial: Any) -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("告诉居民"), max_length=500, initial=initial, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("同意以后居民会看到这句话，请写清原因，不写人名和电话。"),
        error_messages={"required": gettext_lazy("请写一句告诉居民的话。")},
    )  # fmt: skip


def _day(label: Any, missing: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": missing, "invalid": gettext_lazy("日期要写成“2026-11-20”。")},
    )  # fmt: skip


def _organization(label: Any, missing: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, coerce=int, widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找单位")}),
        error_messages={"required": missing, "invalid_choice": gettext_lazy("没有这个单位，或者诉求正在它手上。")},
    )  # fmt: skip


def end_of_work(day: date) -> datetime:
    """A date somebody chose, as a moment: when work is over that day."""
    return datetime.combine(day, _END_OF_WORK, tzinfo=clock.SHANGHAI)


class _AboutStanding(MoveForm):
    """A form that reads what is open about the ticket."""

    standing: Standing

    def __init__(self, ticket: Ticket, actor: Actor, data: Any = None, **options: Any) -> None:
        self.standing = standing_of(ticket)
        super().__init__(ticket, actor, data, **options)

    @property
    def bounds(self) -> Discipline:
        return rules().policy(clock.now())[1].discipline

    def _limit(self, name: str) -> str:
        return str(getattr(self.bounds, name))


class AskReturnForm(_AboutStanding):
    name = "ask_return"
    question = gettext_lazy("申请把这件诉求退回去？")
    reason = _reasons("return")
    clause = forms.CharField(
        label=gettext_lazy("职责清单条款"), max_length=120,
        help_text=gettext_lazy("哪一条说明应当由别的单位办。"),
        error_messages={"required": gettext_lazy("请写明职责清单的条款。")},
    )  # fmt: skip
    suggested = _organization(gettext_lazy("应当承办的单位"), gettext_lazy("请选择应当承办的单位。"))
    note = note_field(gettext_lazy("说明"), required=True)

    def prepare(self) -> None:
        self.fields["suggested"].choices = organizations(self.ticket)  # type: ignore[attr-defined]
        order = self.standing.lead
        ends = return_window(self.ticket, order)[0] if order else None
        words = _("答复以前仍由您的单位办理；一件诉求只能退一次。")
        if ends is None:
            self.consequence = _("特急事项不能退单，请先处置。")
        elif ends < clock.now():
            self.consequence = _("退单的时间到 {at} 为止，已经过了。").format(at=local_time(ends))
        else:
            self.consequence = _("退单要在 {at} 以前提出。").format(at=local_time(ends)) + words

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        said = self.cleaned_data
        ask_return(
            ticket, reason=said["reason"], clause=said["clause"], suggested_id=said["suggested"], note=said["note"],
            actor=actor,
        )  # fmt: skip
        return ticket


class AskExtensionForm(_AboutStanding):
    name = "ask_extension"
    question = gettext_lazy("申请延长办理时间？")
    reason = _reasons("extension")
    limit = forms.IntegerField(
        label=gettext_lazy("延长多少"), min_value=1, max_value=999,
        error_messages=dict.fromkeys(("required", "invalid", "min_value"), gettext_lazy("请写明延长多久。")),
    )  # fmt: skip
    unit = forms.ChoiceField(label=gettext_lazy("单位"), widget=forms.RadioSelect)
    interim = forms.CharField(
        label=gettext_lazy("临时措施"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("延期这段时间怎样先保住安全和基本生活。居民会看到，不写人名和电话。"),
        error_messages={"required": gettext_lazy("紧急事项延期，要写明这段时间的临时措施。")},
    )  # fmt: skip
    told = _told(gettext_lazy("这件事需要多一些时间才能办好，我们会接着办，请您谅解。"))
    note = note_field(gettext_lazy("说明"), required=True, help_text=gettext_lazy("给答复的人看，居民看不到。"))

    def prepare(self) -> None:
        order = self.standing.lead
        times, left = extension_left(self.ticket, order, self.bounds) if order else (0, None)
        units = {"work_day": _("个工作日"), "work_hour": _("个工作小时"), "cal_hour": _("小时")}
        if self.ticket.urgency != "urgent":
            del self.fields["interim"]
        if self.ticket.urgency == "urgent":
            allowed = ["cal_hour"]
        elif left is not None and left.unit is sla.Unit.WORK_HOUR:
            allowed = ["work_hour"]
        else:
            allowed = ["work_day", "work_hour"]
        self.fields["unit"].choices = [(unit, units[unit]) for unit in allowed]  # type: ignore[attr-defined]
        self.fields["unit"].initial = allowed[0]
        if left is None:
            self.consequence = _("这件诉求不能再延期了。")
        else:
            self.consequence = _("还可延期 {times} 次，这次最多 {left}。申请期间时钟照走，要在到期以前提出。").format(
                times=times, left=left
            )

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        said = self.cleaned_data
        limit = sla.Limit(said["limit"], sla.Unit(said["unit"]))
        ask_extension(
            ticket, reason=said["reason"], limit=limit, note=said["note"], told=said["told"], actor=actor,
            interim=said.get("interim", ""),
        )  # fmt: skip
        return ticket


class AskPauseForm(_AboutStanding):
    name = "ask_pause"
    question = gettext_lazy("申请暂停计时？")
    reason = _reasons("pause")
    until = _day(gettext_lazy("预计哪天恢复"), gettext_lazy("请选择预计恢复的日期。"))
    attempts = MomentField(label=gettext_lazy("第一次上门"), required=False)
    second = MomentField(
        label=gettext_lazy("第二次上门"), required=False, help_text=gettext_lazy("“进不了门”要写明两次上门的时间。")
    )
    told = _told(gettext_lazy("要等一等才能接着办，等到以后马上恢复。"))
    note = note_field(gettext_lazy("说明"), required=True, help_text=gettext_lazy("给答复的人看，居民看不到。"))

    def prepare(self) -> None:
        self.consequence = _(
            "上一级要在 {limit} 内答复，没有答复就算不同意。等居民的最多暂停 {most}，只能用一次；"
            "法定程序期间对居民的承诺照走，要另外申请延期。"
        ).format(limit=self._limit("pause_answer"), most=self._limit("pause_at_most"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        said = self.cleaned_data
        ask_pause(
            ticket, reason=said["reason"], until=end_of_work(said["until"]), note=said["note"], told=said["told"],
            actor=actor, attempts=[moment for moment in (said["attempts"], said["second"]) if moment],
        )  # fmt: skip
        return ticket


class AskSuspensionForm(_AboutStanding):
    name = "ask_suspension"
    question = gettext_lazy("申请挂账？")
    reason = _reasons("suspension")
    until = _day(gettext_lazy("目标日期"), gettext_lazy("请选择目标日期。"))
    responsible = forms.TypedChoiceField(
        label=gettext_lazy("责任领导"), coerce=int, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请从本单位在岗的人里选责任领导。")),
    )  # fmt: skip
    note = note_field(gettext_lazy("办理计划"), required=True, help_text=gettext_lazy("分几步、谁来办、各到几时。"))
    told = _told(gettext_lazy("这件事目前有困难，一时办不了。我们已列入台账，有进展会告诉您。"))

    def prepare(self) -> None:
        serving = territory().serving(self.ticket.organization_id)
        people = {holder.membership_id: f"{holder.name}·{holder.post_name}" for holder in serving}
        self.fields["responsible"].choices = list(people.items())  # type: ignore[attr-defined]
        self.consequence = _("只有疑难事项可以挂账，由区里定。挂账期间不算超期，每 {every} 复查一次。").format(
            every=self._limit("suspension_review")
        )

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        said = self.cleaned_data
        ask_suspension(
            ticket, reason=said["reason"], until=end_of_work(said["until"]), responsible_id=said["responsible"],
            note=said["note"], told=said["told"], actor=actor,
        )  # fmt: skip
        return ticket


class _AnswerForm(_AboutStanding):
    """About one of the open applications; which one is asked only where there are several."""

    kind = forms.ChoiceField(
        label=gettext_lazy("哪一个申请"), required=False, widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("没有这个申请，或者已经答复了。")},
    )  # fmt: skip

    def rows(self) -> list[Application]:
        return self.standing.answerable(self.name, self.actor)

    def prepare(self) -> None:
        rows = self.rows()
        self.fields["kind"].choices = [(row.kind, what_is_asked(row)) for row in rows]  # type: ignore[attr-defined]
        if len(rows) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
            self.fields["kind"].initial = rows[0].kind
            self.consequence = what_is_asked(rows[0])
            if self.name.startswith("grant_") and rows[0].told:
                self.consequence += _("。居民会看到：{told}").format(told=rows[0].told)

    @property
    def application(self) -> Application:
        rows = self.rows()
        wanted = self.cleaned_data.get("kind") if self.is_bound else ""
        found = next((row for row in rows if row.kind == wanted), rows[0] if len(rows) == 1 else None)
        if found is None and rows:
            raise DomainError("no_kind", _("请选择是哪一个申请。"), fields={"kind": [_("请选择是哪一个申请。")]})
        if found is None:
            raise DomainError("nothing_open", _("没有等着答复的申请，可能已经答复过了。"))
        return found


class GrantReturnForm(_AnswerForm):
    name = "grant_return"
    question = gettext_lazy("同意退单？")
    organization = _organization(gettext_lazy("接下来由谁承办"), gettext_lazy("请选择接下来承办的单位。"))
    note = note_field(gettext_lazy("说明"))

    def prepare(self) -> None:
        super().prepare()
        self.fields["organization"].choices = organizations(self.ticket)  # type: ignore[attr-defined]
        rows = self.rows()
        self.fields["organization"].initial = rows[0].suggested_id if rows else None

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        said = self.cleaned_data
        return grant_return(self.application, organization_id=said["organization"], note=said["note"], actor=actor)


class GrantExtensionForm(_AnswerForm):
    name = "grant_extension"
    question = gettext_lazy("同意延期？")
    note = note_field(gettext_lazy("说明"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return grant_extension(self.application, note=self.cleaned_data["note"], actor=actor)


class GrantPauseForm(_AnswerForm):
    name = "grant_pause"
    question = gettext_lazy("同意暂停计时？")
    note = note_field(gettext_lazy("说明"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return grant_pause(self.application, note=self.cleaned_data["note"], actor=actor)


class GrantSuspensionForm(_AnswerForm):
    name = "grant_suspension"
    question = gettext_lazy("同意挂账？")
    note = note_field(gettext_lazy("说明"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return grant_suspension(self.application, note=self.cleaned_data["note"], actor=actor)


class RefuseForm(_AnswerForm):
    name = "refuse"
    question = gettext_lazy("不同意这个申请？")
    note = note_field(gettext_lazy("为什么不同意"), required=True, help_text=gettext_lazy("提出申请的单位会看到。"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return refuse_application(self.application, note=self.cleaned_data["note"], actor=actor)


class TakeBackForm(_AnswerForm):
    name = "take_back"
    question = gettext_lazy("撤回申请？")
    note = note_field(gettext_lazy("说明"))

    def rows(self) -> list[Application]:
        return self.standing.applications

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        take_back_application(self.application, note=self.cleaned_data["note"], actor=actor)
        return ticket


class ResumeForm(MoveForm):
    name = "resume"
    question = gettext_lazy("恢复计时？")
    consequence = gettext_lazy("等的已经等到了，时钟接着走，停了多久就往后推多久。")
    note = note_field(gettext_lazy("说明"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return resume_order(ticket, note=self.cleaned_data["note"], actor=actor)


class ReviewSuspensionForm(MoveForm):
    name = "review_suspension"
    question = gettext_lazy("复查这件挂账？")
    consequence = gettext_lazy("看障碍还在不在，计划走到哪一步。")
    note = note_field(gettext_lazy("复查情况"), required=True)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return review_suspension(ticket, note=self.cleaned_data["note"], actor=actor)


class UnsuspendForm(MoveForm):
    name = "unsuspend"
    question = gettext_lazy("销账，接着办？")
    consequence = gettext_lazy("办理的时限从现在起接着走，对居民的承诺时间不变。")
    note = note_field(gettext_lazy("条件怎样具备了"), required=True, help_text=gettext_lazy("居民会看到这句话。"))

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return unsuspend_ticket(ticket, note=self.cleaned_data["note"], actor=actor)


APPLICATION_FORMS: Sequence[type[MoveForm]] = (
    AskReturnForm, AskExtensionForm, AskPauseForm, AskSuspensionForm, GrantReturnForm, GrantExtensionForm,
    GrantPauseForm, GrantSuspensionForm, RefuseForm, TakeBackForm, ResumeForm, ReviewSuspensionForm, UnsuspendForm,
)  # fmt: skip

DONE: Mapping[str, Any] = {
    **dict.fromkeys(("ask_return", "ask_extension", "ask_pause", "ask_suspension"), gettext_lazy("申请提出了")),
    **dict.fromkeys(
        ("grant_return", "grant_extension", "grant_pause", "grant_suspension"), gettext_lazy("已经同意")
    ),
    "refuse": gettext_lazy("答复了不同意"),
    "take_back": gettext_lazy("申请撤回了"),
}  # fmt: skip
"""What a page says after the move."""
