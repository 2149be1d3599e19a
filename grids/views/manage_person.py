"""Correcting a person's name and phone, for the district's administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from governance.accounts.actions.change_staff import NAME_LENGTH, change_staff
from governance.accounts.models import Membership, Staff
from governance.kernel.masking import refuse_masked
from governance.kernel.templatetags.ui import masked_phone
from grids.views.manage_acts import ActForm, act_page, actor_of_page, administrator_required


class PersonForm(ActForm):
    """The number itself is never sent to the page: an empty field keeps it."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=NAME_LENGTH, validators=[refuse_masked])
    phone = forms.CharField(
        label=gettext_lazy("新的手机号码"), max_length=20, required=False, validators=[refuse_masked],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    drop_phone = forms.BooleanField(label=gettext_lazy("去掉现在的号码"), required=False)

    def __init__(self, *args: Any, known: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            self.fields["phone"].help_text = _("现在是 {phone}，不改就空着。").format(phone=masked_phone(known))
        else:
            self.fields["phone"].help_text = _("现在没有填。")
            del self.fields["drop_phone"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("drop_phone") and data.get("phone"):
            self.add_error("phone", _("填了新号码，就不要再勾“去掉现在的号码”。"))
        return data

    def wanted_phone(self) -> str | None:
        """None keeps what there is."""
        said: str = self.cleaned_data["phone"].strip()
        return said or ("" if self.cleaned_data.get("drop_phone") else None)


@never_cache
@administrator_required
@sensitive_post_parameters("name", "phone")
@require_http_methods(["GET", "HEAD", "POST"])
def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    members = Membership.objects.select_related("user").filter(kind=Membership.Kind.STAFF)
    member: Membership = get_object_or_404(members, pk=pk)
    staff = Staff.objects.filter(membership=member).first()
    form = PersonForm(
        request.POST or None, known=staff.phone if staff else "", initial={"name": staff.name if staff else ""}
    )

    def act() -> dict[str, Any]:
        change_staff(member, name=form.cleaned_data["name"], phone=form.wanted_phone(), actor=actor_of_page(request))
        return {"id": pk}

    return act_page(
        request, form, act, title=_("修改姓名和电话"), verb=_("保存"), back=reverse("manage:person", args=[pk]),
        what=_("账号 {handle} 不变，岗位和登录不受影响。电话加密保存。").format(handle=member.user.handle),
        done=_("改好了。"),
    )  # fmt: skip
