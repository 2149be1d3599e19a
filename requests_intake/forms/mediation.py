"""Forms of mediation. Field names are those of the refusals, so that each lands beside its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import HEADS, Actor
from governance.kernel.errors import DomainError
from governance.kernel.keyed import KeyedForm
from governance.kernel.masking import refuse_masked
from governance.kernel.storage import StoredImage
from grids.reference import territory
from requests_intake.actions import mediation, mediation_end
from requests_intake.forms.move_form import MoveForm
from requests_intake.mediation import mediators_in_post
from requests_intake.models import (
    MediationCase,
    MediationKind,
    MediationMember,
    MediationMode,
    MediationParty,
    MediationVisit,
    Ticket,
    VisitChannel,
)

_CHOOSE = {"required": gettext_lazy("请选一项。"), "invalid_choice": gettext_lazy("请选一项。")}
_MODES = [row for row in MediationMode.choices if row[0] != MediationMode.FOLLOW_UP]
_YES_NO = [("yes", gettext_lazy("是")), ("no", gettext_lazy("否"))]


def _long(label: Any, *, required: bool = True, rows: int = 4, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=mediation.TEXT_LENGTH, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}), error_messages={"required": gettext_lazy("请填写。")},
    )  # fmt: skip


def _name(label: Any, *, required: bool = True, most: int = 40) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=most, validators=[refuse_masked],
        error_messages={"required": gettext_lazy("请填写。")},
    )  # fmt: skip


def _day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": gettext_lazy("请选日期。"), "invalid": gettext_lazy("日期不对。")},
    )  # fmt: skip


def _one_of(label: Any, choices: Any, *, radio: bool = False, initial: Any = None, help_text: Any = "") -> Any:
    return forms.ChoiceField(
        label=label, choices=choices, widget=forms.RadioSelect if radio else forms.Select, initial=initial,
        help_text=help_text, error_messages=_CHOOSE,
    )  # fmt: skip


def _people(label: Any, *, help_text: Any = "") -> Any:
    return forms.TypedMultipleChoiceField(
        label=label, coerce=int, required=False, widget=forms.CheckboxSelectMultiple, help_text=help_text,
        error_messages={"invalid_choice": gettext_lazy("请选在岗的调解员。")},
    )  # fmt: skip


def mediator_choices(without: Sequence[int | None] = ()) -> list[tuple[int, str]]:
    posts, places = mediators_in_post(), territory()
    names = staff_names(posts)
    return [
        (pk, f"{names.get(pk, '')}·{places.organization_name(rows[0].organization_id)}")
        for pk, rows in posts.items()
        if pk not in without
    ]


# ---------------------------------------------------------------- registering
class CaseFields(forms.Form):
    """What is asked about a dispute, by itself or of a ticket."""

    kind = _one_of(gettext_lazy("调解类型"), MediationKind.choices, initial=MediationKind.PEOPLE)
    dispute = _one_of(gettext_lazy("纠纷类别"), MediationCase.Dispute.choices)
    severity = _one_of(gettext_lazy("轻重"), MediationCase.Severity.choices, radio=True, initial="small")
    mode = _one_of(gettext_lazy("诊法"), _MODES, help_text=gettext_lazy("疑难纠纷选会诊。"))
    name_a = _name(gettext_lazy("一方姓名"))
    phone_a = _name(gettext_lazy("一方电话"), required=False, most=30)
    name_b = _name(gettext_lazy("另一方姓名"))
    phone_b = _name(gettext_lazy("另一方电话"), required=False, most=30)
    others = forms.CharField(
        label=gettext_lazy("其他当事人"), required=False, max_length=400, validators=[refuse_masked],
        widget=forms.Textarea(attrs={"rows": 2}), help_text=gettext_lazy("一行一人：姓名 电话。"),
    )  # fmt: skip
    facts = _long(gettext_lazy("纠纷事由"))
    mediators = _people(
        gettext_lazy("调解员"), help_text=gettext_lazy("只有调解员和他们请来的人看得到这件调解，每次打开都有记录。")
    )

    def new_case(self) -> mediation.NewCase:
        given = self.cleaned_data
        parties = [mediation.Party(given[f"name_{side}"], given[f"phone_{side}"]) for side in "ab"]
        for line in given["others"].splitlines():
            # Any white space divides, the wide one of Chinese keyboards too.
            name, *phone = line.split(maxsplit=1) or [""]
            if name:
                parties.append(mediation.Party(name, *phone))
        names = ("kind", "dispute", "severity", "mode", "facts", "mediators")
        return mediation.NewCase(**{name: given[name] for name in names}, parties=parties)


class OpenCaseForm(CaseFields, KeyedForm):
    """登记调解, by a mediator, who is one of its mediators."""

    def __init__(self, data: Any = None, *, actor: Actor) -> None:
        super().__init__(data)
        self.use_required_attribute = False
        self.fields["mediators"].choices = mediator_choices([actor.membership_id])  # type: ignore[attr-defined]
        self.fields["mediators"].label = _("一起调的调解员")

    def refused(self, error: DomainError) -> None:
        _beside_the_names(error)
        super().refused(error)

    def perform(self, actor: Actor) -> MediationCase:
        return mediation.open_case(self.new_case(), actor=actor)


class MediateVisitForm(CaseFields, KeyedForm):
    """转调解 of a visit: where it was and the writer's own words stand there already."""

    def __init__(self, data: Any = None, *, facts: str) -> None:
        super().__init__(data)
        self.use_required_attribute = False
        self.fields["mediators"].choices = mediator_choices()  # type: ignore[attr-defined]
        self.fields["facts"].initial = facts

    def refused(self, error: DomainError) -> None:
        _beside_the_names(error)
        super().refused(error)


class MediateForm(CaseFields, MoveForm):
    """转调解."""

    name = "mediate"
    question = gettext_lazy("转为调解？")
    consequence = gettext_lazy(
        "调解员接手调解，内容只有他们看得到。诉求还在您手上，时限照走，需要的话申请延期；调解结束会告诉您。"
    )

    def prepare(self) -> None:
        self.fields["mediators"].choices = mediator_choices()  # type: ignore[attr-defined]
        self.fields["facts"].initial = self.ticket.content

    def refused(self, error: DomainError) -> None:
        _beside_the_names(error)
        super().refused(error)

    def perform(self, ticket: Ticket, *, actor: Actor, photos: Sequence[StoredImage] = ()) -> Ticket:
        return mediation.mediate_ticket(ticket, self.new_case(), actor=actor)


def _beside_the_names(error: DomainError) -> None:
    # The parties stand in several fields.
    if "parties" in error.fields:
        error.fields["name_a"] = error.fields.pop("parties")


# ---------------------------------------------------------------- what is done with a case
class CaseForm(KeyedForm):
    """Something done with a case: ``question`` heads it, ``what`` says what follows, ``verb`` is on the button."""

    question: Any = ""
    what: Any = ""
    verb: Any = ""
    done: Any = gettext_lazy("记下了。")

    def __init__(self, case: MediationCase, data: Any = None) -> None:
        super().__init__(data)
        self.use_required_attribute = False
        self.case = case
        self.prepare()

    def prepare(self) -> None:
        """Fill choices that depend on the case."""

    def perform(self, actor: Actor) -> dict[str, Any]:
        raise NotImplementedError

    def given(self, *names: str) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in names}

    def _parties(self) -> list[tuple[int, str]]:
        return [(row.pk, row.name) for row in MediationParty.objects.filter(case=self.case).order_by("pk")]


class SessionForm(CaseForm):
    question, verb = gettext_lazy("记一次调解"), gettext_lazy("记下")
    held_on = _day(gettext_lazy("日期"))
    held_time = forms.TimeField(
        label=gettext_lazy("时间"), widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"required": gettext_lazy("请填时间。"), "invalid": gettext_lazy("时间不对。")},
    )  # fmt: skip
    mode = _one_of(gettext_lazy("诊法"), MediationMode.choices)
    place = forms.CharField(label=gettext_lazy("地点"), required=False, max_length=200)
    present = _long(gettext_lazy("到场的人"), rows=2)
    minutes = _long(gettext_lazy("笔录"), rows=6, help_text=gettext_lazy("加密保存，只有知悉范围里的人看得到。"))

    def prepare(self) -> None:
        now = clock.local(clock.now())
        self.fields["held_on"].initial, self.fields["held_time"].initial = now.date(), f"{now:%H:%M}"
        is_over = self.case.state == MediationCase.State.SETTLED
        self.fields["mode"].initial = MediationMode.FOLLOW_UP if is_over else self.case.mode

    def perform(self, actor: Actor) -> dict[str, Any]:
        held_at = datetime.combine(self.cleaned_data["held_on"], self.cleaned_data["held_time"], tzinfo=clock.SHANGHAI)
        said = self.given("mode", "place", "present", "minutes")
        return {"session": mediation.record_session(self.case, held_at=held_at, actor=actor, **said).pk}

    def refused(self, error: DomainError) -> None:
        if "held_at" in error.fields:
            error.fields["held_on"] = error.fields.pop("held_at")
        super().refused(error)


class SettleForm(CaseForm):
    question, verb = gettext_lazy("达成协议"), gettext_lazy("存协议并结束")
    what = gettext_lazy("调解到此结束，由诉求转来的随之办结。到复诊那天会提醒您去看履行了没有。")
    done = gettext_lazy("协议存好了，可以打印给双方签名。")
    text = _long(gettext_lazy("协议内容"), rows=8)
    performance_due = _day(gettext_lazy("履行期限"))
    follow_up_on = _day(gettext_lazy("复诊日期"), required=False, help_text=gettext_lazy("不填就是三十天后。"))

    def perform(self, actor: Actor) -> dict[str, Any]:
        said = self.given("text", "performance_due", "follow_up_on")
        return {"agreement": mediation_end.settle_case(self.case, actor=actor, **said).pk}


class DeclineForm(CaseForm):
    question, verb = gettext_lazy("不予受理这件调解？"), gettext_lazy("不予受理")
    what = gettext_lazy("有一方不愿意调解，或者不该调解的，还没有调过就可以退回。由诉求转来的，承办单位接着办。")
    done = gettext_lazy("没有受理，记下了。")
    outcome = _long(gettext_lazy("为什么"), rows=3)

    def perform(self, actor: Actor) -> dict[str, Any]:
        return {"state": mediation_end.decline_case(self.case, actor=actor, **self.given("outcome")).state}


class EndForm(CaseForm):
    question, verb = gettext_lazy("没有达成协议，结束调解"), gettext_lazy("结束")
    what = gettext_lazy("结束后不能再记。撤回的不计入成功率。")
    done = gettext_lazy("调解结束了。")
    state = _one_of(
        gettext_lazy("结果"),
        [
            (row.value, row.label)
            for row in (MediationCase.State.FAILED, MediationCase.State.WITHDRAWN, MediationCase.State.REFERRED)
        ],
        radio=True,
    )
    outcome = _long(gettext_lazy("结果说明"), rows=3)
    referral_kind = forms.ChoiceField(
        label=gettext_lazy("移送：转为"), required=False,
        choices=[("", gettext_lazy("不移送")), *[row for row in MediationKind.choices if row[0] != "people"]],
    )  # fmt: skip
    referred_to = forms.CharField(label=gettext_lazy("移送：单位"), required=False, max_length=80)
    referred_on = _day(
        gettext_lazy("移送：日期"),
        required=False,
        help_text=gettext_lazy("回执可以以后登记。"),
    )
    ticket_done = _one_of(
        gettext_lazy("转来的诉求"),
        [("no", gettext_lazy("退给承办单位接着办")), ("yes", gettext_lazy("随调解办结"))],
        radio=True, initial="no",
    )  # fmt: skip

    def prepare(self) -> None:
        for name in ("referral_kind", "referred_to", "referred_on"):
            self.fields[name].sometimes = True  # type: ignore[attr-defined]
        if self.case.ticket_id is None:
            del self.fields["ticket_done"]

    def perform(self, actor: Actor) -> dict[str, Any]:
        said = self.given("state", "outcome", "referral_kind", "referred_to", "referred_on")
        done = self.cleaned_data.get("ticket_done") == "yes"
        return {"state": mediation_end.end_case(self.case, actor=actor, ticket_done=done, **said).state}


class ReceiptForm(CaseForm):
    question, verb = gettext_lazy("登记移送回执"), gettext_lazy("登记")
    receipt_number = forms.CharField(
        label=gettext_lazy("回执编号"), max_length=40, error_messages={"required": gettext_lazy("请写回执编号。")}
    )
    receipt_by = _name(gettext_lazy("接收人"))
    receipt_on = _day(gettext_lazy("回执日期"))

    def perform(self, actor: Actor) -> dict[str, Any]:
        said = self.given("receipt_number", "receipt_by", "receipt_on")
        return {"case": mediation_end.record_receipt(self.case, actor=actor, **said).pk}


class ExtendForm(CaseForm):
    question, verb = gettext_lazy("延长调解期限"), gettext_lazy("延长")
    what = gettext_lazy("每一方当事人都同意才能延长，一次最多三十天。")
    done = gettext_lazy("期限延长了。")
    until = _day(gettext_lazy("延长到"))
    agreed = _people(gettext_lazy("谁同意了"))

    def prepare(self) -> None:
        self.fields["agreed"].choices = self._parties()  # type: ignore[attr-defined]

    def perform(self, actor: Actor) -> dict[str, Any]:
        return {
            "due": mediation.extend_case(self.case, actor=actor, **self.given("until", "agreed")).due_at.isoformat()
        }


class RaiseForm(CaseForm):
    question, verb = gettext_lazy("大的上报，疑难会诊"), gettext_lazy("上报")
    what = gettext_lazy("请更多调解员一起调，期限不变。疑难的至少两个单位。")
    done = gettext_lazy("上报了，已通知加入的调解员。")
    severity = _one_of(
        gettext_lazy("现在算"), [row for row in MediationCase.Severity.choices if row[0] != "small"], radio=True
    )
    mediators = _people(gettext_lazy("加入的调解员"))

    def prepare(self) -> None:
        inside = MediationMember.objects.filter(case=self.case, until=None, role=MediationMember.Role.MEDIATOR)
        without = list(inside.values_list("membership_id", flat=True))
        self.fields["mediators"].choices = mediator_choices(without)  # type: ignore[attr-defined]

    def perform(self, actor: Actor) -> dict[str, Any]:
        return {
            "severity": mediation.raise_case(self.case, actor=actor, **self.given("severity", "mediators")).severity
        }


class PerformanceForm(CaseForm):
    question, verb = gettext_lazy("复诊：协议履行了吗？"), gettext_lazy("记下")
    what = gettext_lazy("没有履行，就标为“履行异常”，到下次复诊再去看。")
    performed = _one_of(
        gettext_lazy("履行情况"), [("yes", gettext_lazy("已履行")), ("no", gettext_lazy("没有履行"))], radio=True
    )
    finding = _long(gettext_lazy("看到的情况"), rows=3)
    again_on = _day(
        gettext_lazy("下次复诊"), required=False, help_text=gettext_lazy("没有履行才用填，不填就是七天后。")
    )

    def perform(self, actor: Actor) -> dict[str, Any]:
        performed = self.cleaned_data["performed"] == "yes"
        said = self.given("finding", "again_on")
        row = mediation_end.record_performance(self.case, performed=performed, actor=actor, **said)
        return {"performed": row.performed}


class VisitForm(CaseForm):
    question, verb = gettext_lazy("回访当事人"), gettext_lazy("记下")
    what = gettext_lazy("重大纠纷每件都要回访。联系上一方，或者分两天试过三次，就算回访过。")
    party = forms.TypedChoiceField(
        label=gettext_lazy("问的是谁"), coerce=int, widget=forms.RadioSelect, error_messages=_CHOOSE
    )
    channel = _one_of(
        gettext_lazy("方式"),
        [row for row in VisitChannel.choices if row[0] in mediation_end.VISIT_WAYS],
        initial="phone",
    )
    was_reached = _one_of(gettext_lazy("联系上了吗"), _YES_NO, radio=True)
    satisfaction = forms.ChoiceField(
        label=gettext_lazy("对调解"), required=False,
        choices=[("", gettext_lazy("没有说")), *MediationVisit.Satisfaction.choices],
    )  # fmt: skip
    words = _long(gettext_lazy("说了什么"), required=False, rows=3)

    def prepare(self) -> None:
        self.fields["party"].choices = self._parties()  # type: ignore[attr-defined]

    def perform(self, actor: Actor) -> dict[str, Any]:
        reached = self.cleaned_data["was_reached"] == "yes"
        said = self.given("party", "channel", "satisfaction", "words")
        return {"visit": mediation_end.record_visit(self.case, was_reached=reached, actor=actor, **said).pk}


class NameForm(CaseForm):
    question, verb = gettext_lazy("请人加入"), gettext_lazy("加入")
    what = gettext_lazy("他从现在起看得到全部材料，每次打开都有记录。")
    done = gettext_lazy("加入了，已通知本人。")
    member = forms.TypedChoiceField(
        label=gettext_lazy("谁"), coerce=int, widget=forms.Select(attrs={"data-combo": gettext_lazy("输姓名或单位")}),
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选在岗的人。")),
    )  # fmt: skip
    role = _one_of(
        gettext_lazy("身份"), MediationMember.Role.choices, radio=True, initial="named",
        help_text=gettext_lazy("调解员可以记，受邀知悉的只能看。"),
    )  # fmt: skip

    def prepare(self) -> None:
        places = territory()
        found: dict[int, str] = {}
        for organization in places.organizations.values():
            for row in places.serving(organization.id):
                if row.kind not in HEADS:
                    found.setdefault(row.membership_id, f"{row.name}·{row.post_name}·{organization.name}")
        self.fields["member"].choices = [("", _("请选择")), *found.items()]  # type: ignore[attr-defined]

    def perform(self, actor: Actor) -> dict[str, Any]:
        given = self.cleaned_data
        return {"case": mediation.name_member(self.case, given["member"], role=given["role"], actor=actor).pk}


class LeaveForm(CaseForm):
    question, verb = gettext_lazy("请谁退出？"), gettext_lazy("退出")
    what = gettext_lazy("他从现在起看不到这件调解。")
    done = gettext_lazy("退出了。")
    member = forms.TypedChoiceField(
        label=gettext_lazy("谁"), coerce=int, widget=forms.RadioSelect, error_messages=_CHOOSE
    )

    def prepare(self) -> None:
        inside = MediationMember.objects.filter(case=self.case, until=None).order_by("role", "pk")
        roles = {row.membership_id: row.get_role_display() for row in inside}
        names = staff_names(roles)
        choices = [(pk, f"{names.get(pk, '')}（{role}）") for pk, role in roles.items()]
        self.fields["member"].choices = choices  # type: ignore[attr-defined]

    def perform(self, actor: Actor) -> dict[str, Any]:
        return {"case": mediation.end_member(self.case, self.cleaned_data["member"], actor=actor).pk}


CASE_FORMS: Mapping[str, type[CaseForm]] = {
    "session": SessionForm, "settle": SettleForm, "end": EndForm, "decline": DeclineForm, "extend": ExtendForm,
    "raise": RaiseForm, "follow-up": PerformanceForm, "visit": VisitForm, "receipt": ReceiptForm, "name": NameForm,
    "leave": LeaveForm,
}  # fmt: skip
