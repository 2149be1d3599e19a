"""The public forms: report, follow, and the sentence that goes with a move."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.legal import current, in_force
from governance.accounts.models import Resident
from governance.kernel.crypto import normal_phone
from governance.kernel.masking import refuse_masked
from governance.kernel.recordings import StoredRecording
from governance.kernel.storage import StoredImage
from governance.kernel.templatetags.ui import masked_phone
from requests_intake.actions.consents import Agreed
from requests_intake.actions.submit import CONTENT_LENGTH, Report
from requests_intake.forms.places import building_choices, community_choices
from requests_intake.models import Consent, RequestType
from requests_intake.presentation.people import masked_name


class OwnField(forms.CharField):
    """A name or number that may be known already: shown masked, and what comes back unchanged is the real one."""

    own = shown = ""

    def offer(self, own: str, shown: str) -> None:
        self.own, self.shown, self.initial = own, shown, shown

    def clean(self, value: Any) -> Any:
        if self.own and str(value or "").strip() == self.shown:
            return self.own
        return super().clean(value)


class KeyedForm(forms.Form):
    """A form that arrives at most once: its key is made when it is shown."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def key(self) -> str:
        return str(self.cleaned_data["idempotency_key"])


def new_key() -> str:
    """The key of a form that is shown now and has no other fields."""
    return str(uuid.uuid4())


def _privacy_version() -> int:
    return current("privacy").number


class ReportForm(KeyedForm):
    """出了什么事: words or a photo, where, and who. All but one of words and photo may be left out."""

    content = forms.CharField(
        label=gettext_lazy("说说是什么事"),
        required=False,
        max_length=CONTENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": gettext_lazy("内容最多 %(limit_value)d 字，现在 %(show_value)d 字。")},
    )
    # Found by search or remembered from last time; ``listed`` is chosen among the buildings of a community.
    building = forms.IntegerField(required=False, widget=forms.HiddenInput)
    listed = forms.TypedChoiceField(label=gettext_lazy("哪栋楼"), required=False, coerce=int, empty_value=None)
    address = forms.CharField(
        label=gettext_lazy("在哪儿"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    community = forms.TypedChoiceField(label=gettext_lazy("哪个社区"), required=False, coerce=int, empty_value=None)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    lng = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    phone = OwnField(
        label=gettext_lazy("手机号"),
        required=False,
        max_length=30,
        validators=[refuse_masked],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )
    name = OwnField(
        label=gettext_lazy("怎么称呼您"),
        required=False,
        max_length=40,
        validators=[refuse_masked],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    is_anonymous = forms.BooleanField(label=gettext_lazy("匿名：不留姓名和电话"), required=False)
    is_confidential = forms.BooleanField(label=gettext_lazy("保密：办事的人看不到我是谁"), required=False)
    request_type = forms.ChoiceField(
        label=gettext_lazy("这是"),
        required=False,
        choices=[(value, label) for value, label in RequestType.choices],
        widget=forms.RadioSelect,
    )
    # On behalf of another: name and phone above are then that person's.
    helper = forms.ChoiceField(
        label=gettext_lazy("替谁报"),
        required=False,
        choices=[
            ("", gettext_lazy("我自己的事")),
            (Consent.Helper.FAMILY.value, gettext_lazy("替家人")),
            (Consent.Helper.NEIGHBOUR.value, gettext_lazy("替邻居")),
            (Consent.Helper.CARER.value, gettext_lazy("替我照护的人")),
        ],
        widget=forms.RadioSelect,
        initial="",
    )
    consent_how = forms.ChoiceField(
        label=gettext_lazy("本人怎么同意的"), required=False, choices=Consent.How.choices, widget=forms.RadioSelect
    )
    has_consented = forms.BooleanField(
        label=gettext_lazy("我问过本人，本人同意由我来报、登记称呼和电话"), required=False
    )
    # Which version of the privacy notice the page led to.
    privacy_version = forms.IntegerField(required=False, widget=forms.HiddenInput, initial=_privacy_version)
    # A person never sees it; a program that fills in every field gives itself away.
    website = forms.CharField(required=False)

    def __init__(
        self, *args: Any, photo_count: int = 0, has_recording: bool = False, resident: Resident | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.has_recording = has_recording
        self.photo_count = photo_count
        if resident is not None:
            # Before anything asks for a bound field: that is made of the field as it is then.
            self._own("phone").offer(resident.phone, masked_phone(resident.phone))
            self._own("name").offer(resident.name, masked_name(resident.name))
        community = self["community"].value()
        self.community_id = int(community) if str(community or "").isdigit() else None
        self._offer("community", _("选社区"), community_choices())
        self._offer("listed", _("选楼栋"), building_choices(self.community_id))

    def _own(self, name: str) -> OwnField:
        field = self.fields[name]
        assert isinstance(field, OwnField)
        return field

    def _offer(self, name: str, empty: str, groups: list[tuple[str, list[tuple[str, str]]]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", empty), *groups]

    def clean_phone(self) -> str:
        said: str = self.cleaned_data["phone"]
        if said.strip() and not 7 <= len(normal_phone(said)) <= 13:
            raise forms.ValidationError(_("电话号码不对，请检查。"))
        return said

    def clean_privacy_version(self) -> int | None:
        """A version that holds or has held; nothing where the form names another."""
        said: int | None = self.cleaned_data["privacy_version"]
        return said if said in {0, *(row.number for row in in_force("privacy"))} else None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        says = given.get("content", "").strip() or self.photo_count or self.has_recording
        if not says and "content" not in self.errors:
            self.add_error("content", _("请拍一张照片，或者说一句是什么事。"))
        if given.get("helper") and not given.get("is_anonymous"):
            self._check_behalf(given)
        if given.get("website"):
            raise forms.ValidationError(_("没有交成功，请刷新页面再试一次。"))
        return given

    def _check_behalf(self, given: dict[str, Any]) -> None:
        if not given.get("phone", "").strip() and not given.get("name", "").strip():
            self.add_error("phone", _("替别人报，请留本人的电话或称呼，办的人好联系本人。"))
        if not given.get("consent_how"):
            self.add_error("consent_how", _("请选本人是怎么同意的。"))
        if not given.get("has_consented"):
            self.add_error("has_consented", _("替别人报要先问过本人。没问过，就选“我自己的事”，不留本人的称呼和电话。"))

    def _wordless(self, photos: list[StoredImage], recordings: Sequence[StoredRecording]) -> str:
        if not recordings:
            return _("没有写字，请看照片。")
        heard = _("没有写字，请看录像。") if recordings[0].is_video else _("没有写字，请听录音。")
        return _("没有写字，请看照片、听录音录像。") if photos else heard

    def report(self, photos: list[StoredImage], recordings: Sequence[StoredRecording] = ()) -> Report:
        """What the person said, for ``submit_ticket``. An anonymous report names nobody."""
        given = self.cleaned_data
        is_anonymous = given["is_anonymous"]
        point = None
        if given["lng"] is not None and given["lat"] is not None:
            point = (given["lng"], given["lat"])
        return Report(
            content=given["content"].strip() or self._wordless(photos, recordings),
            request_type=given["request_type"],
            building_id=given["listed"] or given["building"],
            address=given["address"].strip(),
            point=point,
            community_id=given["community"],
            name="" if is_anonymous else given["name"].strip(),
            phone="" if is_anonymous else given["phone"],
            is_anonymous=is_anonymous,
            is_confidential=given["is_confidential"],
            privacy_version=given["privacy_version"],
            agreed=Agreed(given["consent_how"], given["helper"]) if given["helper"] and not is_anonymous else None,
            photos=photos,
            recordings=recordings,
        )


class TrackForm(forms.Form):
    """查进度: the number, and what only the requester knows."""

    number = forms.CharField(
        label=gettext_lazy("编号"),
        max_length=40,
        help_text=gettext_lazy("交的时候给您的，像 260924-00173；横线可以不打"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
        error_messages={"required": gettext_lazy("请填编号。")},
    )
    secret = forms.CharField(
        label=gettext_lazy("手机号后四位，或查询码"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("请填手机号后四位，没留手机号的填查询码。")},
    )


class WordsForm(KeyedForm):
    """One sentence that may be left out."""

    note = forms.CharField(
        label=gettext_lazy("想说的话"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReopenForm(KeyedForm):
    """Why the matter is not over."""

    note = forms.CharField(
        label=gettext_lazy("哪里又不行了"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("请说一句哪里又不行了。")},
    )
