"""我的联系党员 (S4-07): who is the contact of the own household, and a word to them, passed on by the grid's staff."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from governance.accounts.residents import resident_of
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once
from governance.kernel.keyed import KeyedForm
from governance.kernel.templatetags.ui import local_time
from grids.households.presentation.places import door_words
from grids.visits.actions.contacts import WORDS, write_to_member
from grids.visits.contacts import links_of_phone
from grids.visits.models import ContactMessage
from requests_intake.views.resident_login import sign_in_page

SHOWN = 20


class WordForm(KeyedForm):
    link = forms.IntegerField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=gettext_lazy("留句话"), max_length=WORDS, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("请写一句话。")},
    )  # fmt: skip


@sign_in_page
@sensitive_post_parameters("words")
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Public names alone. The household is found by the number somebody signed in with."""
    resident = resident_of(request)
    if resident is None:
        return redirect("resident:login")
    links = list(links_of_phone(resident.phone))
    form = WordForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        link = next((row for row in links if row.pk == form.cleaned_data["link"]), None)
        if link is None:
            form.add_error(None, _("这位联系人换了，请刷新页面。"))
        else:
            words = form.cleaned_data["words"]
            try:
                once(
                    principal=f"resident:{resident.pk}", key=form.cleaned_data["idempotency_key"],
                    body={"link": link.pk, "words": words},
                    act=lambda: {"message": write_to_member(link, words).pk},
                )  # fmt: skip
            except DomainError as error:
                form.refused(error)
            else:
                messages.success(request, _("留下了，网格员会转给他"))
                return redirect("resident:my_contact")
    context = {
        "back_url": reverse("resident:home"),
        "cards": [_card(row, form) for row in links],
        "said": _said([row.pk for row in links]),
        "form": form,
    }
    status = 422 if form is not None else 200
    return render(request, "resident/my_contact.html", context, status=status)


def _card(row: Any, form: WordForm | None) -> dict[str, Any]:
    is_it = form is not None and str(form["link"].value()) == str(row.pk)
    return {
        "name": row.member.public_name,
        "home": f"{row.household.building.name}{door_words(row.household)}",
        "since": row.since,
        "form": form if is_it else WordForm(initial={"link": row.pk}, auto_id=f"id_{row.pk}_%s"),
    }


def _said(link_ids: list[int]) -> list[dict[str, Any]]:
    rows = ContactMessage.objects.filter(link_id__in=link_ids, erased_at=None).select_related("link__member")
    return [
        {
            "at": local_time(row.at), "is_own": row.from_household, "who": row.link.member.public_name,
            "words": row.words, "is_passed": row.passed_at is not None, "reply": row.reply,
        }
        for row in rows.order_by("-at", "-pk")[:SHOWN]
    ]  # fmt: skip
