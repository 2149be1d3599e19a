"""Forms of the ledger of care, of contact members and sponsors, and of 必到必访."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.kernel.keyed import KeyedForm
from grids.households.forms.households import DayField, NameField, PhoneField
from grids.households.models import HouseholdTag, Person
from grids.households.presentation.people import masked_resident
from grids.visits.actions.care import LONGEST, WORDS, CareDetails, HelperDetails
from grids.visits.actions.contacts import MemberDetails
from grids.visits.actions.must import LONGEST_DAYS, LONGEST_HOURS, RuleDetails
from grids.visits.models import CareContact, CareLink, CareObject, MustVisitRule


def _words(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=WORDS, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=help_text,
    )  # fmt: skip


def _number(label: Any, most: int, *, required: bool = True, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=required, min_value=1, max_value=most, help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip


class HelperForm(KeyedForm):
    """Who looks after them: a colleague, or somebody by name."""

    kind = forms.ChoiceField(label=_("谁来结对"), choices=CareLink.Kind.choices, widget=forms.RadioSelect)
    member = forms.TypedChoiceField(label=_("哪位同事"), required=False, coerce=int, empty_value=None)
    name = NameField(label=_("怎么称呼"), required=False, help_text=_("不是同事的填这里，如“王阿姨”。"))
    phone = PhoneField(label=_("他的电话"))

    def __init__(self, *args: Any, colleagues: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].choices = [("", _("不是同事")), *colleagues]  # type: ignore[attr-defined]
        self.fields["kind"].initial = CareLink.Kind.STAFF

    def helper(self) -> HelperDetails:
        said = self.cleaned_data
        return HelperDetails(said["kind"], said["member"], said["name"], said["phone"])


class CareForm(KeyedForm):
    category = forms.ChoiceField(label=_("为什么关心"), choices=CareObject.Category.choices, widget=forms.RadioSelect)
    level = forms.ChoiceField(label=_("关心到什么程度"), choices=CareObject.Level.choices, widget=forms.RadioSelect)
    every = _number(_("几天联系一次"), LONGEST, required=False, help_text=_("不填就按程度：30 天、14 天、7 天。"))
    needs = _words(_("要帮什么"), required=False, help_text=_("如“每周买菜”“陪着看医生”。不写病名、金额、证件号。"))

    def __init__(self, *args: Any, known: CareObject | None = None, **kwargs: Any) -> None:
        if known is not None:
            kwargs["initial"] = {"category": known.category, "level": known.level, "every": known.every}
        super().__init__(*args, **kwargs)
        self.fields["level"].initial = CareObject.Level.USUAL
        if known is not None and known.needs:
            self.fields["needs"].help_text = _("空着就不改。")

    def details(self) -> CareDetails:
        said = self.cleaned_data
        return CareDetails(said["category"], said["level"], said["every"], said["needs"])


class NewCareForm(CareForm, HelperForm):
    """Who is cared for, and by whom first."""

    person = forms.TypedChoiceField(label=_("关心谁"), required=False, coerce=int, empty_value=None)
    field_order = ["person", "category", "level", "every", "needs", "kind", "member", "name", "phone"]

    def __init__(self, *args: Any, people: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {row.pk: row for row in people}
        names = [(row.pk, f"{masked_resident(row.name)}·{row.get_relation_display()}") for row in self.people.values()]
        self.fields["person"].choices = [("", _("这一户")), *names]  # type: ignore[attr-defined]

    def details(self) -> CareDetails:
        said = self.cleaned_data
        person = self.people.get(said["person"] or 0)
        return CareDetails(said["category"], said["level"], said["every"], said["needs"], person)


class EndCareForm(KeyedForm):
    reason = forms.ChoiceField(label=_("为什么"), choices=CareObject.EndReason.choices, widget=forms.RadioSelect)


class ContactForm(KeyedForm):
    """One helper was in contact."""

    how = forms.ChoiceField(label=_("怎么联系的"), choices=CareContact.How.choices, widget=forms.RadioSelect)
    words = _words(_("说了什么"), required=False)


class BenefitForm(KeyedForm):
    what = forms.CharField(label=_("享受什么"), max_length=30, help_text=_("如“低保”“高龄津贴”。不写金额。"))
    recheck_on = DayField(label=_("哪天复核"))


class RecheckForm(KeyedForm):
    again_on = DayField(label=_("下次哪天复核"), required=False, help_text=_("空着表示不再享受，这一项就停了。"))


# ---------------------------------------------------------------- contact members
class MemberForm(KeyedForm):
    full_name = NameField(label=_("姓名"))
    public_name = forms.CharField(
        label=_("居民看到的称呼"), max_length=20, help_text=_("如“李师傅”“3号楼老周”。只公开这个，不公开姓名和电话。")
    )
    phone = PhoneField(label=_("电话"))
    agrees = forms.BooleanField(label=_("本人同意公开这个称呼、联系邻居"), required=False)

    def __init__(self, *args: Any, is_known: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_known:
            for name in ("full_name", "public_name"):
                self.fields[name].required = False
            del self.fields["agrees"]
            self.fields["full_name"].help_text = self.fields["phone"].help_text = _("空着就不改。")

    def details(self) -> MemberDetails:
        said = self.cleaned_data
        return MemberDetails(said["full_name"], said["public_name"], said["phone"], said.get("agrees", True))


class NewMemberForm(MemberForm):
    grid = forms.TypedChoiceField(label=_("在哪个网格"), coerce=int)
    field_order = ["grid"]

    def __init__(self, *args: Any, grids: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grid"].choices = list(grids)  # type: ignore[attr-defined]


class PickForm(KeyedForm):
    """Some of a list: ``picked``. ``label`` says what."""

    picked = forms.TypedMultipleChoiceField(coerce=int, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, label: str, choices: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["picked"].label = label
        self.fields["picked"].choices = list(choices)  # type: ignore[attr-defined]


class ChooseForm(KeyedForm):
    """One of a list, searchable."""

    chosen = forms.TypedChoiceField(coerce=int, widget=forms.Select(attrs={"data-combo": _("输几个字找")}))

    def __init__(self, *args: Any, label: str, choices: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].label = label
        self.fields["chosen"].choices = list(choices)  # type: ignore[attr-defined]


class WordsForm(KeyedForm):
    words = _words(_("说什么"))

    def __init__(self, *args: Any, label: str = "", required: bool = True, help_text: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["words"]
        field.label, field.required, field.help_text = label or field.label, required, help_text


class HelpForm(KeyedForm):
    """What a sponsor did."""

    on = DayField(label=_("哪天"))
    words = _words(_("帮了什么"), help_text=_("如“换了楼道灯”“帮老人搬了家具”。不写姓名。"))


class HubForm(KeyedForm):
    picked = forms.TypedMultipleChoiceField(
        label=_("方便哪几栋楼的邻居"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    agrees = forms.BooleanField(label=_("这一户同意设中心户"), required=False)

    def __init__(self, *args: Any, buildings: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["picked"].choices = list(buildings)  # type: ignore[attr-defined]


# ---------------------------------------------------------------- 必到必访
class EventForm(KeyedForm):
    """Where the secretary has to come."""

    rule = forms.TypedChoiceField(label=_("什么事"), coerce=int, widget=forms.RadioSelect)
    grid = forms.TypedChoiceField(label=_("在哪个网格"), coerce=int)
    place = forms.CharField(label=_("在哪里"), max_length=60, help_text=_("如“3号楼门口”。不写姓名。"))
    words = _words(_("怎么回事"))

    def __init__(
        self, *args: Any, rules: Iterable[MustVisitRule], grids: Iterable[tuple[int, str]], at_home: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rules = {row.pk: row for row in rules}
        label = _("{name}（{hours} 小时内到）")
        names = [(pk, label.format(name=row.name, hours=row.hours)) for pk, row in self.rules.items()]
        self.fields["rule"].choices = names  # type: ignore[attr-defined]
        self.fields["grid"].choices = list(grids)  # type: ignore[attr-defined]
        if at_home:
            del self.fields["grid"], self.fields["place"]


class RuleForm(KeyedForm):
    kind = forms.ChoiceField(label=_("哪一种"), choices=MustVisitRule.Kind.choices, widget=forms.RadioSelect)
    tag = forms.TypedChoiceField(label=_("有这种标签的户"), required=False, coerce=int, empty_value=None)
    days = _number(_("几天访一次"), LONGEST_DAYS, required=False, help_text=_("选“必访”时填。"))
    name = forms.CharField(
        label=_("什么事"), required=False, max_length=20, help_text=_("选“必到”时填，如“突发事件”。")
    )
    hours = _number(_("几小时内到"), LONGEST_HOURS, required=False, help_text=_("选“必到”时填。"))

    def __init__(self, *args: Any, tags: Iterable[HouseholdTag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tags = {row.pk: row for row in tags}
        self.fields["tag"].choices = [("", _("不选"))] + [(pk, row.name) for pk, row in self.tags.items()]  # type: ignore[attr-defined]

    def details(self) -> RuleDetails:
        said = self.cleaned_data
        return RuleDetails(said["kind"], said["name"], self.tags.get(said["tag"] or 0), said["days"], said["hours"])
