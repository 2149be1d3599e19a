"""Forms of setting a canvass up, and of asking. An answer is one form with one key: a phone may send it later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.errors import Invalid
from governance.kernel.keyed import KeyedForm, StampField
from grids.canvasses.actions.answers import MOST_SEATS, AnswerDetails
from grids.canvasses.actions.canvasses import (
    KEPT_AT_MOST,
    MOST_CHOICES,
    PLACE,
    PURPOSE,
    TITLE,
    CanvassDetails,
    FieldDetails,
)
from grids.canvasses.models import CanvassAnswer, CanvassField
from grids.canvasses.questions import LABEL, WORDS, key_of, options_of
from grids.households.forms.households import DayField

_NUMBER = {"inputmode": "numeric"}


class _Picks(forms.TypedMultipleChoiceField):
    """Some of a list of (id, name), as chips."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, coerce=int, widget=forms.CheckboxSelectMultiple, **options)


class CanvassForm(KeyedForm):
    """What is told at the door, from when to when, and who is asked."""

    area = forms.TypedChoiceField(label=gettext_lazy("哪个街道、社区"), coerce=int)
    title = forms.CharField(
        label=gettext_lazy("叫什么"), max_length=TITLE, help_text=gettext_lazy("如“冬季流感疫苗”。"),
        error_messages={"required": gettext_lazy("请写叫什么。")},
    )  # fmt: skip
    purpose = forms.CharField(
        label=gettext_lazy("为什么问"), max_length=PURPOSE, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("上门时念给居民听，如“算清楚要多少支，安排哪天来打”。"),
        error_messages={"required": gettext_lazy("请写为什么问。")},
    )  # fmt: skip
    begins_on = DayField(label=gettext_lazy("哪天开始"))
    ends_on = DayField(label=gettext_lazy("哪天结束"))
    keep_days = forms.IntegerField(
        label=gettext_lazy("结束后留几天"), min_value=1, max_value=KEPT_AT_MOST, initial=30,
        widget=forms.NumberInput(attrs=_NUMBER),
        help_text=gettext_lazy("最多 90 天。过了这几天，各户的回答自动删掉，只留各网格的数字。用不着的，填短一点。"),
    )  # fmt: skip
    tags = _Picks(label=gettext_lazy("有哪些标签的户"), help_text=gettext_lazy("不选就不看标签。敏感标签不能选。"))
    born_from = forms.IntegerField(
        label=gettext_lazy("家里有人出生在哪年以后"), required=False, widget=forms.NumberInput(attrs=_NUMBER)
    )
    born_until = forms.IntegerField(
        label=gettext_lazy("家里有人出生在哪年以前"), required=False, widget=forms.NumberInput(attrs=_NUMBER),
        help_text=gettext_lazy("含这一年。登记里只有出生年份；没登记年份的人算不进来。"),
    )  # fmt: skip
    grids = _Picks(label=gettext_lazy("哪些网格"), help_text=gettext_lazy("网格、楼栋都不选，就是全部。"))
    buildings = _Picks(label=gettext_lazy("哪些楼栋"))
    quota = forms.IntegerField(
        label=gettext_lazy("一共几个名额"), required=False, widget=forms.NumberInput(attrs=_NUMBER),
        help_text=gettext_lazy("如疫苗几支。先到先得，给完为止；没有名额就空着。"),
    )  # fmt: skip

    def __init__(
        self, *args: Any, areas: list[tuple[int, str]], tags: list[tuple[int, str]], grids: list[tuple[int, str]],
        buildings: list[tuple[int, str]], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        if len(areas) == 1:
            self.fields["area"].widget = forms.HiddenInput()
            self.fields["area"].initial = areas[0][0]
        for name, choices in (("area", areas), ("tags", tags), ("grids", grids), ("buildings", buildings)):
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            if not choices:
                del self.fields[name]

    def details(self) -> CanvassDetails:
        said = self.cleaned_data
        return CanvassDetails(
            title=said["title"], purpose=said["purpose"], begins_on=said["begins_on"], ends_on=said["ends_on"],
            keep_days=said["keep_days"], tags=said.get("tags", ()), grids=said.get("grids", ()),
            buildings=said.get("buildings", ()), born_from=said["born_from"], born_until=said["born_until"],
            quota=said["quota"],
        )  # fmt: skip

    def sections(self) -> list[tuple[str, list[Any]]]:
        """The fields under three headings."""
        parts = (
            (_("问什么事"), ("area", "title", "purpose")),
            (_("从哪天到哪天"), ("begins_on", "ends_on", "keep_days", "quota")),
            (_("问哪些户"), ("tags", "born_from", "born_until", "grids", "buildings")),
        )
        return [
            (heading, [self[name] for name in names if name in self.fields and not self[name].is_hidden])
            for heading, names in parts
        ]


class FieldForm(KeyedForm):
    """One question."""

    label = forms.CharField(
        label=gettext_lazy("问什么"), max_length=LABEL,
        help_text=gettext_lazy("照上门时问的说法写，不问证件、病情、收入。"),
        error_messages={"required": gettext_lazy("请写问什么。")},
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=gettext_lazy("怎么答"), choices=CanvassField.Kind.choices, widget=forms.RadioSelect,
        initial=CanvassField.Kind.YES_NO,
    )  # fmt: skip
    choices = forms.CharField(
        label=gettext_lazy("可以选的"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=400,
        help_text=gettext_lazy("“选一个”才填，一行一个。"),
    )  # fmt: skip
    is_required = forms.BooleanField(label=gettext_lazy("一定要答"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.fields["choices"].sometimes = True  # type: ignore[attr-defined]

    def details(self) -> FieldDetails:
        said = self.cleaned_data
        lines = [line.strip() for line in said["choices"].splitlines() if line.strip()]
        return FieldDetails(said["label"], said["kind"], lines[: MOST_CHOICES + 1], said["is_required"])


class SlotForm(KeyedForm):
    """A time at a place with so many places."""

    starts_at = forms.DateTimeField(
        label=gettext_lazy("什么时候"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": gettext_lazy("请选时间。"), "invalid": gettext_lazy("请选时间。")},
    )  # fmt: skip
    place = forms.CharField(
        label=gettext_lazy("在哪儿"), max_length=PLACE, help_text=gettext_lazy("如“社区卫生服务站二楼”。"),
        error_messages={"required": gettext_lazy("请写在哪儿。")},
    )  # fmt: skip
    capacity = forms.IntegerField(
        label=gettext_lazy("几个名额"), min_value=1, max_value=2_000, widget=forms.NumberInput(attrs=_NUMBER)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False


class ConfirmForm(KeyedForm):
    """For what cannot be taken back: a tick besides the button."""

    sure = forms.BooleanField(
        label=gettext_lazy("我知道删了就找不回来"), error_messages={"required": gettext_lazy("请先打钩。")}
    )


class ImportForm(KeyedForm):
    file = forms.FileField(
        label=gettext_lazy("文件"), allow_empty_file=True,
        help_text=gettext_lazy("用导出的名单填好，.xlsx 或 .csv，最多 2000 行。户编号不要改；空格子不改原来的。"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"required": gettext_lazy("请选一个文件。")},
    )  # fmt: skip


class AnswerForm(KeyedForm):
    """How it went, the questions, and where there are places: how many and when.

    What must be answered is judged by the action: nobody at home answers nothing.
    """

    met = forms.ChoiceField(
        label=gettext_lazy("问到没有"), choices=CanvassAnswer.Met.choices, widget=forms.RadioSelect,
        initial=CanvassAnswer.Met.ANSWERED, error_messages={"required": gettext_lazy("请选问到没有。")},
    )  # fmt: skip
    seats = forms.IntegerField(
        label=gettext_lazy("要几个名额"), required=False, min_value=0, max_value=MOST_SEATS,
        widget=forms.NumberInput(attrs=_NUMBER),
    )  # fmt: skip
    slot = forms.TypedChoiceField(
        label=gettext_lazy("哪个时间"), required=False, coerce=int, empty_value=None, widget=forms.RadioSelect
    )
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    at = StampField()

    def __init__(
        self, *args: Any, questions: list[CanvassField], slots: list[tuple[int, str]], has_places: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.questions = questions
        for question in questions:
            self.fields[key_of(question)] = _asked(question)
        if not has_places:
            del self.fields["seats"]
        if slots:
            self.fields["slot"].choices = [("", _("先不定")), *slots]  # type: ignore[attr-defined]
        else:
            del self.fields["slot"]

    def asked(self) -> list[Any]:
        return [self[key_of(question)] for question in self.questions]

    def details(self) -> AnswerDetails:
        said = self.cleaned_data
        values = {question.pk: said.get(key_of(question)) for question in self.questions}
        is_answered = said["met"] == CanvassAnswer.Met.ANSWERED
        return AnswerDetails(
            met=said["met"], values=values if is_answered else {},
            seats=(said.get("seats") or 0) if is_answered else 0, slot=said.get("slot") if is_answered else None,
            at=min(said["at"], clock.now()) if said["at"] else None, seen=_moment(said["seen"]),
        )  # fmt: skip


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        words = _("这一页旧了，请刷新再填。")
        raise Invalid("stale_page", words) from None


def _asked(question: CanvassField) -> forms.Field:
    label, kind = question.label, CanvassField.Kind
    if question.kind in (kind.YES_NO, kind.CHOICE):
        made: forms.Field = forms.TypedChoiceField(
            label=label, required=False, coerce=int, empty_value=None, choices=options_of(question),
            widget=forms.RadioSelect,
        )  # fmt: skip
    elif question.kind == kind.NUMBER:
        made = forms.IntegerField(label=label, required=False, widget=forms.NumberInput(attrs=_NUMBER))
    elif question.kind == kind.DAY:
        made = DayField(label=label, required=False)
    else:
        made = forms.CharField(
            label=label, required=False, max_length=WORDS, widget=forms.TextInput(attrs={"autocomplete": "off"}),
            help_text=_("不写姓名、证件号、病名。"),
        )  # fmt: skip
    made.sometimes = question.is_required  # type: ignore[attr-defined]
    return made
