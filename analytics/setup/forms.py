"""Forms of the platform's administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from governance.kernel.masking import refuse_masked
from grids.generation import CODES, read_spec

_NEW_PASSWORD = {"autocomplete": "new-password"}


class FirstUserForm(forms.Form):
    token = forms.CharField(
        label=_("开通口令"), max_length=200, help_text=_("写在服务日志里，也可以由 SETUP_TOKEN 指定。")
    )
    handle = forms.CharField(label=_("账号"), max_length=64, widget=forms.TextInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label=_("密码"), strip=False, help_text=_("至少 10 位，不要全是数字，也不要用常见的密码。"),
        widget=forms.PasswordInput(attrs=_NEW_PASSWORD),
    )  # fmt: skip
    again = forms.CharField(label=_("再输一次密码"), strip=False, widget=forms.PasswordInput(attrs=_NEW_PASSWORD))

    def clean_handle(self) -> str:
        return str(self.cleaned_data["handle"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("password") and data.get("again") and data["password"] != data["again"]:
            self.add_error("again", _("两次输入的密码不一样。"))
        return data


class DistrictForm(forms.Form):
    name = forms.CharField(label=_("区的名称"), max_length=50)
    code = forms.SlugField(
        label=_("代号"), max_length=32, help_text=_("小写字母和数字，会出现在网址里，例如 /d/yunxi/。")
    )
    area_code = forms.CharField(label=_("区划代码"), max_length=6, help_text=_("六位数字。"))
    template = forms.ChoiceField(
        label=_("样板"), required=False, help_text=_("样板带来上报路径和常设部门；以后都可以改。"),
    )  # fmt: skip
    with_territory = forms.BooleanField(label=_("带上虚构的街道、社区、网格和人员（只在演示环境）"), required=False)
    handle = forms.CharField(
        label=_("第一位区管理员的账号"), max_length=64, help_text=_("小写字母、数字和 . _ -，至少三位。")
    )
    person = forms.CharField(label=_("第一位区管理员的姓名"), max_length=40, validators=[refuse_masked])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", str(_("空白：只有区和区中心")))]
        for code in CODES:
            spec = read_spec(code)
            way = " → ".join(str(LEVEL_WORDS[level]) for level in spec.escalation_path)
            choices.append((code, f"{spec.name}：{way}"))
        self.fields["template"].choices = choices  # type: ignore[attr-defined]
        if not settings.DEMO:
            del self.fields["with_territory"]

    def clean_code(self) -> str:
        return str(self.cleaned_data["code"]).lower()

    def clean_handle(self) -> str:
        return str(self.cleaned_data["handle"]).strip().lower()


LEVEL_WORDS = {"grid": _("网格"), "community": _("社区"), "street": _("街道"), "district": _("区")}
