"""Forms of whistles: blowing (or asking for it), and what each side does then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from governance.kernel.keyed import KeyedForm
from grids.reference import OrganizationRef
from requests_intake.actions import evaluation, whistle, whistle_respond
from requests_intake.forms.choices import suggestions
from requests_intake.models import Ticket, Whistle, WhistleKind, WhistleTarget
from requests_intake.whistle_limits import limits
from requests_intake.whistle_policies import callable_organizations


def _note(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=500, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3}), error_messages={"required": gettext_lazy("请写一句说明。")},
    )  # fmt: skip


def _organization(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, coerce=int, widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找单位")}),
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选单位。")),
    )  # fmt: skip


def limit_words(kind: str) -> str:
    """应急哨：10 分钟内应哨，30 分钟内到场."""
    found = limits()
    return str(_("{accept}内应哨，{arrive}内到场").format(accept=found.accept[kind], arrive=found.arrive[kind]))


class CallForm(KeyedForm):
    """A new whistle of one street. With a ticket its place and matter are filled in and who it concerns comes first."""

    kind = forms.ChoiceField(
        label=gettext_lazy("哪种哨"), choices=WhistleKind.choices, widget=forms.RadioSelect, initial=WhistleKind.DAILY
    )
    organizations = forms.TypedMultipleChoiceField(
        label=gettext_lazy("叫哪些单位"), coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("请选要叫的单位。"), "invalid_choice": gettext_lazy("没有这个单位。")},
    )  # fmt: skip
    summary = forms.CharField(
        label=gettext_lazy("什么事"), max_length=whistle.SUMMARY_LENGTH, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("被叫的单位都看得到，不写居民的姓名和电话。"),
        error_messages={"required": gettext_lazy("请写什么事。")},
    )  # fmt: skip
    place = forms.CharField(
        label=gettext_lazy("到哪儿"), max_length=whistle.PLACE_LENGTH,
        error_messages={"required": gettext_lazy("请写到哪儿。")},
    )  # fmt: skip
    lead = forms.TypedChoiceField(
        label=gettext_lazy("主办单位"), coerce=int, empty_value=None, required=False,
        help_text=gettext_lazy("不选就是第一个。"), error_messages={"invalid_choice": gettext_lazy("没有这个单位。")},
    )  # fmt: skip
    arrive_by = forms.DateTimeField(
        label=gettext_lazy("另约到场时间"), required=False,
        help_text=gettext_lazy("不填就按时限；可以约晚一点，不能更早。"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": gettext_lazy("请选日期和时间。")},
    )  # fmt: skip
    tickets = forms.CharField(
        label=gettext_lazy("附上诉求"), required=False, max_length=400,
        help_text=gettext_lazy("诉求编号，几个就用顿号隔开。限制知悉的不能附。"),
    )  # fmt: skip
    building = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, street_id: int, ticket: Ticket | None = None) -> None:
        initial: dict[str, Any] = {}
        rows = callable_organizations(street_id)
        if ticket is not None:
            first = [row.organization.id for row in suggestions(ticket)]
            rows.sort(key=lambda row: _rank(row, street_id, first))
            initial = {"summary": ticket.title, "tickets": ticket.number, "building": ticket.building_id or ""}
        super().__init__(data, initial=initial)
        self.use_required_attribute = False
        choices = [(row.id, _name(row, street_id)) for row in rows]
        self.fields["organizations"].choices = choices  # type: ignore[attr-defined]
        self.fields["lead"].choices = [("", _("第一个")), *choices]  # type: ignore[attr-defined]
        kinds = [(kind, f"{label}·{limit_words(kind)}") for kind, label in WhistleKind.choices]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]

    def call(self) -> whistle.Call:
        given = self.cleaned_data
        numbers = given["tickets"].replace("，", "、").replace(",", "、").replace(" ", "、").split("、")
        return whistle.Call(
            kind=given["kind"],
            summary=given["summary"],
            place=given["place"],
            organizations=given["organizations"],
            lead=given["lead"],
            building_id=given["building"],
            arrive_by=given["arrive_by"],
            tickets=numbers,
        )


def _rank(row: OrganizationRef, street_id: int, first: list[int]) -> tuple[int, int]:
    if row.stationed_street_id == street_id:
        return (0, 0)
    return (1, first.index(row.id)) if row.id in first else (2, 0)


def _name(row: OrganizationRef, street_id: int) -> str:
    return _("{name}（派驻）").format(name=row.name) if row.stationed_street_id == street_id else row.name


class WhistleMoveForm(KeyedForm):
    """Something done with a whistle: asked in ``question``, explained in ``what``, done by ``perform``."""

    name: str
    question: Any = ""
    what: Any = ""
    done: Any = ""

    def __init__(self, whistle: Whistle, target: WhistleTarget | None, data: Any = None) -> None:
        self.whistle, self.target = whistle, target
        super().__init__(data)
        self.use_required_attribute = False
        self.prepare()

    def prepare(self) -> None:
        """Fill choices that depend on the whistle."""

    @property
    def of(self) -> WhistleTarget:
        assert self.target is not None
        return self.target

    def perform(self, actor: Actor) -> Any:
        raise NotImplementedError

    def offer(self, field: str, *, besides: int | None = None) -> None:
        rows = callable_organizations(self.whistle.street_id)
        choices = [("", _("请选择")), *((row.id, row.name) for row in rows if row.id != besides)]
        self.fields[field].choices = choices  # type: ignore[attr-defined]


class ApproveForm(WhistleMoveForm):
    name, question, done = "approve", gettext_lazy("同意吹这个哨？"), gettext_lazy("同意了，可以吹哨")

    def perform(self, actor: Actor) -> Any:
        whistle.approve_whistle(self.whistle, actor=actor)


class DeclineForm(WhistleMoveForm):
    name, question, done = "decline", gettext_lazy("不吹这个哨？"), gettext_lazy("告诉社区了")
    what = gettext_lazy("社区会看到您写的原因。")
    note = _note(gettext_lazy("为什么"))

    def perform(self, actor: Actor) -> Any:
        whistle.decline_whistle(self.whistle, note=self.cleaned_data["note"], actor=actor)


class WithdrawForm(WhistleMoveForm):
    name, question, done = "withdraw", gettext_lazy("撤回请求？"), gettext_lazy("撤回了")

    def perform(self, actor: Actor) -> Any:
        whistle.withdraw_whistle(self.whistle, actor=actor)


class BlowForm(WhistleMoveForm):
    name, question, done = "blow", gettext_lazy("现在吹哨？"), gettext_lazy("吹哨了，被叫的单位都收到了")

    def perform(self, actor: Actor) -> Any:
        whistle.blow_whistle(self.whistle, actor=actor)


class AnotherForm(WhistleMoveForm):
    name, question, done = "call", gettext_lazy("再叫哪个单位？"), gettext_lazy("叫了")
    organization = _organization(gettext_lazy("单位"))

    def prepare(self) -> None:
        self.offer("organization")

    def perform(self, actor: Actor) -> Any:
        whistle.call_another(self.whistle, organization_id=self.cleaned_data["organization"], actor=actor)


class CancelForm(WhistleMoveForm):
    name, question, done = "cancel", gettext_lazy("取消这次吹哨？"), gettext_lazy("取消了，被叫的单位都收到了")
    what = gettext_lazy("被叫的单位马上收到“不用来了”。取消后不能恢复。")
    note = _note(gettext_lazy("为什么"))

    def perform(self, actor: Actor) -> Any:
        whistle.cancel_whistle(self.whistle, note=self.cleaned_data["note"], actor=actor)


class CloseForm(WhistleMoveForm):
    name, question, done = "close", gettext_lazy("结束这次吹哨？"), gettext_lazy("结束了")

    def perform(self, actor: Actor) -> Any:
        whistle.close_whistle(self.whistle, actor=actor)


class AcceptForm(WhistleMoveForm):
    name, question, done = "accept", gettext_lazy("应哨，我们来？"), gettext_lazy("应哨了，街道看得到")

    def perform(self, actor: Actor) -> Any:
        whistle_respond.accept_whistle(self.of, actor=actor)


class RefuseForm(WhistleMoveForm):
    name, question, done = "refuse", gettext_lazy("拒哨？"), gettext_lazy("交区里裁定；裁定前到场时限照算")
    what = gettext_lazy("由区调度员裁定：要来，或者不用来。没有裁定以前，到场时限照算；裁定要来的，记一次拒哨不当。")
    reason = forms.ChoiceField(
        label=gettext_lazy("原因"), choices=WhistleTarget.Refusal.choices, widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选拒哨的原因。")},
    )  # fmt: skip
    clause = forms.CharField(
        label=gettext_lazy("职责目录的哪一条"), max_length=whistle_respond.CLAUSE_LENGTH,
        error_messages={"required": gettext_lazy("请写职责目录的哪一条。")},
    )  # fmt: skip
    suggested = _organization(gettext_lazy("该由哪个单位来"))
    note = _note(gettext_lazy("说明"))

    def prepare(self) -> None:
        self.offer("suggested", besides=self.of.organization_id)

    def perform(self, actor: Actor) -> Any:
        given = self.cleaned_data
        whistle_respond.refuse_whistle(
            self.of, reason=given["reason"], clause=given["clause"], suggested_id=given["suggested"],
            note=given["note"], actor=actor,
        )  # fmt: skip


class MustComeForm(WhistleMoveForm):
    name, question, done = "must_come", gettext_lazy("裁定它要来？"), gettext_lazy("裁定了：要来")
    what = gettext_lazy("裁定马上生效，记一次拒哨不当。")
    note = _note(gettext_lazy("理由"))

    def perform(self, actor: Actor) -> Any:
        whistle_respond.arbitrate_refusal(self.of, must_come=True, note=self.cleaned_data["note"], actor=actor)


class ReleaseForm(WhistleMoveForm):
    name, question, done = "release", gettext_lazy("裁定它不用来？"), gettext_lazy("裁定了：不用来")
    what = gettext_lazy("街道可以再叫别的单位。")
    note = _note(gettext_lazy("理由"))

    def perform(self, actor: Actor) -> Any:
        whistle_respond.arbitrate_refusal(self.of, must_come=False, note=self.cleaned_data["note"], actor=actor)


class DismissForm(WhistleMoveForm):
    name, question, done = "dismiss", gettext_lazy("不等这个单位了？"), gettext_lazy("告诉它不用来了")
    what = gettext_lazy("它马上收到“不用来了”。已经迟了的，仍算迟。")
    note = _note(gettext_lazy("为什么"))

    def perform(self, actor: Actor) -> Any:
        whistle.dismiss_target(self.of, note=self.cleaned_data["note"], actor=actor)


class ArriveForm(WhistleMoveForm):
    name, question, done = "arrive", gettext_lazy("到现场了？"), gettext_lazy("报到了，街道看得到")
    what = gettext_lazy("记下时间和是谁，不记您的位置。")
    place = forms.CharField(label=gettext_lazy("在哪儿碰头"), required=False, max_length=whistle_respond.PLACE_LENGTH)
    note = forms.CharField(label=gettext_lazy("说一句"), required=False, max_length=whistle_respond.NOTE_LENGTH)

    def perform(self, actor: Actor) -> Any:
        given = self.cleaned_data
        whistle_respond.report_in(self.of, place=given["place"], note=given["note"], actor=actor)


class HandleForm(WhistleMoveForm):
    name, question, done = "handle", gettext_lazy("这边办完了？"), gettext_lazy("记下了")
    what = gettext_lazy("各单位写自己办了什么，主办单位最后写。")
    note = _note(gettext_lazy("办了什么"))

    def perform(self, actor: Actor) -> Any:
        whistle_respond.handle_whistle(self.of, note=self.cleaned_data["note"], actor=actor)


FACE_CHOICES = (("good", gettext_lazy("好")), ("mid", gettext_lazy("还行")), ("bad", gettext_lazy("不好")))
_STARS = [("", gettext_lazy("随表情")), *((str(n), str(n)) for n in range(5, 0, -1))]


class ScoresForm(KeyedForm):
    """Three faces; the three scores one by one only where somebody wants to."""

    face = forms.ChoiceField(label=gettext_lazy("怎么样"), choices=FACE_CHOICES, widget=forms.RadioSelect,
                             error_messages={"required": gettext_lazy("请点一个表情。")})  # fmt: skip
    speed = forms.ChoiceField(label=gettext_lazy("快不快"), choices=_STARS, required=False)
    result = forms.ChoiceField(label=gettext_lazy("办得怎么样"), choices=_STARS, required=False)
    attitude = forms.ChoiceField(label=gettext_lazy("态度"), choices=_STARS, required=False)
    comment = forms.CharField(
        label=gettext_lazy("说一句"), required=False, max_length=evaluation.COMMENT_LENGTH,
        help_text=gettext_lazy("对方看到时不署名、不带日期，和别的话混在一起。"),
    )  # fmt: skip

    def scores(self) -> evaluation.Scores:
        given = self.cleaned_data
        base = evaluation.FACES[given["face"]]
        return evaluation.Scores(**{name: int(given[name] or base) for name in ("speed", "result", "attitude")})


class EvaluateForm(ScoresForm, WhistleMoveForm):
    name, question, done = "evaluate", gettext_lazy("这个单位来得怎么样？"), gettext_lazy("评好了")
    what = gettext_lazy("对方只看得到满月以后的平均分，看不到是谁评的。")

    def perform(self, actor: Actor) -> Any:
        evaluation.evaluate_target(self.of, scores=self.scores(), comment=self.cleaned_data["comment"], actor=actor)


WHISTLE_MOVES: Mapping[str, type[WhistleMoveForm]] = {
    form.name: form for form in (ApproveForm, DeclineForm, WithdrawForm, BlowForm, AnotherForm, CancelForm, CloseForm)
}
TARGET_MOVES: Mapping[str, type[WhistleMoveForm]] = {
    form.name: form
    for form in (
        AcceptForm, RefuseForm, MustComeForm, ReleaseForm, DismissForm, ArriveForm, HandleForm, EvaluateForm,
    )
}  # fmt: skip
