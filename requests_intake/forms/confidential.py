"""What a resident entrusts to a few: a report (举报) to the confidential desk, a letter to the secretary."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.crypto import normal_phone
from governance.kernel.masking import refuse_masked
from governance.kernel.storage import StoredImage
from grids.models import Level
from grids.reference import territory
from requests_intake.actions.submit import CONTENT_LENGTH, Report
from requests_intake.forms.places import community_choices
from requests_intake.forms.report import KeyedForm
from requests_intake.models import Channel, RequestType


class ConfidentialForm(KeyedForm):
    """Words, a community, and who one is or not. Whatever is wrong, nothing typed is lost."""

    content = forms.CharField(
        label=gettext_lazy("您想说什么"),
        max_length=CONTENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={
            "required": gettext_lazy("请写几句。"),
            "max_length": gettext_lazy("内容最多 %(limit_value)d 字，现在 %(show_value)d 字。"),
        },
    )
    community = forms.TypedChoiceField(
        label=gettext_lazy("哪个社区"), required=False, coerce=int, empty_value=None,
        error_messages={"invalid_choice": gettext_lazy("没有这个社区。")},
    )  # fmt: skip
    phone = forms.CharField(
        label=gettext_lazy("手机号"),
        required=False,
        max_length=30,
        validators=[refuse_masked],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        help_text=gettext_lazy("不留就给您一个查询码，用它看答复。"),
    )
    name = forms.CharField(
        label=gettext_lazy("怎么称呼您"),
        required=False,
        max_length=40,
        validators=[refuse_masked],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    is_anonymous = forms.BooleanField(label=gettext_lazy("匿名：不留姓名和电话"), required=False)
    # A person never sees it; a program that fills in every field gives itself away.
    website = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.fields["community"].choices = [("", _("选社区")), *community_choices()]  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        said: str = self.cleaned_data["phone"]
        if said.strip() and not 7 <= len(normal_phone(said)) <= 13:
            raise forms.ValidationError(_("电话号码不对，请检查。"))
        return said

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("website"):
            raise forms.ValidationError(_("没有交成功，请刷新页面再试一次。"))
        return given

    def _common(self, photos: list[StoredImage]) -> dict[str, Any]:
        given = self.cleaned_data
        is_anonymous = given["is_anonymous"]
        return {
            "content": given["content"].strip(),
            "community_id": given["community"],
            "name": "" if is_anonymous else given["name"].strip(),
            "phone": "" if is_anonymous else given["phone"],
            "is_anonymous": is_anonymous,
            "photos": photos,
        }

    def report(self, photos: list[StoredImage]) -> Report:
        raise NotImplementedError


class TipForm(ConfidentialForm):
    """举报: about an organization, which will never be given it."""

    about = forms.TypedChoiceField(
        label=gettext_lazy("反映哪个单位"), required=False, coerce=int, empty_value=None,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找单位")}),
        error_messages={"invalid_choice": gettext_lazy("没有这个单位。")},
        help_text=gettext_lazy("选了，这个单位和它的人就看不到、也办不了这件事。"),
    )  # fmt: skip
    field_order = ("content", "about", "community")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["about"].choices = [("", _("没有，或者不清楚")), *organizations_to_report()]  # type: ignore[attr-defined]

    def report(self, photos: list[StoredImage]) -> Report:
        common = self._common(photos)
        return Report(**common, request_type=RequestType.REPORT, about_id=self.cleaned_data["about"])


class LetterForm(ConfidentialForm):
    """写信给书记."""

    field_order = ("community", "content")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["community"].required = True
        self.fields["community"].error_messages["required"] = _("请选社区，信才知道写给谁。")

    def report(self, photos: list[StoredImage]) -> Report:
        return Report(**self._common(photos), channel=Channel.TO_SECRETARY, request_type=RequestType.SUGGESTION)


def organizations_to_report() -> list[tuple[str, list[tuple[int, str]]]]:
    """Every organization but the centre, where the confidential desk sits, by level."""
    places = territory()
    groups: dict[str, list[tuple[int, str]]] = {}
    for level in (Level.DEPARTMENT, Level.STREET, Level.COMMUNITY, Level.GRID):
        for row in places.organizations.values():
            if row.level == level:
                groups.setdefault(str(level.label), []).append((row.id, row.name))
    return list(groups.items())
