"""Forms of the register. Names and numbers are never prefilled: nobody sees them whole without a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.kernel.keyed import KeyedForm
from governance.kernel.masking import refuse_masked
from governance.privacy.actions.disclose import WORDS_LENGTH
from grids.households.actions.households import MOST_PEOPLE, HouseholdDetails, Where
from grids.households.actions.persons import PersonDetails
from grids.households.models import Household, HouseholdTag, Person
from grids.models import Building, Room


class DayField(forms.DateField):
    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        options.setdefault("error_messages", {"required": _("请选日期。"), "invalid": _("请选日期。")})
        super().__init__(**options)


class PhoneField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=20, required=False, validators=[refuse_masked],
            widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}), **options,
        )  # fmt: skip


class NameField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=40, validators=[refuse_masked], widget=forms.TextInput(attrs={"autocomplete": "off"}), **options
        )


def room_choices(building: Building) -> list[tuple[str, Any]]:
    """Flats by entrance."""
    groups: dict[str, list[tuple[str, str]]] = {}
    rows = Room.objects.filter(unit__building=building).select_related("unit")
    for room in rows.order_by("unit__number", "floor", "number"):
        groups.setdefault(f"{room.unit.number}单元", []).append((str(room.pk), f"{room.unit.number}单元{room.number}"))
    return [("", _("没有房号")), *groups.items()]


class PlaceForm(KeyedForm):
    """A flat of a building, or words for the place where no flats are registered."""

    room = forms.ChoiceField(label=_("房号"), required=False, widget=forms.Select(attrs={"data-combo": _("输房号")}))
    place = forms.CharField(
        label=_("在哪里"), required=False, max_length=60, help_text=_("没有房号的才填，如“东头平房第三间”。")
    )

    def __init__(self, *args: Any, building: Building, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.building = building
        self.fields["room"].choices = room_choices(building)  # type: ignore[attr-defined]

    def where(self) -> Where:
        room = self.cleaned_data["room"]
        found = Room.objects.filter(pk=room, unit__building=self.building).first() if room else None
        return Where(self.building, found, self.cleaned_data["place"])


class HouseholdForm(KeyedForm):
    """What is written down of a household."""

    kind = forms.ChoiceField(label=_("类型"), choices=Household.Kind.choices, widget=forms.RadioSelect)
    people_count = forms.IntegerField(label=_("几口人"), min_value=0, max_value=MOST_PEOPLE)
    moved_in_on = DayField(label=_("哪天入住"), required=False)
    contact_name = NameField(label=_("联系人"), required=False)
    contact_phone = PhoneField(label=_("联系电话"))
    may_be_called = forms.BooleanField(label=_("本人同意社区打电话联系"), required=False)
    legacy_group = forms.CharField(
        label=_("原村组"), required=False, max_length=40, help_text=_("村改居的户填，如“王家村三组”。")
    )
    code = forms.CharField(label=_("户号"), required=False, max_length=20, help_text=_("一间房住两户时用来区分。"))

    def __init__(self, *args: Any, known: Household | None = None, **kwargs: Any) -> None:
        if known is not None:
            names = ("kind", "people_count", "moved_in_on", "legacy_group", "code", "may_be_called")
            kwargs["initial"] = {name: getattr(known, name) for name in names}
        super().__init__(*args, **kwargs)
        self.known = known
        if known is not None and (known.contact_name or known.contact_phone):
            self.fields["contact_name"].help_text = self.fields["contact_phone"].help_text = _("空着就不改。")
            self.fields["forget"] = forms.BooleanField(label=_("删掉登记的联系人和电话"), required=False)
        self.fields["kind"].initial = self.fields["kind"].initial or Household.Kind.FAMILY

    def details(self) -> HouseholdDetails:
        """Empty name and number keep what is there."""
        said, known = self.cleaned_data, None if self.cleaned_data.get("forget") else self.known
        name, phone = said["contact_name"], said["contact_phone"]
        return HouseholdDetails(
            kind=said["kind"], code=said["code"], people_count=said["people_count"],
            legacy_group=said["legacy_group"], contact_name=name or (known.contact_name if known else ""),
            contact_phone=phone or (known.contact_phone if known else ""), may_be_called=said["may_be_called"],
            agreed_on=known.agreed_on if known is not None and known.may_be_called else None,
            moved_in_on=said["moved_in_on"],
        )  # fmt: skip


class NewHouseholdForm(HouseholdForm, PlaceForm):
    """Where, and what."""

    field_order = ["room", "place", "kind", "people_count"]


class MoveForm(PlaceForm):
    """Another flat; of another building only after that was chosen."""

    on = DayField(label=_("哪天搬的"))


class EndForm(KeyedForm):
    reason = forms.ChoiceField(label=_("为什么"), choices=Household.EndReason.choices, widget=forms.RadioSelect)
    on = DayField(label=_("哪天"))


class EndPersonForm(EndForm):
    reason = forms.ChoiceField(label=_("为什么"), choices=Person.EndReason.choices, widget=forms.RadioSelect)


class PersonForm(KeyedForm):
    """``known``: whom it corrects; name and number then may stay empty, which leaves them."""

    name = NameField(label=_("姓名"))
    relation = forms.ChoiceField(label=_("与户主关系"), choices=Person.Relation.choices, widget=forms.RadioSelect)
    phone = PhoneField(label=_("电话"))
    birth_year = forms.IntegerField(
        label=_("哪年出生"), required=False, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text=_("只要年份，不登记生日和证件号码。"),
    )  # fmt: skip

    def __init__(self, *args: Any, known: Person | None = None, **kwargs: Any) -> None:
        if known is not None:
            kwargs["initial"] = {"relation": known.relation, "birth_year": known.birth_year}
        super().__init__(*args, **kwargs)
        if known is not None:
            self.fields["name"].required = False
            self.fields["name"].help_text = self.fields["phone"].help_text = _("空着就不改。")
            if known.phone:
                self.fields["forget"] = forms.BooleanField(label=_("删掉登记的电话"), required=False)

    @property
    def forgets_phone(self) -> bool:
        return bool(self.cleaned_data.get("forget"))

    def details(self) -> PersonDetails:
        said = self.cleaned_data
        return PersonDetails(said["name"], said["phone"], said["birth_year"], said["relation"])


class TaggingForm(KeyedForm):
    tag = forms.ChoiceField(label=_("标签"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("依据"), max_length=120, help_text=_("如“本人申请”“社区核实”。不写病名、案情。"))
    until = DayField(label=_("到哪天为止"), required=False, help_text=_("不填就一直有，可以随时去掉。"))

    def __init__(self, *args: Any, tags: Iterable[HouseholdTag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tags = {str(tag.pk): tag for tag in tags}
        self.fields["tag"].choices = [(pk, f"{tag.mark} {tag.name}") for pk, tag in self.tags.items()]  # type: ignore[attr-defined]


class PressForm(KeyedForm):
    """A button and its key."""


SEEN_BEFORE = _("刚才已经看过了。要再看，请重新说一次为什么。")
"""Where an old form is only being sent again."""


class ReasonForm(KeyedForm):
    """Why somebody wants to see a name, a number, or what stands behind a tag."""

    reason = forms.ChoiceField(label=_("为什么要看"), widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("补充说明"), required=False, max_length=WORDS_LENGTH, help_text=_("选“其他原因”时要写。")
    )

    def __init__(self, *args: Any, reasons: Mapping[str, str | Promise], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = list(reasons.items())  # type: ignore[attr-defined]


class PhoneSearchForm(forms.Form):
    """Posted, so that the number stands in no address."""

    phone = forms.CharField(
        label=_("电话号码"), max_length=20, validators=[refuse_masked],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": _("请输电话号码。")},
    )  # fmt: skip
