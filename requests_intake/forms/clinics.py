"""Forms of the mediation register and of clinic days, at the desk and for residents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.legal import current
from governance.accounts.models import Resident
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid
from governance.kernel.keyed import KeyedForm
from governance.kernel.masking import refuse_masked
from grids.models import Level
from grids.reference import territory
from requests_intake.actions import clinic_bookings, clinics
from requests_intake.actions import mediation_register as register
from requests_intake.actions.mediation import TEXT_LENGTH as FACTS_LENGTH
from requests_intake.actions.mediation import Party
from requests_intake.clinics import choosable_members
from requests_intake.forms.knowledge import DayField
from requests_intake.importing.tables import Cell, Table
from requests_intake.models import (
    ClinicBooking,
    ClinicDay,
    CommitteeMember,
    MediationCase,
    MediationCommittee,
    MediationKind,
)

COLUMNS = {
    "name": gettext_lazy("名称"), "kind": gettext_lazy("类型"), "street": gettext_lazy("街道"),
    "community": gettext_lazy("社区"), "trade": gettext_lazy("行业"), "place": gettext_lazy("地点"),
    "phone": gettext_lazy("办公电话"), "hours": gettext_lazy("开门时间"), "since": gettext_lazy("起始日期"),
    "until": gettext_lazy("结束日期"),
}  # fmt: skip
"""Columns of a list of committees; those of ``_NEEDED`` must be there."""
_NEEDED = ("name", "kind", "place", "since")
MOST_ROWS, MOST_BYTES = 500, 2 * 1024 * 1024


class _Form(KeyedForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False


class CommitteeForm(_Form):
    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=register.NAME_LENGTH, validators=[refuse_masked],
        error_messages={"required": gettext_lazy("请写名称。")},
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=gettext_lazy("类型"), choices=MediationKind.choices, widget=forms.RadioSelect,
        initial=MediationKind.PEOPLE,
    )  # fmt: skip
    street = forms.TypedChoiceField(
        label=gettext_lazy("哪个街道"), required=False, coerce=int, empty_value=None,
        help_text=gettext_lazy("全区的、行业的可以不选。"),
    )  # fmt: skip
    community = forms.TypedChoiceField(
        label=gettext_lazy("哪个社区"), required=False, coerce=int, empty_value=None,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找社区")}),
        help_text=gettext_lazy("设在社区的才选；街道自动带出。"),
    )  # fmt: skip
    trade = forms.CharField(
        label=gettext_lazy("行业"), required=False, max_length=register.TRADE_LENGTH,
        help_text=gettext_lazy("行业性的才写，如：物业、医疗、交通事故。"),
    )  # fmt: skip
    place = forms.CharField(
        label=gettext_lazy("调解室在哪儿"), max_length=register.PLACE_LENGTH,
        help_text=gettext_lazy("居民看得到，写到楼层、房间。"),
        error_messages={"required": gettext_lazy("请写调解室在哪儿。")},
    )  # fmt: skip
    phone = forms.CharField(
        label=gettext_lazy("办公电话"), required=False, max_length=register.PHONE_LENGTH, validators=[refuse_masked],
        help_text=gettext_lazy("居民看得到，不要写个人手机。"), widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )  # fmt: skip
    hours = forms.CharField(
        label=gettext_lazy("开门时间"), required=False, max_length=register.HOURS_LENGTH,
        help_text=gettext_lazy("如：周一至周五 8:30–17:30"),
    )  # fmt: skip
    since = DayField(label=gettext_lazy("从哪天起"), initial=clock.today)
    until = DayField(
        label=gettext_lazy("到哪天"), required=False, help_text=gettext_lazy("撤了才写；写了居民就看不到了。")
    )

    def __init__(self, *args: Any, actor: Actor, committee: MediationCommittee | None = None, **kwargs: Any) -> None:
        if committee is not None:
            names = ("name", "kind", "trade", "place", "phone", "hours", "since", "until")
            kwargs["initial"] = {name: getattr(committee, name) for name in names}
            kwargs["initial"] |= {"street": committee.street_id, "community": committee.community_id}
        super().__init__(*args, **kwargs)
        streets = register.streets_of(actor)
        own, places = {area.id for area in streets}, territory()
        whole = register.keeps(actor, None)
        first = [("", _("全区"))] if whole else []
        self.fields["street"].choices = [*first, *((area.id, area.name) for area in streets)]  # type: ignore[attr-defined]
        groups: dict[str, list[tuple[int, str]]] = {}
        for area in places.at_level(Level.COMMUNITY):
            if area.street_id in own:
                groups.setdefault(places.area_name(area.street_id), []).append((area.id, area.name))
        self.fields["community"].choices = [("", _("不是社区的")), *groups.items()]  # type: ignore[attr-defined]

    def said(self) -> register.CommitteeSaid:
        given = self.cleaned_data
        community = territory().areas.get(given["community"] or 0)
        # The community says which street it is in; whoever chose it need not choose that too.
        street = community.street_id if community else given["street"]
        return register.CommitteeSaid(
            name=given["name"], kind=given["kind"], place=given["place"], since=given["since"], until=given["until"],
            street_id=street, community_id=given["community"], trade=given["trade"], phone=given["phone"],
            hours=given["hours"],
        )  # fmt: skip


class MemberForm(_Form):
    membership = forms.TypedChoiceField(
        label=gettext_lazy("有账号的人"), required=False, coerce=int, empty_value=None,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找人")}),
    )  # fmt: skip
    name = forms.CharField(
        label=gettext_lazy("没有账号的，写姓名"), required=False, max_length=register.PERSON_LENGTH,
        validators=[refuse_masked], help_text=gettext_lazy("加密保存，居民看不到。"),
    )  # fmt: skip
    profession = forms.ChoiceField(
        label=gettext_lazy("身份"), choices=CommitteeMember.Profession.choices, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选身份。")),
    )  # fmt: skip
    is_keeper = forms.BooleanField(label=gettext_lazy("内勤：看得到所有预约，管调委会的档案"), required=False)
    since = DayField(label=gettext_lazy("从哪天起"), initial=clock.today)
    until = DayField(label=gettext_lazy("到哪天"), required=False)

    def __init__(self, *args: Any, committee: MediationCommittee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["membership"].choices = [("", _("没有账号")), *_people(committee)]  # type: ignore[attr-defined]

    def said(self) -> register.MemberSaid:
        given = self.cleaned_data
        return register.MemberSaid(
            profession=given["profession"], since=given["since"], membership_id=given["membership"],
            name=given["name"], is_keeper=given["is_keeper"], until=given["until"],
        )  # fmt: skip


def _people(committee: MediationCommittee) -> list[tuple[str, list[tuple[int, str]]]]:
    """Who serves in the committee's street and its communities, or at the district and in departments, by office."""
    places = territory()
    groups: dict[str, list[tuple[int, str]]] = {}
    for office in places.organizations.values():
        area = places.areas.get(office.area_id)
        near = committee.street_id is None or (area is not None and area.street_id == committee.street_id)
        if office.level == Level.GRID or not (near or office.level in (Level.DEPARTMENT, Level.DISTRICT)):
            continue
        holders = {row.membership_id: f"{row.name}（{row.post_name}）" for row in places.serving(office.id)}
        if holders:
            groups[office.name] = list(holders.items())
    return list(groups.items())


class PlanForm(_Form):
    mode = forms.ChoiceField(
        label=gettext_lazy("方式"), choices=ClinicDay.Mode.choices, widget=forms.RadioSelect,
        initial=ClinicDay.Mode.CLINIC.value,
    )  # fmt: skip
    day = DayField(label=gettext_lazy("哪天"))
    opens_at = forms.TimeField(
        label=gettext_lazy("从几点"), initial="09:00", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages=dict.fromkeys(("required", "invalid"), gettext_lazy("时间要写成 09:00。")),
    )  # fmt: skip
    closes_at = forms.TimeField(
        label=gettext_lazy("到几点"), initial="11:30", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages=dict.fromkeys(("required", "invalid"), gettext_lazy("时间要写成 11:30。")),
    )  # fmt: skip
    slot_minutes = forms.TypedChoiceField(
        label=gettext_lazy("每人几分钟"), coerce=int, initial=30, widget=forms.RadioSelect,
        choices=[(number, number) for number in clinics.SLOT_MINUTES],
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选每人几分钟。")),
    )  # fmt: skip
    place = forms.CharField(
        label=gettext_lazy("在哪儿"), required=False, max_length=register.PLACE_LENGTH,
        help_text=gettext_lazy("坐诊不写就是调解室；出诊写去哪儿。"),
    )  # fmt: skip
    members = forms.TypedMultipleChoiceField(
        label=gettext_lazy("谁值守"), coerce=int, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("居民写的事，只有勾选的人和内勤看得到。"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选谁值守。")),
    )  # fmt: skip
    weeks = forms.IntegerField(
        label=gettext_lazy("连排几周"), initial=1, min_value=1, max_value=clinics.MOST_WEEKS,
        help_text=gettext_lazy("每周同一天，放假的自动跳过。"),
        error_messages={
            "required": gettext_lazy("请写几周。"), "invalid": gettext_lazy("请写一个数。"),
            "min_value": gettext_lazy("至少一周。"), "max_value": gettext_lazy("最多连排 %(limit_value)s 周。"),
        },
    )  # fmt: skip

    def __init__(self, *args: Any, committee: MediationCommittee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = choosable_members(committee)
        self.fields["members"].choices = choices  # type: ignore[attr-defined]
        self.has_members = bool(choices)

    def plan(self) -> clinics.ClinicPlan:
        given = {name: value for name, value in self.cleaned_data.items() if name != "idempotency_key"}
        return clinics.ClinicPlan(**{**given, "members": tuple(given["members"])})


class CancelClinicForm(_Form):
    reason = forms.CharField(
        label=gettext_lazy("为什么取消"), max_length=clinics.REASON_LENGTH,
        help_text=gettext_lazy("约好的居民看得到，不写别人的事。"),
        error_messages={"required": gettext_lazy("请写为什么取消。")},
    )  # fmt: skip


def _words_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("想谈什么事"), required=False, max_length=clinic_bookings.WORDS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("写一两句就行，只有当天值守的调解员和调委会内勤看得到。"),
    )  # fmt: skip


class OwnBookingForm(_Form):
    """A resident's: name and, if they like, a few words. The number is the one signed in with."""

    name = forms.CharField(
        label=gettext_lazy("怎么称呼您"), max_length=clinic_bookings.NAME_LENGTH, validators=[refuse_masked],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("请写怎么称呼。")},
    )  # fmt: skip
    words = _words_field()

    def __init__(self, *args: Any, resident: Resident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = resident.name

    def booking(self, slot: int) -> clinic_bookings.BookingSaid:
        return clinic_bookings.BookingSaid(
            slot=slot, name=self.cleaned_data["name"], phone="", words=self.cleaned_data["words"],
            privacy_version=current("privacy").number,
        )  # fmt: skip


class BehalfBookingForm(_Form):
    """Staff for somebody on the phone."""

    name = forms.CharField(
        label=gettext_lazy("怎么称呼"), max_length=clinic_bookings.NAME_LENGTH, validators=[refuse_masked],
        error_messages={"required": gettext_lazy("请写怎么称呼。")},
    )  # fmt: skip
    phone = forms.CharField(
        label=gettext_lazy("电话"), max_length=30, validators=[refuse_masked],
        widget=forms.TextInput(attrs={"inputmode": "tel"}), error_messages={"required": gettext_lazy("请写电话。")},
    )  # fmt: skip
    words = _words_field()
    has_consented = forms.BooleanField(
        label=gettext_lazy("本人同意登记称呼和电话，用于这次见面"),
        error_messages={"required": gettext_lazy("要先问过本人，同意登记称呼和电话才能约。")},
    )  # fmt: skip

    def booking(self, slot: int) -> clinic_bookings.BookingSaid:
        given = self.cleaned_data
        return clinic_bookings.BookingSaid(
            slot=slot, name=given["name"], phone=given["phone"], words=given["words"],
            consent_version=current("consent").number if given["has_consented"] else None,
        )  # fmt: skip


class BookingCaseForm(_Form):
    """What a case needs besides the person who came: what it is, and whom it is with."""

    dispute = forms.ChoiceField(
        label=gettext_lazy("什么纠纷"), choices=MediationCase.Dispute.choices, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选是什么纠纷。")),
    )  # fmt: skip
    facts = forms.CharField(
        label=gettext_lazy("纠纷事由"), max_length=FACTS_LENGTH, widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("请写纠纷事由。")},
    )  # fmt: skip
    name = forms.CharField(
        label=gettext_lazy("对方怎么称呼"), max_length=clinic_bookings.NAME_LENGTH, validators=[refuse_masked],
        error_messages={"required": gettext_lazy("请写对方怎么称呼。")},
    )  # fmt: skip
    phone = forms.CharField(
        label=gettext_lazy("对方电话"), required=False, max_length=30, validators=[refuse_masked],
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )  # fmt: skip

    def __init__(self, *args: Any, booking: ClinicBooking, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["facts"].initial = booking.words

    def other(self) -> Party:
        return Party(self.cleaned_data["name"], self.cleaned_data["phone"])


# ---------------------------------------------------------------- a list from a file
class CommitteesFileForm(_Form):
    file = forms.FileField(
        label=gettext_lazy("文件"), widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text=gettext_lazy("xlsx 或 csv，最多 500 行。同名的更新，其余新增；有错的行不影响别的行。"),
        error_messages={"required": gettext_lazy("请选一个文件。"), "empty": gettext_lazy("文件是空的。")},
    )  # fmt: skip

    def clean_file(self) -> Any:
        given = self.cleaned_data["file"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(_("文件太大，最多 2 MB。"))
        return given


def rows_of(table: Table) -> list[tuple[int, register.CommitteeSaid | str]]:
    """What the rows of a list say, or what is wrong with each. Raises ``Invalid`` where a needed column is missing."""
    missing = [str(COLUMNS[name]) for name in _NEEDED if str(COLUMNS[name]) not in table.header]
    if missing:
        said = _("表头缺少：{columns}。").format(columns="、".join(missing))
        raise Invalid("no_column", said, fields={"file": [said]})
    if table.total is not None and table.total > MOST_ROWS:
        said = _("最多 {limit} 行，请分几次。").format(limit=MOST_ROWS)
        raise Invalid("too_many", said, fields={"file": [said]})
    found: list[tuple[int, register.CommitteeSaid | str]] = []
    for row in table.rows:
        if len(found) >= MOST_ROWS:
            break
        cells = {name: row.cells.get(str(title), "") for name, title in COLUMNS.items()}
        found.append((row.number, _("这一行比表头多了几格。") if row.surplus else _said(cells)))
    return found


def _said(cells: dict[str, Cell]) -> register.CommitteeSaid | str:
    places = territory()
    text = {name: value.strip() if isinstance(value, str) else "" for name, value in cells.items()}
    kinds = {str(label): value for value, label in MediationKind.choices}
    if text["kind"] not in kinds:
        return _("类型要写人民调解、行政调解或司法调解。")
    streets = {area.name: area.id for area in places.at_level(Level.STREET)}
    street = streets.get(text["street"])
    if text["street"] and street is None:
        return _("没有这个街道：{name}。").format(name=text["street"])
    community = None
    if text["community"]:
        same = [
            area
            for area in places.at_level(Level.COMMUNITY)
            if area.name == text["community"] and street in (None, area.street_id)
        ]
        if len(same) != 1:
            what = _("没有这个社区：{name}。") if not same else _("有几个社区叫{name}，请写街道。")
            return what.format(name=text["community"])
        community, street = same[0].id, same[0].street_id
    days: dict[str, date | None] = {}
    for name in ("since", "until"):
        try:
            days[name] = _day(cells[name])
        except ValueError:
            return _("{column}要写成 2026-01-31 这样。").format(column=COLUMNS[name])
    if days["since"] is None:
        return _("请写起始日期。")
    return register.CommitteeSaid(
        name=text["name"], kind=kinds[text["kind"]], place=text["place"], since=days["since"], until=days["until"],
        street_id=street, community_id=community, trade=text["trade"], phone=text["phone"], hours=text["hours"],
    )  # fmt: skip


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    text = cell.strip().replace("/", "-").replace(".", "-")
    return datetime.strptime(text[:10], "%Y-%m-%d").date() if text else None  # noqa: DTZ007  a day has no zone
