"""What anybody may say about the platform itself, and how they come back for the answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.actions.offices import CONTACT_LENGTH, FEEDBACK_LENGTH
from governance.accounts.models import PlatformFeedback
from governance.kernel.errors import DomainError
from governance.kernel.masking import refuse_masked
from requests_intake.forms.report import KeyedForm


class FeedbackForm(KeyedForm):
    """A suggestion or complaint; a way to be reached may be left out."""

    kind = forms.ChoiceField(
        label=gettext_lazy("这是"),
        choices=PlatformFeedback.Kind.choices,
        widget=forms.RadioSelect,
        initial=PlatformFeedback.Kind.SUGGESTION.value,
        error_messages={"required": gettext_lazy("请选建议或投诉。")},
    )
    content = forms.CharField(
        label=gettext_lazy("想说什么"),
        max_length=FEEDBACK_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("请写下您想说的。")},
    )
    contact = forms.CharField(
        label=gettext_lazy("怎么联系您"),
        required=False,
        max_length=CONTACT_LENGTH,
        validators=[refuse_masked],
        help_text=gettext_lazy("手机号或邮箱。不留也行，答复用查询码看。"),
    )
    # A person never sees it; a program that fills in every field gives itself away.
    website = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("website"):
            raise forms.ValidationError(_("没有交成功，请刷新页面再试一次。"))
        return given

    def refused(self, error: DomainError) -> None:
        """Put what the action says beside the fields it is about, else above the form."""
        for name, sentences in error.fields.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)
        if not error.fields:
            self.add_error(None, error.message)


class AnswerCodeForm(forms.Form):
    """The code that was given with a suggestion or complaint."""

    code = forms.CharField(
        label=gettext_lazy("查询码"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("请填查询码。")},
    )
