"""The form of 代为登记."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.legal import current
from governance.kernel.errors import DomainError
from governance.kernel.masking import refuse_masked
from governance.kernel.storage import StoredImage
from requests_intake.actions.submit import CONTENT_LENGTH, Report
from requests_intake.forms.choices import categories, communities
from requests_intake.forms.moves import fresh_key
from requests_intake.models import Channel, Urgency

CHANNELS = (Channel.HOTLINE, Channel.CHAT, Channel.LETTER_BOX, Channel.DOOR)


class OnBehalfForm(forms.Form):
    """What somebody said, how it reached us, who it was, where it is. A name or number needs the person's consent."""

    channel = forms.ChoiceField(
        label=gettext_lazy("从哪儿来的"),
        choices=[(channel.value, channel.label) for channel in CHANNELS],
        widget=forms.RadioSelect,
        initial=Channel.HOTLINE.value,
    )
    content = forms.CharField(
        label=gettext_lazy("居民的原话"),
        max_length=CONTENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("请记下居民说了什么。")},
    )
    address = forms.CharField(label=gettext_lazy("地址"), required=False, max_length=200)
    building = forms.IntegerField(required=False, widget=forms.HiddenInput)
    community = forms.TypedChoiceField(
        label=gettext_lazy("社区"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找社区")}),
        help_text=gettext_lazy("说不清地址时选社区；都不知道就空着，由区里核实。"),
    )
    name = forms.CharField(label=gettext_lazy("怎么称呼"), required=False, max_length=40, validators=[refuse_masked])
    phone = forms.CharField(
        label=gettext_lazy("电话"),
        required=False,
        max_length=30,
        validators=[refuse_masked],
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    has_consented = forms.BooleanField(label=gettext_lazy("本人同意登记称呼和电话，用于办理和回访"), required=False)
    is_anonymous = forms.BooleanField(label=gettext_lazy("匿名：不留称呼和电话"), required=False)
    is_confidential = forms.BooleanField(label=gettext_lazy("保密：承办单位看不到身份"), required=False)
    category = forms.ChoiceField(
        label=gettext_lazy("分类"),
        required=False,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找分类")}),
        help_text=gettext_lazy("空着就按原话自动判断。"),
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("紧急程度"),
        required=False,
        choices=[("", gettext_lazy("自动判断")), *Urgency.choices],
        widget=forms.RadioSelect,
        initial="",
    )
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80, initial=fresh_key)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.fields["community"].choices = [("", _("没有选")), *communities()]  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", _("自动判断")), *categories()[1:]]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        named = bool(given.get("name", "").strip() or given.get("phone", "").strip())
        if named and not given.get("is_anonymous") and not given.get("has_consented"):
            self.add_error("has_consented", _("留称呼或电话要先问过本人；不同意就选匿名。"))
        return given

    def refused(self, error: DomainError) -> None:
        """Put what the action says beside the fields it is about, else above the form."""
        for field, sentences in error.fields.items():
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)
        if not error.fields:
            self.add_error(None, error.message)

    def report(self, photos: list[StoredImage]) -> Report:
        """For ``submit_ticket``. An anonymous report names nobody, whatever was typed."""
        given = self.cleaned_data
        is_anonymous = given["is_anonymous"]
        return Report(
            content=given["content"].strip(),
            channel=given["channel"],
            category_code=given["category"],
            urgency=given["urgency"],
            building_id=given["building"],
            address=given["address"].strip(),
            community_id=given["community"],
            name="" if is_anonymous else given["name"].strip(),
            phone="" if is_anonymous else given["phone"],
            is_anonymous=is_anonymous,
            is_confidential=given["is_confidential"],
            consent_version=current("consent").number if given["has_consented"] else None,
            photos=photos,
        )
