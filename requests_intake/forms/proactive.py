"""Forms of 主动治理: the moves of a task, and the templates of the seasons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.keyed import KeyedForm
from requests_intake.actions.submit import CONTENT_LENGTH
from requests_intake.forms.choices import categories
from requests_intake.forms.settings_words import lines
from requests_intake.models import ProactiveTask, SeasonTemplate
from requests_intake.reference import rules
from requests_intake.seasons import read_day


class DropForm(KeyedForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("为什么不办"),
        choices=ProactiveTask.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选为什么不办。")},
    )


class TicketForm(KeyedForm):
    content = forms.CharField(
        label=gettext_lazy("查到了什么"),
        max_length=CONTENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("记成一件主动发现的诉求，照常派单、计时。"),
        error_messages={"required": gettext_lazy("请写查到了什么。")},
    )


def _day(label: Any, example: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=5, widget=forms.TextInput(attrs={"placeholder": example}))


class SeasonForm(KeyedForm):
    name = forms.CharField(label=gettext_lazy("名称"), max_length=20)
    text = forms.CharField(label=gettext_lazy("做什么"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    checklist = forms.CharField(
        label=gettext_lazy("要查的"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("一行一样，最多 12 样。"),
    )  # fmt: skip
    category = forms.ChoiceField(label=gettext_lazy("事项"), required=False)
    scope = forms.ChoiceField(
        label=gettext_lazy("给谁"), choices=SeasonTemplate.Scope.choices, initial=SeasonTemplate.Scope.COMPOUND
    )
    starts_on = _day(gettext_lazy("从哪天起"), "11-01")
    ends_on = _day(gettext_lazy("到哪天止"), "03-15")
    due_days = forms.IntegerField(label=gettext_lazy("几天内做完"), min_value=1, max_value=120, initial=14)
    is_active = forms.BooleanField(label=gettext_lazy("启用"), required=False, initial=True)

    def __init__(self, *args: Any, template: SeasonTemplate | None = None, **kwargs: Any) -> None:
        if template is not None:
            names = ("name", "text", "scope", "starts_on", "ends_on", "due_days", "is_active")
            category = rules().categories.get(template.category_id or 0)
            kwargs["initial"] = {name: getattr(template, name) for name in names} | {
                "checklist": "\n".join(template.checklist),
                "category": category.code if category else "",
            }
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", _("不分")), *categories()[1:]]  # type: ignore[attr-defined]

    def clean_checklist(self) -> list[str]:
        found = list(lines(self.cleaned_data["checklist"]))
        if len(found) > 12 or any(len(line) > 60 for line in found):
            raise forms.ValidationError(_("最多 12 样，每样不超过 60 字。"))
        return found

    def _clean_day(self, name: str) -> str:
        try:
            return "{:02}-{:02}".format(*read_day(self.cleaned_data[name]))
        except ValueError:
            raise forms.ValidationError(_("写成 11-01 这样的日期。")) from None

    def clean_starts_on(self) -> str:
        return self._clean_day("starts_on")

    def clean_ends_on(self) -> str:
        return self._clean_day("ends_on")
