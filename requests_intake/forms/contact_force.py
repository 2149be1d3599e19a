"""联系: a resident writes to somebody of the neighbourhood's forces; it becomes a matter of its grid (S2-20b)."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.masking import refuse_masked
from grids.posts.models import Force
from grids.reference import AreaRef
from requests_intake.actions.submit import Report
from requests_intake.forms.report import KeyedForm
from requests_intake.models import RequestType

LENGTH = 500


class ContactForm(KeyedForm):
    content = forms.CharField(
        label=gettext_lazy("想说什么"), max_length=LENGTH, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("请写一句话。")},
    )  # fmt: skip
    phone = forms.CharField(
        label=gettext_lazy("您的手机号"), required=False, max_length=20, validators=[refuse_masked],
        help_text=gettext_lazy("留了好回您；不留就凭编号和查询码看答复。"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip

    def report(self, force: Force, grid: AreaRef) -> Report:
        who = f"{force.role}{force.name}"
        return Report(
            content=_("请转告{who}：{words}").format(who=who, words=self.cleaned_data["content"].strip()),
            request_type=RequestType.CONSULT,
            address=grid.name,
            community_id=grid.community_id,
            phone=self.cleaned_data["phone"],
        )
