"""In which ways one wants to be reached beside the inbox."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.accounts.actions.notifications import set_preference
from governance.accounts.guards import member_required
from governance.accounts.models import NotificationPreference, Staff
from governance.accounts.notifications.preferences import rules_of_district
from governance.kernel.actors import Actor
from governance.kernel.keyed import KeyedForm, act_once
from governance.kernel.masking import refuse_masked
from governance.kernel.templatetags.ui import masked_phone


class PreferenceForm(KeyedForm):
    by_sms = forms.BooleanField(label=gettext_lazy("短信提醒我"), required=False)
    by_email = forms.BooleanField(label=gettext_lazy("邮件提醒我"), required=False)
    email = forms.CharField(
        label=gettext_lazy("邮箱"), max_length=120, required=False, validators=[refuse_masked],
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=gettext_lazy("只用来发提醒，加密保存，同事看不到。"),
    )  # fmt: skip


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def preferences(request: HttpRequest) -> HttpResponse:
    """One's own wishes; ways the district has not opened are not offered."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    rules = rules_of_district()
    row = NotificationPreference.objects.filter(membership_id=actor.membership_id).first()
    initial = {"by_sms": row.by_sms, "by_email": row.by_email, "email": row.email} if row else {}
    form = PreferenceForm(request.POST if request.method == "POST" else None, initial=initial)
    staff = Staff.objects.filter(membership_id=actor.membership_id).first()
    if not rules.sms_to_staff:
        del form.fields["by_sms"]
    elif staff and staff.phone:
        form.fields["by_sms"].help_text = _("发到 {phone}。").format(phone=masked_phone(staff.phone))
    if not rules.email_to_staff:
        del form.fields["by_email"], form.fields["email"]

    def act() -> None:
        # What is not offered now stays as it was.
        said = {"by_sms": False, "by_email": False, "email": "", **initial, **form.cleaned_data}
        set_preference(email=said["email"], by_email=said["by_email"], by_sms=said["by_sms"], actor=actor)

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("记下了，从下一条消息起按新的来。"))
        return redirect("accounts:account")
    district = request.district  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "form": form,
        "is_open": rules.sms_to_staff or rules.email_to_staff,
        "a_day": rules.pushes_a_day,
        "times": "、".join(f"{each:%H:%M}" for each in rules.digest_times),
        "back": reverse("accounts:account"),
        "shell": {"place": district.name},
    }
    return render(request, "accounts/notifications.html", context, status=422 if form.is_bound else 200)
