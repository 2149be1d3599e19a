"""What a grid worker reports from the phone: a find of the patrol, or what somebody says at the door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.legal import current
from governance.kernel import features
from governance.kernel.crypto import normal_phone
from governance.kernel.masking import refuse_masked
from governance.kernel.storage import StoredImage
from grids.models import Building
from grids.queries import locate
from grids.reference import AreaRef
from requests_intake.actions.consents import Agreed, how_by_channel
from requests_intake.actions.submit import CONTENT_LENGTH, Report
from requests_intake.campaigns import campaign_choices
from requests_intake.channels import entry_channels
from requests_intake.forms.moves import fresh_key
from requests_intake.models import Channel, Consent, RequestType
from requests_intake.models.ticket import OFFLINE_CHANNELS
from requests_intake.reference import rules
from requests_intake.restricted import FIND_POSITION, WORK_PHOTOS

# Icon, word and category of the large tiles: what grid workers find most.
TILES = (
    ("trash", gettext_lazy("垃圾堆物"), "0105"),
    ("drop", gettext_lazy("排水"), "0604"),
    ("bulb", gettext_lazy("路灯照明"), "0603"),
    ("car", gettext_lazy("停车占道"), "0401"),
    ("door", gettext_lazy("楼道杂物"), "0106"),
    ("vol", gettext_lazy("噪音"), "0304"),
    ("alert", gettext_lazy("安全隐患"), "0803"),
)
OTHER = "9901"


class FindForm(forms.Form):
    """Photo, place, category, a few words; every one of them may be left out but not all. ``done``: fixed already."""

    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80, initial=fresh_key)
    place = forms.ChoiceField(
        label=gettext_lazy("在哪儿"),
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找楼栋")}),
        error_messages={"invalid_choice": gettext_lazy("这里不在您的网格里。"), "required": gettext_lazy("请选地点。")},
    )
    spot = forms.CharField(
        label=gettext_lazy("具体位置"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("比如：北侧、2 单元门口")}),
    )
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    lng = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    category = forms.CharField(required=False, max_length=8)
    content = forms.CharField(
        label=gettext_lazy("说两句"),
        required=False,
        max_length=CONTENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    campaigns = forms.TypedMultipleChoiceField(
        label=gettext_lazy("专项"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("有的专项已经不在用了，请重新选。")},
    )  # fmt: skip
    for_resident = forms.BooleanField(label=gettext_lazy("居民当面反映的，我替他报"), required=False)
    channel = forms.ChoiceField(label=gettext_lazy("怎么来的"), required=False)
    is_paper = forms.BooleanField(label=gettext_lazy("照片是来信、登记纸的原件"), required=False)
    name = forms.CharField(label=gettext_lazy("怎么称呼"), required=False, max_length=40, validators=[refuse_masked])
    phone = forms.CharField(
        label=gettext_lazy("电话"),
        required=False,
        max_length=30,
        validators=[refuse_masked],
        help_text=gettext_lazy("留了电话，办完会去问他满不满意。"),
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
    )

    has_consented = forms.BooleanField(label=gettext_lazy("本人同意登记称呼和电话"), required=False)

    def __init__(self, grids: Sequence[AreaRef], data: Any = None, *, photo_count: int = 0, **options: Any) -> None:
        super().__init__(data, **options)
        self.use_required_attribute = False
        self.fields["campaigns"].choices = campaign_choices()  # type: ignore[attr-defined]
        self.grids = {area.id: area for area in grids}
        self.photo_count = photo_count
        self.fields["place"].choices = _places(grids)  # type: ignore[attr-defined]
        offered = [row for row in entry_channels(among=OFFLINE_CHANNELS) if row[0] != Channel.COUNTER]
        self.fields["channel"].choices = offered  # type: ignore[attr-defined]
        self.fields["channel"].initial = Channel.DOOR.value
        self.fields["place"].initial = f"grid-{grids[0].id}"

    @property
    def is_done(self) -> bool:
        """Sent with the button 我已处理好."""
        return "done" in self.data

    @property
    def is_elsewhere(self) -> bool:
        """Whether another place than the own grid as a whole is chosen."""
        return self["place"].value() != self.fields["place"].initial

    @property
    def place_name(self) -> str:
        """The chosen place in words."""
        return _name_of(self["place"].value(), self.fields["place"].choices)  # type: ignore[attr-defined]

    def clean_category(self) -> str:
        code: str = self.cleaned_data["category"]
        if code and code not in rules().by_code:
            raise forms.ValidationError(_("没有这个分类。"))
        return code

    def clean_phone(self) -> str:
        said: str = self.cleaned_data["phone"]
        if said.strip() and not 7 <= len(normal_phone(said)) <= 13:
            raise forms.ValidationError(_("电话号码不对，请检查。"))
        return said

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.photo_count and not given.get("content", "").strip() and not given.get("category"):
            self.add_error("content", _("请拍一张，或者点一个分类，或者说一句。"))
        if given.get("for_resident") and self._is_named(given) and not given.get("has_consented"):
            self.add_error("has_consented", _("留称呼或电话要先问过本人；不同意就都空着。"))
        if self.is_done and not self.photo_count and (given.get("for_resident") or features.is_on(WORK_PHOTOS)):
            # Of one's own find a photo before and after may be left out (S1-10): nobody waits for a proof.
            self.add_error(None, _("处理好了也请拍一张现场照片，作为办结的依据。"))
        return given

    @staticmethod
    def _is_named(given: dict[str, Any]) -> bool:
        return bool(given.get("name", "").strip() or given.get("phone", "").strip())

    @property
    def is_agreed(self) -> bool:
        """Whether somebody is written down at the door who was asked before (S2-05)."""
        given = self.cleaned_data
        return given["for_resident"] and given["has_consented"] and self._is_named(given)

    def report(self, photos: Sequence[StoredImage]) -> Report:
        """What was said, for ``submit_ticket``. A find is nobody's complaint: it has a default type and asks nobody."""
        given = self.cleaned_data
        at_door = given["for_resident"]
        place, address, where = self._place()
        category = rules().by_code.get(given["category"])
        found = _("巡查发现：{what}").format(what=category.name if category else _("见照片"))
        content = given["content"].strip() or (_("居民当面反映，请看照片。") if at_door else found)
        channel = (given["channel"] or self.first_channel) if at_door else Channel.PATROL
        return Report(
            content=_("{content}（位置：{where}）").format(content=content, where=where) if where else content,
            request_type="" if at_door else RequestType.HELP,
            category_code=given["category"],
            channel=channel,
            building_id=place,
            address=address,
            point=(given["lng"], given["lat"]) if given["lng"] is not None and given["lat"] is not None else None,
            keeps_point=features.is_on(FIND_POSITION),
            name=given["name"].strip() if at_door else "",
            phone=given["phone"] if at_door else "",
            consent_version=current("consent").number if self.is_agreed else None,
            agreed=Agreed(how_by_channel(channel), Consent.Helper.STAFF) if self.is_agreed else None,
            is_proactive=not at_door,
            start_level="grid" if self.is_done else "",
            photos=tuple(photos),
            is_paper=given["is_paper"],
            campaign_ids=given["campaigns"],
        )

    @property
    def first_channel(self) -> str:
        """How a matter came where nobody said: at the door, else the first way in use."""
        codes = [code for code, _name in self.fields["channel"].choices]  # type: ignore[attr-defined]
        return Channel.DOOR.value if Channel.DOOR in codes or not codes else codes[0]

    def _place(self) -> tuple[int | None, str, str]:
        """Building, address, and the spot where it has to go into the words because it would lead out of the grid."""
        kind, _sep, number = self.cleaned_data["place"].partition("-")
        spot = self.cleaned_data["spot"].strip()
        if kind == "building":
            return int(number), spot, ""
        grid = self.grids[int(number)]
        if not spot or locate(address=f"{grid.name}{spot}", community_id=grid.community_id).grid_id == grid.id:
            return None, f"{grid.name}{spot}", ""
        return None, grid.name, spot


def _name_of(value: str, choices: Any) -> str:
    for key, label in choices:
        if isinstance(label, list | tuple):
            found = _name_of(value, label)
            if found:
                return found
        elif key == value:
            return str(label)
    return ""


def _places(grids: Sequence[AreaRef]) -> list[tuple[str, Any]]:
    """Each grid as a whole (its public ground) and its buildings; one statement."""
    choices: list[tuple[str, Any]] = [
        (f"grid-{area.id}", _("{grid}·公共区域").format(grid=area.name)) for area in grids
    ]
    groups: dict[int, list[tuple[str, str]]] = {area.id: [] for area in grids}
    rows = Building.objects.filter(grid_id__in=groups, ended_on=None).order_by("compound_id", "number", "pk")
    for pk, name, compound, grid_id in rows.values_list("pk", "name", "compound__name", "grid_id"):
        label = name if not compound or compound in name else f"{compound}{name}"
        groups[grid_id].append((f"building-{pk}", label))
    return choices + [(area.name, groups[area.id]) for area in grids if groups[area.id]]
