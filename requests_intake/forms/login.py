"""Residents sign in: the number, then the code that was sent to it. One thing a page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from governance.kernel.masking import refuse_masked


class PhoneForm(forms.Form):
    phone = forms.CharField(
        label=gettext_lazy("手机号"),
        max_length=20,
        validators=[refuse_masked],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel", "class": "digits"}),
        error_messages={"required": gettext_lazy("请填手机号。")},
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("六位数字"),
        max_length=12,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "digits", "autofocus": True}
        ),
        error_messages={"required": gettext_lazy("请填收到的六位数字。")},
    )
    borrowed = forms.BooleanField(
        label=gettext_lazy("这不是我的手机"),
        required=False,
        help_text=gettext_lazy("借别人的手机或者公用电脑，请勾上：关掉网页就退出，最多一小时。"),
    )
