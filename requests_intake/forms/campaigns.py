"""Forms of campaigns: keeping one, and reporting a batch."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.keyed import KeyedForm
from grids.models import Level
from grids.reference import territory
from requests_intake.actions.campaigns import DESCRIPTION_LENGTH, NAME_LENGTH, CampaignSaid
from requests_intake.forms.knowledge import DayField
from requests_intake.models import Campaign


class CampaignForm(KeyedForm):
    name = forms.CharField(
        label=gettext_lazy("专项名称"), max_length=NAME_LENGTH, help_text=gettext_lazy("比如：创城、防汛、供暖"),
        error_messages={"required": gettext_lazy("请写专项名称。")},
    )  # fmt: skip
    since = DayField(label=gettext_lazy("从哪天"), initial=clock.today)
    until = DayField(label=gettext_lazy("到哪天"), required=False, help_text=gettext_lazy("不写就是一直到停用。"))
    description = forms.CharField(
        label=gettext_lazy("说明"), required=False, max_length=DESCRIPTION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=gettext_lazy("收哪些事，谁来收。不写个人信息。"),
    )  # fmt: skip
    is_active = forms.BooleanField(label=gettext_lazy("在用"), required=False, initial=True)

    def __init__(self, *args: Any, campaign: Campaign | None = None, **kwargs: Any) -> None:
        if campaign is not None:
            names = ("name", "since", "until", "description", "is_active")
            kwargs["initial"] = {name: getattr(campaign, name) for name in names}
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False

    def said(self) -> CampaignSaid:
        given = self.cleaned_data
        return CampaignSaid(
            name=given["name"], since=given["since"], until=given["until"], description=given["description"],
            is_active=given["is_active"],
        )  # fmt: skip


class ChosenForm(KeyedForm):
    """Rows ticked in a list: ids in fields named ``ticket``."""

    def __init__(self, *args: Any, chosen: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tickets = [int(text) for text in chosen or [] if text.isascii() and text.isdigit() and len(text) < 19]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.tickets:
            raise forms.ValidationError(_("还没有选诉求，请先在左边打勾。"))
        return given


class BatchReportForm(ChosenForm):
    organization = forms.TypedChoiceField(
        label=gettext_lazy("报给哪个单位"), coerce=int,
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找单位")}),
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选报给哪个单位。")),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        groups: dict[str, list[tuple[int, str]]] = {}
        # Departments first: that is whom a street reports to.
        order = (Level.DEPARTMENT, Level.DISTRICT, Level.STREET, Level.COMMUNITY)
        for level in order:
            for row in territory().organizations.values():
                if row.level == level:
                    groups.setdefault(str(Level(level).label), []).append((row.id, row.name))
        self.fields["organization"].choices = [("", _("请选择")), *groups.items()]  # type: ignore[attr-defined]
