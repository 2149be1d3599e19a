"""推选楼栋长 for residents: signed in with their phone they say whom their household wants (S3-17)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.residents import resident_of
from governance.kernel.errors import DomainError, NotFound
from governance.kernel.idempotency import once
from governance.kernel.keyed import KeyedForm
from grids.households.models import Household
from grids.households.presentation.places import place_words
from grids.posts.actions.nominations import cast_vote
from grids.posts.models import NominationRound
from grids.posts.nominations import households_behind, name_of, open_rounds_for, voted_in, votes_of
from requests_intake.views.resident_login import sign_in_page


@sign_in_page
@require_safe
def votes(request: HttpRequest) -> HttpResponse:
    """The rounds in which the own household may vote now."""
    resident = resident_of(request)
    if resident is None:
        return redirect("resident:login")
    found = open_rounds_for(resident.phone)
    voted = voted_in(found, resident.phone) if found else set()
    rows = [
        {
            "name": name_of(row), "until": row.confirm_by, "has_voted": row.pk in voted,
            "url": reverse("resident:vote", args=[row.pk]),
        }
        for row in found
    ]  # fmt: skip
    return render(request, "resident/votes.html", {"back_url": reverse("resident:home"), "rows": rows})


class VoteForm(KeyedForm):
    household = forms.TypedChoiceField(
        label=gettext_lazy("哪一户"), coerce=int, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选是哪一户。")),
    )  # fmt: skip
    candidate = forms.TypedChoiceField(
        label=gettext_lazy("您家选谁"), coerce=int, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选一位。")),
    )  # fmt: skip

    def __init__(self, *args: Any, round_: NominationRound, homes: list[Household], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.fields["candidate"].choices = [  # type: ignore[attr-defined]
            (row.pk, f"{row.name}·{row.says}" if row.says else row.name) for row in round_.candidates.order_by("pk")
        ]
        self.only = homes[0].pk if len(homes) == 1 else 0
        if self.only:
            del self.fields["household"]
        else:
            self.fields["household"].choices = [(home.pk, place_words(home)) for home in homes]  # type: ignore[attr-defined]

    def household_id(self) -> int:
        return int(self.cleaned_data.get("household") or self.only)


@sign_in_page
@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest, pk: int) -> HttpResponse:
    """One vote a household; who votes again replaces it, and may do so until the last day."""
    resident = resident_of(request)
    if resident is None:
        return redirect("resident:login")
    row = next((each for each in open_rounds_for(resident.phone) if each.pk == pk), None)
    if row is None:
        raise NotFound("no_round", _("没有这次推选，或者您家不在它的范围里。"))
    homes = households_behind(row, resident.phone)
    chosen = dict(votes_of(row).filter(household__in=homes).values_list("household_id", "candidate_id"))
    first = chosen.get(homes[0].pk) if homes else None
    form = VoteForm(request.POST or None, round_=row, homes=homes, initial={"candidate": first})
    status = 200
    if request.method == "POST" and form.is_valid():

        def act() -> dict[str, Any]:
            said = form.cleaned_data["candidate"]
            return {"vote": cast_vote(row, said, phone=resident.phone, household_id=form.household_id()).pk}

        body = {"path": request.path, "said": [form.cleaned_data["candidate"], form.household_id()]}
        try:
            once(principal=f"resident:{resident.pk}", key=form.cleaned_data["idempotency_key"], body=body, act=act)
        except DomainError as error:
            if error.status in (403, 404):
                raise
            form.refused(error)
        else:
            day = _("{month}月{day}日").format(month=row.confirm_by.month, day=row.confirm_by.day)
            messages.success(request, _("记下了。改主意的，{day}以前再投一次。").format(day=day))
            return redirect("resident:votes")
    if form.is_bound:
        status = 422
    context = {
        "back_url": reverse("resident:votes"), "name": name_of(row), "until": row.confirm_by, "form": form,
        "place": place_words(homes[0]) if len(homes) == 1 else "", "has_voted": first is not None,
    }  # fmt: skip
    return render(request, "resident/vote.html", context, status=status)
