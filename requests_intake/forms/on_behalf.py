"""The form of 代为登记."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.legal import current
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.masking import refuse_masked
from governance.kernel.recordings import StoredRecording
from governance.kernel.storage import StoredImage
from requests_intake.actions.consents import Agreed, how_by_channel
from requests_intake.actions.submit import CONTENT_LENGTH, EXTERNAL_LENGTH, Report
from requests_intake.campaigns import campaign_choices
from requests_intake.channels import entry_channels
from requests_intake.forms.choices import categories, communities
from requests_intake.forms.confidential import organizations_to_report
from requests_intake.forms.moves import fresh_key
from requests_intake.models import Consent, RequestType, Urgency


class MomentField(forms.DateTimeField):
    """A moment to come, as the browser's own picker or a person writes it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
    default_error_messages = {"invalid": gettext_lazy("时间要写成“2026-11-20 17:30”。")}


class OnBehalfForm(forms.Form):
    """What somebody said, how it reached us, who it was, where it is. A name or number needs the person's consent."""

    channel = forms.ChoiceField(
        label=gettext_lazy("从哪儿来的"),
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("这个渠道现在不能选，请选别的。")},
    )
    external_number = forms.CharField(
        label=gettext_lazy("来件编号"), required=False, max_length=EXTERNAL_LENGTH,
        help_text=gettext_lazy("来的系统给的编号，同一渠道只登记一次。"),
    )  # fmt: skip
    external_due_at = MomentField(
        label=gettext_lazy("来件要求几时办结"), required=False,
        help_text=gettext_lazy("比本区的时限早，就按它承诺。"),
    )  # fmt: skip
    is_paper = forms.BooleanField(label=gettext_lazy("照片是来信、登记纸的原件"), required=False)
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
    consent_how = forms.ChoiceField(
        label=gettext_lazy("怎么同意的"),
        required=False,
        choices=Consent.How.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("不选就按来的渠道记：电话来的记“电话里说的”。"),
    )
    is_anonymous = forms.BooleanField(label=gettext_lazy("匿名：不留称呼和电话"), required=False)
    is_confidential = forms.BooleanField(label=gettext_lazy("保密：承办单位看不到身份"), required=False)
    category = forms.ChoiceField(
        label=gettext_lazy("分类"),
        required=False,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找分类")}),
        help_text=gettext_lazy("空着就按原话自动判断。"),
    )
    about = forms.TypedChoiceField(
        label=gettext_lazy("举报哪个单位"), required=False, coerce=int, empty_value=None,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找单位")}),
        error_messages={"invalid_choice": gettext_lazy("没有这个单位。")},
        help_text=gettext_lazy("只在举报时选。选了就限制知悉：先到区举报受理员，这个单位和它的人看不到、也办不了；您登记完也看不到。"),
    )  # fmt: skip
    urgency = forms.ChoiceField(
        label=gettext_lazy("紧急程度"),
        required=False,
        choices=[("", gettext_lazy("自动判断")), *Urgency.choices],
        widget=forms.RadioSelect,
        initial="",
    )
    campaigns = forms.TypedMultipleChoiceField(
        label=gettext_lazy("专项"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("有的专项已经不在用了，请重新选。")},
    )  # fmt: skip
    idempotency_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80, initial=fresh_key)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = entry_channels(actor)
        self.fields["channel"].choices = offered  # type: ignore[attr-defined]
        self.fields["channel"].initial = offered[0][0] if offered else None
        self.use_required_attribute = False
        self.fields["campaigns"].choices = campaign_choices()  # type: ignore[attr-defined]
        self.fields["community"].choices = [("", _("没有选")), *communities()]  # type: ignore[attr-defined]
        self.fields["about"].choices = [("", _("不是举报，或者不清楚")), *organizations_to_report()]  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", _("自动判断")), *categories()[1:]]  # type: ignore[attr-defined]

    def clean_external_due_at(self) -> datetime | None:
        due: datetime | None = self.cleaned_data["external_due_at"]
        if due is not None and due <= clock.now():
            raise forms.ValidationError(_("这个时间已经过了，请核对来件。"))
        return due

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

    def report(self, photos: list[StoredImage], recordings: Sequence[StoredRecording] = ()) -> Report:
        """For ``submit_ticket``. An anonymous report names nobody, whatever was typed."""
        given = self.cleaned_data
        is_anonymous = given["is_anonymous"]
        return Report(
            content=given["content"].strip(),
            channel=given["channel"],
            external_number=given["external_number"].strip(),
            external_due_at=given["external_due_at"],
            is_paper=given["is_paper"],
            campaign_ids=given["campaigns"],
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
            agreed=self._agreed(),
            about_id=given["about"],
            request_type=RequestType.REPORT if given["about"] is not None else "",
            photos=photos,
            recordings=tuple(recordings),
        )

    def _agreed(self) -> Agreed | None:
        given = self.cleaned_data
        if not given["has_consented"]:
            return None
        return Agreed(given["consent_how"] or how_by_channel(given["channel"]), Consent.Helper.STAFF)
