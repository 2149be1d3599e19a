"""Forms of people's data. What they say is judged by the actions."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.kernel.masking import refuse_masked
from governance.privacy.actions.disclose import GRANT_REASON_LENGTH, WORDS_LENGTH
from governance.privacy.actions.person_requests import NAME_LENGTH
from governance.privacy.actions.person_requests import WORDS_LENGTH as REQUEST_WORDS_LENGTH
from governance.privacy.actions.retention import NOTE_LENGTH, REASON_LENGTH
from governance.privacy.models import Disclosure, PersonRequest
from grids.views.manage_acts import ActForm

_ROWS = {"rows": 3}
_TEL = {"type": "tel", "inputmode": "tel", "autocomplete": "off"}
_CHOOSE = {"required": _("请选一项。"), "invalid_choice": _("请选一项。")}


class RequestForm(ActForm):
    """A request that staff record for the person before them."""

    wish = forms.ChoiceField(
        label=_("要办什么"),
        choices=PersonRequest.Wish.choices,
        widget=forms.RadioSelect,
        error_messages=_CHOOSE,
    )
    proof = forms.ChoiceField(
        label=_("怎样核对的身份"),
        choices=[(value, label) for value, label in PersonRequest.Proof.choices if value != PersonRequest.Proof.TICKET],
        widget=forms.RadioSelect,
        error_messages=_CHOOSE,
        help_text=_("看过证件就行，不登记证件号码，不留复印件。"),
    )
    phone = forms.CharField(
        label=_("手机号"), max_length=30, validators=[refuse_masked], widget=forms.TextInput(attrs=_TEL)
    )
    name = forms.CharField(label=_("称呼"), required=False, max_length=NAME_LENGTH, validators=[refuse_masked])
    words = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=REQUEST_WORDS_LENGTH,
        widget=forms.Textarea(attrs=_ROWS),
        help_text=_("要更正的，写明哪里不对、应该是什么。"),
    )


class OwnRequestForm(ActForm):
    """A request on the number of a ticket that this browser has proved."""

    ticket = forms.ChoiceField(label=_("用哪件诉求证明是您"), error_messages=_CHOOSE)
    wish = forms.ChoiceField(
        label=_("要办什么"),
        choices=PersonRequest.Wish.choices,
        widget=forms.RadioSelect,
        error_messages=_CHOOSE,
    )
    words = forms.CharField(
        label=_("想说明的"),
        required=False,
        max_length=REQUEST_WORDS_LENGTH,
        widget=forms.Textarea(attrs=_ROWS),
        help_text=_("要更正的，写明哪里不对、应该是什么。"),
    )


class CorrectionForm(ActForm):
    new_name = forms.CharField(
        label=_("正确的称呼"), required=False, max_length=NAME_LENGTH, validators=[refuse_masked]
    )
    new_phone = forms.CharField(
        label=_("正确的手机号"),
        required=False,
        max_length=30,
        validators=[refuse_masked],
        widget=forms.TextInput(attrs=_TEL),
        help_text=_("空着的不改。号码会用在这个人的每一件诉求上。"),
    )
    answer = forms.CharField(label=_("答复申请人"), max_length=REQUEST_WORDS_LENGTH, widget=forms.Textarea(attrs=_ROWS))


class ErasureForm(ActForm):
    confirmed = forms.BooleanField(
        label=_("已核对身份，知道删除以后不能恢复"), error_messages={"required": _("请确认：删除以后不能恢复。")}
    )


class RefusalForm(ActForm):
    answer = forms.CharField(
        label=_("理由，申请人会看到"), max_length=REQUEST_WORDS_LENGTH, widget=forms.Textarea(attrs=_ROWS)
    )


class RevealForm(ActForm):
    """Why somebody wants to see a masked value."""

    reason = forms.ChoiceField(
        label=_("为什么要看"),
        choices=[
            (reason.value, reason.label)
            for reason in (Disclosure.Reason.ANSWER, Disclosure.Reason.EMERGENCY, Disclosure.Reason.OTHER)
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择原因。"), "invalid_choice": _("请选择原因。")},
    )
    words = forms.CharField(
        label=_("补充说明"), required=False, max_length=WORDS_LENGTH, help_text=_("选“其他原因”时要写。")
    )


class AllowanceForm(ActForm):
    cap = forms.IntegerField(label=_("今天最多看几次"), min_value=1, error_messages={"required": _("请填一个数。")})
    reason = forms.CharField(label=_("为什么放宽"), max_length=GRANT_REASON_LENGTH)


class TermForm(ActForm):
    months = forms.IntegerField(label=_("保存几个月"), min_value=0, error_messages={"required": _("请填几个月。")})
    note = forms.CharField(label=_("为什么改"), max_length=NOTE_LENGTH)


class HoldForm(ActForm):
    number = forms.CharField(label=_("诉求编号"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    reason = forms.CharField(
        label=_("冻结原因"), max_length=REASON_LENGTH, help_text=_("比如行政复议、诉讼、纪检或公安调查，写明文号。")
    )


class LiftForm(ActForm):
    reason = forms.CharField(label=_("解除原因"), max_length=REASON_LENGTH)
